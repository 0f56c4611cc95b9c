"""What the database refuses to change about a judgement, whatever the path."""

from cqp.triggers import Freeze

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

FREEZES = (
    Freeze(
        "evaluations.ScoringSheet",
        ("UPDATE", "DELETE"),
        SIGNED,
        condition="{row}.state = 'signed'",
        old_only=True,
        unless=_REOPENED,
    ),
    *(
        Freeze(f"evaluations.{model}", ("INSERT", "UPDATE", "DELETE"), SIGNED, condition=_SIGNED_PARENT)
        for model in ("Score", "CompetenceVerdict", "Divergence")
    ),
    Freeze("evaluations.Revision", ("INSERT",), SIGNED, condition=_SIGNED_PARENT),
    *(
        Freeze(model, ("UPDATE", "DELETE"), APPEND_ONLY)
        for model in ("evaluations.Revision", "evaluations.Signature", "evaluations.Reopening", "cqp.JournalEntry")
    ),
    Freeze("evaluations.Decision", ("UPDATE", "DELETE"), DECIDED),
    Freeze("cqp.Document", ("DELETE",), "Un document émis ne s'efface pas : annulez-le ou remplacez-le."),
    Freeze(
        "cqp.Document",
        ("UPDATE",),
        "Un document émis ne se modifie pas : annulez-le ou remplacez-le.",
        columns=("branch_id", "kind", "year", "number", "title", "context", "code", "issued_at", "supersedes_id"),
    ),
    Freeze(
        "cqp.Document",
        ("UPDATE",),
        "Le fichier d'un document est fait une seule fois.",
        condition="{row}.sha256 <> ''",
        old_only=True,
        columns=("bytes", "sha256"),
    ),
)
