"""What is kept of the judgement of a candidate once they are erased, and what goes. See `cqp.personal_data`.

The decision stays: what it is, of which bloc, when, on which rank of which sheet. Hashes and signatures stay.
"""

from cqp.personal_data import MARK, declare, declare_gone, declare_whole

declare("evaluations.ScoringSheet", kept="state seq head content_seq source", scan=None)
declare("evaluations.Revision", kept="seq kind mac prev hash at", payload=None, salt=None)
declare("evaluations.Score", kept="seq", level=None, note="", device="")
declare("evaluations.CompetenceVerdict", kept="seq", outcome="", comment="")
declare("evaluations.Reopening", kept="seq at", reason=MARK)
declare(
    "evaluations.Decision",
    kept="version outcome proposal sheet_seq decided_at bench vote",
    reason=MARK,
    recommendation=MARK,
)
declare("evaluations.Appeal", kept="received_on noted_at state answered_at", grounds=MARK, answer=MARK)
declare(
    "evaluations.AccrochageFlow",
    kept="number version id_flux made_at sha256 receipt_at treatment given_up_at given_up_reason",
    content=None,
)
declare("evaluations.AccrochagePassage", kept="id_technique state", message=MARK)
declare_gone(
    "evaluations.SignedMinutes", "evaluations.Divergence", "evaluations.PreparationNote", "evaluations.CriterionNote"
)
declare_whole(
    "Tells of the jury, of a signature, or of an evaluator's own bank of questions.",
    "evaluations.Approval",
    "evaluations.Attendance",
    "evaluations.Deliberation",
    "evaluations.PersonalQuestion",
    "evaluations.Proxy",
    "evaluations.SessionDocument",
    "evaluations.Signature",
)
