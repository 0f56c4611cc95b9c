"""Whose is it? Every model says how it reaches its branch; this is the only place that reads it."""

from typing import Any, Self

from django.db.models import Q, QuerySet


def administered_by(model: Any, user: Any) -> Q:
    """Return the condition under which a row of `model` belongs to a branch that `user` administers.

    `model.branch_path` is the lookup from the model to its Branch ("" for Branch itself). A subquery, not a join: the
    condition can be combined with others without repeating rows.
    """
    return Q(**{f"{model.branch_path or 'pk'}__in": user.administered_branches.all()})


class ScopedQuerySet(QuerySet):
    """A queryset that knows which rows an administrator answers for."""

    def administered_by(self, user: Any) -> Self:
        return self.filter(administered_by(self.model, user))
