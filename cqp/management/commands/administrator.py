"""Gives a branch its first administrator; they enter with a code sent by mail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cqp.models import User
from referentiel.models import Branch


class Command(BaseCommand):
    help = "Makes a person an administrator of a branch, creating the account where there is none."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("email")
        parser.add_argument("--branch", default="b2b", help="the branch's code")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")

    def handle(self, *args: Any, email: str, branch: str, first_name: str, last_name: str, **options: Any) -> None:
        try:
            row = Branch.objects.get(code=branch)
        except Branch.DoesNotExist:
            known = ", ".join(Branch.objects.values_list("code", flat=True)) or "none: load a référentiel first"
            raise CommandError(f"No branch has the code {branch!r}. Known: {known}.") from None
        with transaction.atomic():
            user = User.objects.filter(email=email.strip().lower()).first() or User.objects.create_user(
                email, first_name=first_name, last_name=last_name
            )
            row.administrators.add(user)
        self.stdout.write(f"{user.email} administers « {row} ».")
