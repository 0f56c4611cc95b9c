"""Extension points: what a package asks of others, declared by those that answer.

The package that asks has a `hooks.py` with its registries; the one that answers has a `declarations.py`, which
`discover_declarations` imports at start. Nobody else imports it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from django.apps import apps
from django.conf import settings

REGISTRIES: dict[str, "Registry"] = {}
LOADED: set[str] = set()


@dataclass(frozen=True)
class Entry[T]:
    order: int
    key: str
    item: T


class Registry[T]:
    """What was declared at one extension point, by order, then as it came. `name` is the place of its variable."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: list[Entry[T]] = []
        # Keys that were declared twice: the first stays, `manage.py check` refuses the second.
        self.doubles: list[str] = []
        REGISTRIES[name] = self

    def register(self, item: T, *, key: str = "", order: int = 50) -> T:
        """Add an item and return it. A function or a class is its own key, by its full name."""
        key = key or f"{getattr(item, '__module__', '')}.{getattr(item, '__qualname__', repr(item))}"
        if key in self.keys():
            self.doubles.append(key)
        else:
            self.entries.append(Entry(order, key, item))
            self.entries.sort(key=lambda entry: entry.order)
        return item

    def __iter__(self) -> Iterator[T]:
        return iter([entry.item for entry in self.entries])

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries]

    def for_key(self, key: str) -> T:
        """Return an item. Raises KeyError for a key that nobody declared."""
        for entry in self.entries:
            if entry.key == key:
                return entry.item
        raise KeyError(f"{self.name}: {key}")


def declaration_modules() -> list[str]:
    """Return the names of every `declarations.py` of the project's apps, in the order of INSTALLED_APPS, then by name."""
    return [
        f"{config.name}.{package.name}.declarations"
        for config in apps.get_app_configs()
        if Path(config.path).parent == settings.BASE_DIR
        for package in sorted(iter_modules([config.path]), key=lambda module: module.name)
        if package.ispkg and (Path(config.path) / package.name / "declarations.py").exists()
    ]


def discover_declarations() -> None:
    """Import what the packages declare. Called once, when the apps are ready."""
    for name in declaration_modules():
        import_module(name)
        LOADED.add(name)
