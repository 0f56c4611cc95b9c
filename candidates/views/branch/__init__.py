"""The administrator's pages."""

from collections.abc import Callable
from typing import Any

from candidates.models import Dossier, Interview, Session
from cqp.models import User

# What the upper apps show on a session's board, in the order in which they are added. An app appends, in
# AppConfig.ready, a function of (session, user) that returns the name of a template and its context; the board includes
# the template with that context under the name `panel`, the session under `session`. A fixed number of queries each.
PANELS: list[Callable[[Session, User], tuple[str, dict[str, Any]]]] = []

# The same on the page of an interview, with the interview under `interview`.
INTERVIEW_PANELS: list[Callable[[Interview, User], tuple[str, dict[str, Any]]]] = []

# What an upper app has to say before a dossier goes back to its candidate: a function of the dossier that returns sentences.
RETURN_WARNINGS: list[Callable[[Dossier], list[str]]] = []
