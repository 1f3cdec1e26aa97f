"""From a messy file to typed rows: nothing lost, nothing guessed, and a sentence for everything refused."""
