"""Taking in what a company already has: files become rows, rows become records.

The half that knows no database reads a file (`reading`), turns cells into values (`values`, `dates`), and does both after a
layout (`layouts`, `rows`), a small text file that maps columns to the fields of a kind of record (`fields`, `headers`).
Whatever can't be taken is a sentence: `problems` for a whole file or layout, `faults` for a row.
"""
