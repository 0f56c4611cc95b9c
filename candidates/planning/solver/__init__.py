"""Planning interviews: a problem in whole minutes, a plan, what clashes in it, why there may be none.

No database here.
"""
