"""The rules of the business, pure: values in, values out; no session, no clock, no language. Today is a parameter."""
