"""The worker of django-tasks-db, which serves all queues unless told otherwise: none is to be forgotten."""

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as Worker


class Command(Worker):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(queue_name="*")
