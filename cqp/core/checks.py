"""What `manage.py check` finds wrong in the declarations of the packages."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error

from cqp.core.registry import LOADED, REGISTRIES


def check_declarations(**kwargs: Any) -> list[CheckMessage]:
    """Each declaration is made once; every extension point is answered; every `declarations.py` was read."""
    doubles = [
        Error(f"{registry.name}: {key} is declared twice.", id="cqp.E010")
        for registry in REGISTRIES.values()
        for key in registry.doubles
    ]
    unanswered = [
        Error(f"{registry.name}: nothing is declared.", id="cqp.E011")
        for registry in REGISTRIES.values()
        if not registry.entries
    ]
    return [*doubles, *unanswered, *_unread()]


def _unread() -> list[CheckMessage]:
    written = {
        ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
        for file in Path(config.path).rglob("declarations.py")
    }
    return [Error(f"{name} is not read: its place is a package of an app.", id="cqp.E012") for name in written - LOADED]
