"""What the upper packages add to dossiers: a word before one is returned, and other files that a person may read."""

from collections.abc import Callable

from django.db.models import QuerySet

from candidates.models import Dossier
from cqp.core.registry import Registry
from cqp.models import StoredFile, User

# What is to be said before a dossier goes back to its candidate: a function of the dossier that returns sentences.
return_warnings: Registry[Callable[[Dossier], list[str]]] = Registry("candidates.dossiers.hooks.return_warnings")
# Where files are, each as those whose original a person may take out.
readable_files: Registry[Callable[[User], QuerySet[StoredFile]]] = Registry("candidates.dossiers.hooks.readable_files")
