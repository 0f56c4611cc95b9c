"""Django's own databases, with one thing more: before a transaction ends, the evident rows that it wrote are bound.

Django has no signal before a commit; a backend of one's own is the documented place (Django's docs, "Subclassing the
built-in database backends"). Only `commit` and `savepoint_commit` are overridden, both public. What is written outside any
transaction gets one.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.apps import apps
from django.db import transaction

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper as Wrapper
else:
    Wrapper = object


class BindingMixin(Wrapper):
    """Binds what a transaction wrote when its outermost block ends, in the same transaction.

    `binding_floor`: where a test runs inside a transaction that never ends, the number of savepoints around it; a block
    that ends there is then an outermost one. None otherwise.
    """

    binding_floor: int | None = None
    WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What SQLite's triggers write beside a mark, so that marks of other programs are known (see `marks`).
        self.binding_token = uuid4().hex
        self.execute_wrappers.append(self._write_in_transaction)

    def commit(self) -> None:
        try:
            self._bind()
        except BaseException:
            # Nobody else would: Django expects an error of the database here, and only from the commit itself.
            self.rollback()
            raise
        super().commit()

    def savepoint_commit(self, sid: str) -> None:
        if self.binding_floor is not None and len(self.savepoint_ids) == self.binding_floor:
            self._bind()
        super().savepoint_commit(sid)

    def _bind(self) -> None:
        if apps.ready:
            from cqp.evidence.binding import bind_written_rows

            bind_written_rows(self)

    def _write_in_transaction(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not self.autocommit or not apps.ready or not (write := self.WRITE.match(sql)):
            return execute(sql, params, many, context)
        from cqp.evidence.binding import is_evident

        if not is_evident(write[1]):
            return execute(sql, params, many, context)
        with transaction.atomic(using=self.alias):
            result = execute(sql, params, many, context)
            self._fetch_returned(context["cursor"])
            return result

    def _fetch_returned(self, cursor: Any) -> None:
        """Fetch what a statement returned before it is committed, where the database asks for it."""
