"""One module a page: what is seen, as functions of what is known. What happens stands in the callbacks of the same name."""
