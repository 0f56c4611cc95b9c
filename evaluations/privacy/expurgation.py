"""What names several people stays for the others when one of them is erased.

A procès-verbal and a register are emptied, as any document that names the person; a copy without their line, which says so,
takes their place. The lines of all whose period is over go at once, so that ten erasures of one night make one copy.
"""

import copy
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from candidates.models import Candidate
from candidates.privacy.erasure_context import SOMEBODY, Erasing
from candidates.privacy.retention import due_on, retention_months
from cqp.documents import services as official
from cqp.evidence import journal
from cqp.models import Document
from evaluations.documents.context import Context, day_text, identity
from evaluations.documents.kinds import MINUTES, REGISTER
from evaluations.models import SessionDocument

# Where the lines are, by kind.
LINES = {MINUTES.name: "candidates", REGISTER.name: "holders"}
# Of a decision, what says nothing of the person but what was decided.
OF_DECISION = ("outcome", "label", "departs", "on")


@dataclass(frozen=True)
class Expurgated:
    """What a copy will say. `old`: the document, before it is emptied; `title`: that of the copy."""

    old: Document
    title: str
    context: Context
    session_document: SessionDocument | None


def read_expurgated(work: Erasing, document: Document) -> Expurgated | None:
    """Return what the copy of a document says without those whose period is over.

    None where nobody else is named, or where it was replaced already. Nor for one of before December 2026 whose lines
    cannot be told apart: its people changed their names since.
    """
    if hasattr(document, "superseded_by") or document.kind not in LINES:
        return None
    link = SessionDocument.objects.filter(document=document).select_related("session").first()
    context, name = copy.deepcopy(document.context), LINES[document.kind]
    keys = [line.get("candidate") for line in context[name]]
    if link and None in keys:
        keys = _recognise(context[name], link)
    if None in keys:
        return None
    gone = _list_over(work, {key for key in keys if key is not None})
    lines = [_redact(line) if key in gone else line for line, key in zip(context[name], keys, strict=True)]
    if all(key in gone or is_redacted(line) for line, key in zip(lines, keys, strict=True)):
        return None
    context[name] = lines
    return Expurgated(document, document.title, context, link)


def names(document: Document, candidate: int) -> bool:
    """Whether a document names a candidate. One of before December 2026 does not say whom: it is taken to."""
    lines = document.context.get(LINES[document.kind], [])
    return any(line.get("candidate", candidate) == candidate and not is_redacted(line) for line in lines)


def is_redacted(line: Context) -> bool:
    return SOMEBODY in (line.get("civil_name"), line.get("name"))


def _recognise(lines: list[Context], link: SessionDocument) -> list[int | None]:
    """Return whose each line is, by the name and the birth that it says; None where that is not one person."""
    keys: dict[tuple[str, str], list[int]] = {}
    for candidate in Candidate.objects.filter(enrolments__session=link.session_id):
        said = identity(candidate)
        keys.setdefault((said["civil_name"], said["birth"]), []).append(candidate.pk)
    alike = [keys.get((line.get("civil_name", ""), line.get("birth", "")), []) for line in lines]
    return [pks[0] if len(pks) == 1 else None for pks in alike]


def _list_over(work: Erasing, keys: Collection[int]) -> set[int]:
    months, today = retention_months(work.candidate.branch), timezone.localdate()
    people = Candidate.objects.filter(pk__in=keys, erased_at=None).prefetch_related("enrolments__session")
    over = {person.pk for person in people if (day := due_on(person, months)) and day <= today}
    return over | {work.candidate.pk}


def _redact(line: Context) -> Context:
    """Return a line without what says who it is about: what was decided stays, for the totals."""
    empty: dict[type, Any] = {str: "", list: [], bool: False}
    redacted = {name: empty.get(type(value), value) for name, value in line.items()}
    redacted |= {name: SOMEBODY for name in ("name", "civil_name") if name in line}
    redacted |= {name: line[name] for name in ("completed", "outcome", "title") if name in line}
    if "blocs" in line:
        redacted["blocs"] = [
            bloc | {"decision": {name: bloc["decision"][name] for name in OF_DECISION if name in bloc["decision"]}}
            for bloc in line["blocs"]
        ]
    return redacted


def issue_expurgated(work: Erasing, copies: Collection[Expurgated]) -> None:
    """Issue the copies, once what they were copied from is empty."""
    for made in copies:
        old, link = made.old, made.session_document
        zone = link.session.zone if link else timezone.get_current_timezone()
        context = made.context | {
            "issued_on": day_text(timezone.now().astimezone(zone).date()),
            "supersedes": old.reference,
            "expurgated": {
                "reference": old.reference,
                "issued_on": made.context.get("issued_on", ""),
                "lines": sum(map(is_redacted, made.context[LINES[old.kind]])),
            },
        }
        old.refresh_from_db()
        document = official.issue(old.kind, branch=old.branch, context=context, title=made.title, supersedes=old)
        payload = {"document": document.pk, "reference": document.reference, "expurgated": old.reference}
        if link:
            SessionDocument.objects.create(document=document, session=link.session)
        stream = link.session.stream if link else f"branch:{old.branch_id}"
        journal.record(stream, "document.issued", payload, by=None)
