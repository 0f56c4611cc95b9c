from django.db.backends.postgresql import base

from cqp.evidence.engines import BindingMixin


class DatabaseWrapper(BindingMixin, base.DatabaseWrapper):
    """PostgreSQL, with rows that are bound."""
