"""What leaves as PDF: a report's page drawn for paper (`report`), its pictures (`picture`), its table (`table`), the type (`type`)."""
