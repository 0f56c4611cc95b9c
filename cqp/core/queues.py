"""The queues of the worker, so that what waits in one keeps none of the others: each may have a process of its own.

The plain queue, `default`, has the rest: plans, imports, exports; and what was queued before there were several.
"""

MAILS = "mails"
DOCUMENTS = "documents"
FILES = "files"
