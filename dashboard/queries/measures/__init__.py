"""Every measure, once: which rows of which relation count, and what each adds. Two reports never disagree about one.

Definitions: docs/glossary.md. The number on a page and the records behind it are two readings of the same two phrases. Rates and
differences are computed from shown measures after aggregation, never averaged. Each subject has its module.
"""
