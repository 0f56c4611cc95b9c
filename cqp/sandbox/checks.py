"""What `manage.py check --deploy` says of the boxes of this machine."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

from cqp.sandbox import walls


def check_walls(**kwargs: Any) -> list[CheckMessage]:
    if settings.BOX_WITHOUT_WALLS or walls.bubblewrap():
        return []
    return [
        Warning(
            "Bubblewrap does not work here: received files are worked on under limits, without walls.",
            hint="Install bubblewrap and allow user namespaces, or say BOX_WITHOUT_WALLS=true where something else confines "
            "the site.",
            id="cqp.W020",
        )
    ]
