"""The reports computed a second time: plain Python over the operational rows, from the words of the definitions alone.

Nothing here reads the warehouse, its SQL or the rules that it was built by. It is slow and says each thing as straightforwardly as it
can be said; where it and a report differ, one of the two is wrong.
"""
