"""A spreadsheet of criteria: kept, read back row by row, then made into a draft, whole or not at all."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cqp.models import User
from cqp.spreadsheets.columns import Reading, Row, check_rows, read_sent
from cqp.spreadsheets.reading import SpreadsheetRefused
from referentiel.branches.permissions import administers_branch
from referentiel.drafts.content import BlocContent
from referentiel.drafts.criteria_columns import COLUMNS, blocs_of
from referentiel.drafts.services import create_draft, latest_sealed
from referentiel.models import Branch, CriteriaSpreadsheet, Referentiel

KEPT_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class CriteriaRun:
    """What a spreadsheet of criteria would become, and what is wrong in its rows."""

    reading: Reading
    rows: list[Row]
    blocs: list[BlocContent]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if row.errors]


def keep_spreadsheet(
    *, branch: Branch, code: str, version: str, title: str, name: str, content: bytes, by: User
) -> CriteriaSpreadsheet:
    """Keep a file that can be read as a table; forget those of a month ago. Raises ValidationError, PermissionError."""
    _check(branch, by)
    if Referentiel.objects.filter(branch=branch, code=code, version=version).exists():
        raise ValidationError({"version": f"La branche a déjà une version {version} de {code} : écrivez-en une autre."})
    try:
        check_rows(content, COLUMNS)
    except SpreadsheetRefused as bad:
        raise ValidationError({"file": bad.message}) from bad
    CriteriaSpreadsheet.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return CriteriaSpreadsheet.objects.create(
        branch=branch, code=code, version=version, title=title, name=name[:200], content=content, created_by=by
    )


def read_criteria(sent: CriteriaSpreadsheet) -> CriteriaRun:
    reading = read_sent(sent, list(COLUMNS))
    rows = reading.rows()
    return CriteriaRun(reading, rows, blocs_of(rows))


def set_criteria_columns(
    *, sent: CriteriaSpreadsheet, mapping: Mapping[str, int] | None, sheet: str, header: int, by: User
) -> None:
    _check(sent.branch, by)
    CriteriaSpreadsheet.objects.filter(pk=sent.pk).update(mapping=mapping, sheet=sheet, header=header)


def make_draft(*, sent: CriteriaSpreadsheet, by: User) -> Referentiel:
    """Make the draft that the spreadsheet describes; the file is then forgotten. Raises ValidationError."""
    _check(sent.branch, by)
    run = read_criteria(sent)
    if run.refused or run.reading.missing or not run.blocs:
        raise ValidationError("Corrigez d'abord le tableau : un référentiel n'est pas créé à moitié.")
    with transaction.atomic():
        draft = create_draft(
            branch=sent.branch,
            code=sent.code,
            version=sent.version,
            title=sent.title,
            by=by,
            based_on=latest_sealed(sent.branch, sent.code),
            blocs=run.blocs,
        )
        sent.delete()
    return draft


def _check(branch: Branch, by: User) -> None:
    if not administers_branch(by, branch.pk):
        raise PermissionError("Only an administrator of the branch writes its référentiels.")
