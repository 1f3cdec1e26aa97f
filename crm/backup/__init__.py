"""Backups: a consistent copy of everything that is not derived, brought back, and proved.

A backup is a folder: the database (SQLite's own online copy, or every table of one PostgreSQL snapshot), the uploaded files, the secret
key, and `backup.json`, which says how many rows each table has, what each column of money sums to, and the digest of every file. It is
taken while people work, holds what was committed when it began, and gets its name only once it is whole. The warehouse is not in it:
it is made anew.
"""
