"""Saleslens in the browser: pages, callbacks, components, and the queries behind the reports."""
