"""Official documents: number and content frozen in a short transaction, bytes made once by a task."""

import datetime as dt
import hashlib
import re
import secrets
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone

from cqp.core import queues
from cqp.core.task_retries import to_requeue
from cqp.documents.rendering import render_pdf
from cqp.documents.seals import seal
from cqp.models import Counter, Document
from cqp.models.documents import kinds

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 12


REFERENCE = re.compile(r"([a-z]+)-(\d{4})-(\d{1,9})", re.IGNORECASE)


def with_reference(text: str, *, path: str = "") -> Q:
    """Return the condition that finds the document of a number as printed (`CQP-2026-00012`); nothing for another text.

    `path` leads to the document: `document__`.
    """
    match = REFERENCE.fullmatch(text)
    names = [kind.name for kind in kinds if match and kind.prefix == match[1].upper()]
    if not match or not names:
        return Q(pk__in=[])
    fields = {"kind__in": names, "year": int(match[2]), "number": int(match[3])}
    return Q(**{f"{path}{name}": value for name, value in fields.items()})


def issue(
    kind: str,
    *,
    branch: Any,
    context: dict[str, Any],
    title: str = "",
    supersedes: Document | None = None,
    holder: str = "",
) -> Document:
    """Take the next number of (branch, kind, year), freeze `context` and ask the worker for the bytes.

    `context` is JSON: texts and numbers only, so that rendering years later reads nothing else. Must run in the
    transaction of what it certifies; the counter's row is locked until its end, so that numbers have no gap. `holder`: of
    this key, one document of the kind is in force; raises IntegrityError where another is that `supersedes` does not name.
    """
    with transaction.atomic():
        year = timezone.localdate().year
        Counter.objects.get_or_create(branch=branch, kind=kind, year=year)
        counter = Counter.objects.select_for_update().get(branch=branch, kind=kind, year=year)
        counter.last += 1
        counter.save(update_fields=["last"])
        if supersedes:
            supersedes.superseded_at = timezone.now()
            supersedes.save(update_fields=["superseded_at"])
        document = Document.objects.create(
            branch=branch,
            kind=kind,
            year=year,
            number=counter.last,
            title=title or kinds.for_key(kind).title,
            context=context,
            code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
            supersedes=supersedes,
            holder=holder,
        )
        render_document.enqueue(document.pk)
    return document


def document_html(document: Document) -> str:
    """Return the page of a document, made from what was frozen at issue and nothing else."""
    context = {**document.context, "document": document, "title": document.title, "reference": document.reference}
    return render_to_string(f"pdf/{kinds.for_key(document.kind).template}", context)


@task(queue_name=queues.DOCUMENTS)
def render_document(pk: int) -> None:
    """Make a document's bytes. Idempotent: a second run finds them and does nothing."""
    document = Document.objects.select_related("branch").get(pk=pk)
    if document.sha256 or document.erased_at:
        return
    content, fingerprint = seal(
        render_pdf(document_html(document)), branch_id=document.branch_id, branch_name=document.branch.name
    )
    sha256 = hashlib.sha256(content).hexdigest()
    Document.objects.filter(pk=pk, sha256="").update(bytes=content, sha256=sha256, seal=fingerprint)


def render_missing() -> int:
    """Ask again for the bytes of the documents that have none, and return how many. Must run in a transaction.

    A document waits when its branch's key cannot be read: once the key is mended, it is made within the hour.
    """
    waiting = Document.objects.filter(sha256="", erased_at=None).order_by("pk").values_list("pk", flat=True)
    missing = to_requeue(render_document, waiting, forget=dt.timedelta(hours=1))
    for pk in missing:
        render_document.enqueue(pk)
    return len(missing)
