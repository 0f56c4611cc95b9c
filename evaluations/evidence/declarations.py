"""What the database refuses to change about a judgement, whatever the path.

The erasure of a person empties what is theirs (`candidates.privacy.erasure`): it passes while their `Erasure` row is there
and they are not marked as erased yet, which is the length of its transaction.
"""

from cqp.evidence.hooks import Freeze, chain_heads, checks, declare_evident, declare_freezes, declare_plain
from cqp.privacy.fields import MARK
from evaluations.evidence.verification import check_sheets, list_sheet_heads

SIGNED = "Cette fiche est signée. Un administrateur peut la rouvrir, avec un motif."
APPEND_ONLY = "La trace ne se modifie pas et ne s'efface pas."
DECIDED = "Une décision ne se modifie pas : prenez une nouvelle décision, qui remplace celle-ci."

_SIGNED_PARENT = "EXISTS (SELECT 1 FROM evaluations_scoringsheet s WHERE s.id = {row}.sheet_id AND s.state = 'signed')"
_REOPENED = (
    "NEW.state = 'open' AND NEW.seq = OLD.seq AND NEW.head = OLD.head AND NEW.interview_id = OLD.interview_id "
    "AND COALESCE(NEW.assignment_id, 0) = COALESCE(OLD.assignment_id, 0) "
    "AND NEW.source = OLD.source AND COALESCE(NEW.scan_id, 0) = COALESCE(OLD.scan_id, 0) AND EXISTS (SELECT 1 "
    "FROM evaluations_reopening r WHERE r.sheet_id = OLD.id AND r.seq = OLD.seq)"
)
_ERASING = (
    "EXISTS (SELECT 1 FROM candidates_erasure x JOIN candidates_candidate c ON c.id = x.candidate_id "
    "{joins} WHERE c.erased_at IS NULL{where})"
)
_ERASING_SOMEBODY = _ERASING.format(joins="", where="")
_TO_BLOC = (
    "JOIN candidates_enrolment n ON n.candidate_id = c.id JOIN candidates_enrolmentbloc b ON b.enrolment_id = n.id"
)
_TO_SHEET = (
    f"{_TO_BLOC} JOIN candidates_interview i ON i.enrolment_bloc_id = b.id "
    "JOIN evaluations_scoringsheet t ON t.interview_id = i.id"
)
_ERASING_BLOC = _ERASING.format(joins=_TO_BLOC, where=" AND b.id = OLD.enrolment_bloc_id")
_ERASING_INTERVIEW = _ERASING.format(joins=_TO_SHEET, where=" AND t.id = OLD.id")
_ERASING_SHEET = _ERASING.format(joins=_TO_SHEET, where=" AND t.id = {row}.sheet_id")
_ERASING_THIS_SHEET = _ERASING_SHEET.replace("{row}", "OLD")

# What an erasure leaves in a row: see `cqp.privacy.fields`.
_MARKED = {"reason": f"'{MARK}'"}
_DECISION_MARKED = {
    # What was not written stays so.
    name: f"CASE WHEN OLD.{name} = '' THEN '' ELSE '{MARK}' END"
    for name in ("reason", "recommendation")
}
_NO_PAYLOAD = {"payload": "NULL", "salt": "NULL"}

_DOCUMENT = ("branch_id", "kind", "year", "number", "title", "context", "code", "issued_at", "supersedes_id", "holder")

declare_freezes(
    Freeze(
        "evaluations.ScoringSheet",
        ("UPDATE", "DELETE"),
        SIGNED,
        condition="{row}.state = 'signed'",
        old_only=True,
        unless=_REOPENED,
        emptied={"scan_id": "NULL"},
        erasing=_ERASING_INTERVIEW,
    ),
    *(
        Freeze(
            f"evaluations.{model}",
            ("INSERT", "UPDATE", "DELETE"),
            SIGNED,
            condition=_SIGNED_PARENT,
            emptied=emptied,
            erasing=_ERASING_THIS_SHEET,
        )
        for model, emptied in (
            ("Score", {"level_id": "NULL", "note": "''", "device": "''"}),
            ("CompetenceVerdict", {"outcome": "''", "comment": "''"}),
        )
    ),
    Freeze("evaluations.Divergence", ("INSERT", "UPDATE"), SIGNED, condition=_SIGNED_PARENT),
    Freeze("evaluations.Divergence", ("DELETE",), SIGNED, condition=f"{_SIGNED_PARENT} AND NOT {_ERASING_SHEET}"),
    Freeze("evaluations.Revision", ("INSERT",), SIGNED, condition=_SIGNED_PARENT),
    *(
        Freeze(model, ("UPDATE", "DELETE"), APPEND_ONLY, emptied=emptied, erasing=erasing)
        for model, emptied, erasing in (
            ("evaluations.Revision", _NO_PAYLOAD, _ERASING_THIS_SHEET),
            ("evaluations.Signature", {}, ""),
            ("evaluations.Reopening", _MARKED, _ERASING_THIS_SHEET),
            ("cqp.JournalEntry", _NO_PAYLOAD, _ERASING_SOMEBODY),
        )
    ),
    Freeze("evaluations.Decision", ("UPDATE", "DELETE"), DECIDED, emptied=_DECISION_MARKED, erasing=_ERASING_BLOC),
    Freeze("cqp.Document", ("DELETE",), "Un document émis ne s'efface pas : annulez-le ou remplacez-le."),
    Freeze(
        "cqp.Document",
        ("UPDATE",),
        "Un document émis ne se modifie pas : annulez-le ou remplacez-le.",
        columns=_DOCUMENT,
        emptied={"title": f"'{MARK}'", "context": "'{}'"},
        erasing=f"NEW.erased_at IS NOT NULL AND {_ERASING_SOMEBODY}",
    ),
    Freeze(
        "cqp.Document",
        ("UPDATE",),
        "Un document effacé le reste.",
        condition="{row}.erased_at IS NOT NULL",
        old_only=True,
        # Another may supersede it.
        columns=(*_DOCUMENT, "bytes", "sha256", "seal", "voided_at", "erased_at"),
    ),
    Freeze(
        "cqp.Document",
        ("UPDATE",),
        "Le fichier d'un document est fait une seule fois.",
        condition="{row}.sha256 <> ''",
        old_only=True,
        columns=("bytes", "sha256", "seal"),
        emptied={"bytes": "NULL"},
        erasing=f"NEW.erased_at IS NOT NULL AND {_ERASING_SOMEBODY}",
    ),
)
checks.register(check_sheets)
chain_heads.register(list_sheet_heads)

declare_evident("evaluations.ScoringSheet", "interview assignment state source scan")
declare_evident("evaluations.Signature", "sheet assignment seq head method at")
declare_evident("evaluations.Reopening", "sheet seq by reason at")
declare_evident("evaluations.Deliberation", "session opened_at opened_by rules turn president")
declare_evident("evaluations.Attendance", "deliberation appointment noted_at")
declare_evident("evaluations.Proxy", "deliberation giver holder noted_at")
declare_evident(
    "evaluations.Decision",
    "enrolment_bloc version outcome proposal reason recommendation bench vote sheet sheet_seq decided_by decided_at "
    "supersedes",
)
declare_evident("evaluations.Approval", "session approved_on reference minutes noted_by noted_at")
declare_evident("evaluations.SignedMinutes", "minutes scan added_by added_at")
declare_evident(
    "evaluations.Appeal", "decision received_on grounds noted_by noted_at state answer answered_by answered_at"
)
declare_evident("evaluations.SessionDocument", "document session enrolment")
declare_evident(
    "evaluations.AccrochageFlow",
    "branch number version id_flux made_at made_by content sha256 receipt_at treatment given_up_at given_up_reason",
)
declare_evident("evaluations.AccrochagePassage", "flow enrolment id_technique state message")
declare_plain(
    "The revisions of their sheet, a chain of its own, say what they are.",
    *("evaluations.Revision", "evaluations.Score", "evaluations.CompetenceVerdict", "evaluations.Divergence"),
)
declare_plain(
    "An evaluator's own notes: no decision rests on them.",
    *("evaluations.PreparationNote", "evaluations.CriterionNote", "evaluations.PersonalQuestion"),
)
