"""What is kept of the judgement of a candidate once they are erased, and what goes. See `cqp.privacy.fields`.

The decision stays: what it is, of which bloc, when, on which rank of which sheet. Hashes and signatures stay.
"""

from candidates.privacy.hooks import erasure_parts, export_parts
from cqp.evidence.hooks import before_binding
from cqp.privacy.fields import MARK, declare, declare_deleted, declare_retained
from evaluations.privacy.earlier_erasures import complete_earlier_reports
from evaluations.privacy.erasure import drop_paper, empty_documents, empty_judgement, empty_preparation
from evaluations.privacy.export import judgement_share

declare("evaluations.ScoringSheet", retained="state seq head signature content_seq source", scan=None)
declare("evaluations.Revision", retained="seq kind mac prev hash at", payload=None, salt=None)
declare("evaluations.Score", retained="seq", level=None, note="", device="")
declare("evaluations.CompetenceVerdict", retained="seq", outcome="", comment="")
declare("evaluations.Reopening", retained="seq at", reason=MARK)
declare(
    "evaluations.Decision",
    retained="version outcome proposal sheet_seq decided_at bench vote",
    reason=MARK,
    recommendation=MARK,
)
declare("evaluations.Appeal", retained="received_on noted_at state answered_at", grounds=MARK, answer=MARK)
declare(
    "evaluations.AccrochageFlow",
    retained="number version id_flux made_at sha256 receipt_at treatment given_up_at given_up_reason",
    content=None,
)
declare("evaluations.AccrochagePassage", retained="id_technique state", message=MARK)
declare_deleted(
    "evaluations.SignedMinutes", "evaluations.Divergence", "evaluations.PreparationNote", "evaluations.CriterionNote"
)
declare_retained(
    "Tells of the jury, of a signature, or of an evaluator's own bank of questions.",
    "evaluations.Approval",
    "evaluations.Attendance",
    "evaluations.Deliberation",
    "evaluations.PersonalQuestion",
    "evaluations.Proxy",
    "evaluations.SessionDocument",
    "evaluations.Signature",
)

export_parts.register(judgement_share)
# Before what the judgement hangs on.
for part in (empty_judgement, empty_preparation, empty_documents, drop_paper):
    erasure_parts.register(part, order=10)
before_binding.register(complete_earlier_reports)
