"""The business without a browser: its words, records, rules and verbs, which the pages and the warehouse share."""
