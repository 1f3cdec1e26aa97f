"""`make bench`: the bars of speed, measured on a generated company and written as a table and as JSON lines.

Bars and their limits are those of docs/speed.md. Absolute times hold for one machine on one day; ratios are taken within one run.
"""
