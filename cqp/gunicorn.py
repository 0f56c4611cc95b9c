"""How the site is served: `gunicorn -c python:cqp.gunicorn cqp.wsgi`. Options of the command line win over these.

A thread waits for each slow phone that is sending a file, and for no other slow client (`cqp.worker`): there are many more
threads than processors, so that an evaluator's touch always finds a free one.
"""

import os

worker_class = "cqp.worker.Worker"
# The worker times what it sends; the system's sendfile would not be timed.
sendfile = False
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 32
