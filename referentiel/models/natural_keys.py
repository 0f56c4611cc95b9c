"""Natural keys: a fixture names its objects by what they are ("activity 2.1"), not by a number of one database."""

from operator import attrgetter
from typing import Any, ClassVar

from django.db import models


class NaturalKeyManager(models.Manager):
    def get_by_natural_key(self, *key: Any) -> Any:
        """Return the object of this key, in the order of `natural_key_lookups`. Raises DoesNotExist."""
        model: Any = self.model
        return self.get(**dict(zip(model.natural_key_lookups, key, strict=True)))


class NaturalKeyModel(models.Model):
    """A model known by the values of `natural_key_lookups`, which together are unique."""

    natural_key_lookups: ClassVar[tuple[str, ...]]

    objects: Any = NaturalKeyManager()

    class Meta:
        abstract = True

    def natural_key(self) -> tuple[Any, ...]:
        return tuple(attrgetter(lookup.replace("__", "."))(self) for lookup in self.natural_key_lookups)

    @classmethod
    def natural_key_below(cls, parent: str) -> tuple[str, ...]:
        """Return the lookups of this model, seen from a child that names it `parent`."""
        return tuple(f"{parent}__{lookup}" for lookup in cls.natural_key_lookups)
