"""The kit that every page is built from. A component is created empty and filled later; none of them knows a report or a record."""
