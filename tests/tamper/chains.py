"""Alterations of the chains themselves, of what they project, of checkpoints and documents, by the database's owner.

Each is a name, what is done, and a part of the sentence that must say so.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from cqp.evidence import chain
from cqp.models import Checkpoint, Document, JournalEntry, JournalStream, RowChain, RowEntry, RowMark
from evaluations.models import CompetenceVerdict, Divergence, Revision, Score

type Act = Callable[[], Any]
UNSIGNED = "la fin de la chaîne n'est pas signée par ce site"
NOTED = "un point de contrôle l'avait notée"


def _entry() -> JournalEntry:
    """An entry in the middle of a journal's chain, with something in its payload."""
    return JournalEntry.objects.filter(seq=2).exclude(payload={}).order_by("stream").first()


def _revision() -> Revision:
    return Revision.objects.filter(seq=2).order_by("sheet").first()


def _update(model: Any, /, **values: Any) -> Any:
    return type(model)._base_manager.filter(pk=model.pk).update(**values)


def _remove(row: Any) -> Any:
    return type(row)._base_manager.filter(pk=row.pk)._raw_delete("default")


def _cut(head: Any, entries: Any, *, left: int = 1) -> None:
    """Take the last entry away, or all but `left`, and move the head back as if they had never been."""
    entries.filter(seq__gt=left)._raw_delete("default")
    last = entries.get(seq=left) if left else None
    _update(head, seq=left, head=last.hash if last else "")


def _rewrite(head: Any, entries: Any, change: Callable[[Any], None]) -> None:
    """Change an entry and compute every hash anew, the head's too."""
    prev = ""
    for entry in entries.order_by("seq"):
        change(entry)
        entry.mac = chain.payload_mac(entry.salt, entry.payload)
        entry.prev, entry.hash = prev, chain.link(prev, entry.chain_ids(), entry.mac)
        prev = entry.hash
        _update(entry, payload=entry.payload, mac=entry.mac, prev=entry.prev, hash=entry.hash)
    _update(head, head=prev)


def _append(head: Any, entry: Any) -> None:
    """Add an entry at the end with everything that can be computed without the site's key."""
    entry.seq, entry.prev, entry.at, entry.salt = head.seq + 1, head.head, timezone.now(), chain.new_salt()
    entry.mac = chain.payload_mac(entry.salt, entry.payload)
    entry.hash = chain.link(entry.prev, entry.chain_ids(), entry.mac)
    type(entry).objects.bulk_create([entry])
    _update(head, seq=entry.seq, head=entry.hash)


def _set_first(entry: Any) -> None:
    if entry.seq == 1:
        entry.payload = {"changed": True}


def list_journal_alterations() -> list[tuple[str, Act, str]]:
    entry, stream = _entry(), _entry().stream
    entries = stream.entries
    added = JournalEntry(stream=stream, verb="decision.made", payload={"outcome": "acquired"})
    return [
        ("payload", lambda: _update(entry, payload=entry.payload | {"x": 1}), "its content was altered"),
        ("verb", lambda: _update(entry, verb="session.reecrite"), "its hash is wrong"),
        ("actor", lambda: _update(entry, actor=None), "its hash is wrong"),
        ("time", lambda: _update(entry, at=timezone.now()), "its hash is wrong"),
        ("mac", lambda: _update(entry, mac="0" * 64), "its content was altered"),
        ("payload emptied", lambda: _update(entry, payload=None, salt=None), "sans effacement qui le dise"),
        ("salt alone emptied", lambda: _update(entry, salt=None), "ne vont pas ensemble"),
        ("entry removed", lambda: _remove(entry), "where 2 was expected"),
        ("entry moved", lambda: _update(entry, seq=99), "where 2 was expected"),
        ("tail cut", lambda: _cut(stream, entries), UNSIGNED),
        ("chain emptied", lambda: _cut(stream, entries, left=0), NOTED),
        ("chain and head removed", lambda: (entries.all()._raw_delete("default"), _remove(stream)), NOTED),
        ("rewritten", lambda: _rewrite(stream, entries, _set_first), UNSIGNED),
        ("appended", lambda: _append(stream, added), UNSIGNED),
        ("signature blanked", lambda: _update(stream, signature=""), UNSIGNED),
        ("signature of another", lambda: _update(stream, signature=_of_another(stream)), UNSIGNED),
    ]


def _of_another(stream: JournalStream) -> str:
    return JournalStream.objects.exclude(pk=stream.pk).exclude(signature="").first().signature


def list_sheet_alterations() -> list[tuple[str, Act, str]]:
    revision = _revision()
    sheet, revisions = revision.sheet, revision.sheet.revisions
    score = Score.objects.exclude(level=None).first()
    other = score.criterion.competence.activity.bloc.referentiel.scale_levels.exclude(pk=score.level_id).first()
    verdict = CompetenceVerdict.objects.exclude(outcome="").first()
    divergence = Divergence.objects.first()
    added = Revision(sheet=sheet, kind="score", payload={"criterion": score.criterion_id, "level": 2})
    shown, projected = "ce qui est affiché n'est pas", "l'avis affiché n'est pas"
    return [
        ("payload", lambda: _update(revision, payload={"x": 1}), "its content was altered"),
        ("kind", lambda: _update(revision, kind="note"), "its hash is wrong"),
        ("actor", lambda: _update(revision, actor=None), "its hash is wrong"),
        ("emptied", lambda: _update(revision, payload=None, salt=None), "sans effacement qui le dise"),
        ("all emptied", lambda: revisions.update(payload=None, salt=None), "sans effacement qui le dise"),
        ("removed", lambda: _remove(revision), "where 2 was expected"),
        ("tail cut", lambda: _cut(sheet, revisions), UNSIGNED),
        ("chain emptied", lambda: _cut(sheet, revisions, left=0), NOTED),
        ("rewritten", lambda: _rewrite(sheet, revisions, _set_first), UNSIGNED),
        ("appended", lambda: _append(sheet, added), UNSIGNED),
        ("signature blanked", lambda: _update(sheet, signature=""), UNSIGNED),
        ("level", lambda: _update(score, level=other), shown),
        ("note", lambda: _update(score, note="Autre chose"), shown),
        ("criterion", lambda: _remove(score), "étaient attendues"),
        ("verdict", lambda: _update(verdict, outcome="undetermined"), projected),
        ("comment", lambda: _update(verdict, comment="Mieux"), projected),
        ("verdict removed", lambda: _remove(verdict), "étaient attendues"),
        ("reason", lambda: _update(divergence, reason="Une autre"), "les divergences affichées"),
        ("divergence removed", lambda: _remove(divergence), "les divergences affichées"),
        ("sheet removed", lambda: _remove(sheet), "elle a disparu"),
    ]


def list_row_alterations() -> list[tuple[str, Act, str]]:
    head = RowChain.objects.get(name="evaluations_decision")
    entry = head.entries.order_by("seq").first()
    copied = RowEntry.objects.exclude(chain=head).first()
    forged = RowEntry(chain=head, seq=head.seq + 1, row="999", mac=entry.mac, prev=head.head, at=timezone.now())
    forged.hash = hashlib.sha256(b"x").hexdigest()
    broken = "elle ne suit pas la précédente"
    return [
        ("digest", lambda: _update(entry, mac=copied.mac), broken),
        ("key", lambda: _update(entry, row="999"), broken),
        ("entry removed", lambda: _remove(entry), broken),
        ("tail cut", lambda: _cut(head, head.entries), UNSIGNED[:20]),
        ("chain removed", lambda: (head.entries.all()._raw_delete("default"), _remove(head)), NOTED),
        ("appended", lambda: (RowEntry.objects.bulk_create([forged]), _update(head, seq=forged.seq)), broken),
        ("signature blanked", lambda: _update(head, signature=""), "n'est pas signée"),
        (
            "a mark that stays",
            lambda: RowMark.objects.create(table="evaluations_decision", row="1", transaction="0"),
            "par autre chose que l'application",
        ),
    ]


def list_other_alterations() -> list[tuple[str, Act, str]]:
    document = Document.objects.exclude(sha256="").order_by("pk").first()
    other = Document.objects.exclude(sha256="").exclude(pk=document.pk).first()
    content = bytes(document.bytes or b"")[:-1] + b"?"
    sha256 = hashlib.sha256(content).hexdigest()
    checkpoint = Checkpoint.objects.get()
    of_another = "son fichier n'est plus"
    row = "ce n'est plus ce que l'application avait écrit"
    return [
        ("bytes", lambda: _update(document, bytes=content), of_another),
        ("bytes and hash", lambda: _update(document, bytes=content, sha256=sha256), row),
        ("swapped", lambda: _update(document, bytes=other.bytes, sha256=other.sha256, code="ZZZZ"), row),
        ("emptied", lambda: _update(document, bytes=None), of_another),
        ("voided in silence", lambda: _update(document, voided_at=timezone.now()), row),
        ("hash blanked", lambda: _update(document, sha256="", bytes=None), row),
        ("checkpoint changed", lambda: _update(checkpoint, total=checkpoint.total + 1), "son contenu a été changé"),
        ("checkpoint signed by another", lambda: _update(checkpoint, signature="0" * 64), "n'est pas celle de ce site"),
        ("checkpoint removed", lambda: _remove(checkpoint), "n'est plus dans la base"),
    ]
