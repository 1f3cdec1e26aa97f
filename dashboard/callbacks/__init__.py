"""What happens on a page: read what was asked, call the verb or the report, shape the answer. Nothing is decided here."""
