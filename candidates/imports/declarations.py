"""What the imports do every minute."""

from candidates.imports.services import requeue_imports
from cqp.core.hooks import Job, periodic

periodic.register(
    Job(requeue_imports, "{count} import(s) interrompu(s) remis en file.", atomic=True), key="imports", order=30
)
