"""The verbs: one function for each thing that a person can do, one file per noun.

A verb takes the session, the actor, the subject, then named facts; it finds its subject within the actor's scope, refuses what the
permission table does not grant, changes, writes history and audit, and returns what it made. It commits nothing: the edge opens
one transaction for one act.
"""
