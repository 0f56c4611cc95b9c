"""What the jury has before it: for each bloc of each candidate, the signed joint sheet, the proposal, the decisions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects

from candidates.models import Assignment, Enrolment, EnrolmentBloc, Incident, Interview
from cqp.together import read_together
from evaluations.models import Decision, ScoringSheet
from evaluations.results import SheetView, proposal, sheet_views

ABSENT = "absent"
NONE = ""

PROPOSALS = {
    "acquired": "bloc acquis",
    "not_acquired": "bloc non acquis",
    "undetermined": "indéterminé : trop peu de critères abordés",
    "divergent": "divergence entre les évaluateurs",
    ABSENT: "candidat absent à l'entretien",
    NONE: "pas de proposition : aucune fiche conjointe signée",
}


@dataclass
class BlocCase:
    """One bloc of one candidate before the jury.

    `decisions` are the newest first; `signed` the signed sheets, each evaluator's and the joint one; `evaluators` the names
    of those who evaluate.
    """

    enrolment_bloc: EnrolmentBloc
    interview: Interview | None
    sheet: ScoringSheet | None
    view: SheetView | None
    decisions: list[Decision]
    signed: list[ScoringSheet]
    evaluators: list[str]

    @property
    def has_incident(self) -> bool:
        """Something was reported of the interview, whatever was made of it since: the jury reads it."""
        return bool(getattr(self.interview, "has_incident", False))

    @property
    def proposal(self) -> str:
        """What the evaluators propose: a key of PROPOSALS."""
        if self.enrolment_bloc.enrolment.candidate.erased_at:
            # The scores are gone; the decision says what was proposed.
            return self.decision.proposal if self.decision else NONE
        if self.view:
            return proposal(self.view)
        if self.interview and self.interview.state == Interview.State.ABSENT:
            return ABSENT
        return NONE

    @property
    def proposal_label(self) -> str:
        return PROPOSALS[self.proposal]

    @property
    def sheet_seq(self) -> int | None:
        """Where the joint sheet stands. It moves when the sheet is reopened and signed anew."""
        return self.sheet.seq if self.sheet else None

    @property
    def papers(self) -> list[ScoringSheet]:
        """The signed sheets that were copied from paper."""
        return [sheet for sheet in self.signed if sheet.source == ScoringSheet.Source.PAPER]

    @property
    def decision(self) -> Decision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def is_outdated(self) -> bool:
        """The decision was made on something that changed since."""
        decision = self.decision
        return decision is not None and (decision.proposal, decision.sheet_seq) != (self.proposal, self.sheet_seq)


def bloc_cases(enrolment_blocs: QuerySet[EnrolmentBloc], *, enrolment: Enrolment | None = None) -> list[BlocCase]:
    """Return the cases of these blocs, by candidate then bloc, in two queries whatever their number; three with paper.

    `enrolment`: theirs, where it is at hand with its session, référentiel and candidate.
    """
    rows, held, evaluating, decided, sheets = _read(enrolment_blocs, known=enrolment is not None)
    for row in rows if enrolment else ():
        row.enrolment, row.bloc.referentiel = enrolment, enrolment.session.referentiel
    prefetch_related_objects([sheet for sheet in sheets if sheet.scan_id], "scan")
    by_pk = {row.pk: row for row in rows}
    authors = {assignment.pk: assignment for assignment in evaluating}
    # The last one held is the one judged.
    last = {interview.enrolment_bloc_id: interview for interview in held}
    for row, interview in last.items():
        interview.enrolment_bloc = by_pk[row]
    judged = {interview.pk: interview for interview in last.values()}
    joint: dict[int, ScoringSheet] = {}
    signed, evaluators, decisions = defaultdict(list), defaultdict(list), defaultdict(list)
    for sheet in sheets:
        if sheet.interview_id not in judged:
            continue
        sheet.interview, sheet.assignment = judged[sheet.interview_id], authors.get(sheet.assignment_id)
        if sheet.is_joint:
            joint[sheet.interview_id] = sheet
        if sheet.state == ScoringSheet.State.SIGNED:
            signed[sheet.interview_id].append(sheet)
    for assignment in evaluating:
        evaluators[assignment.interview_id].append(str(assignment.appointment.user))
    for decision in decided:
        decisions[decision.enrolment_bloc_id].append(decision)
    proposing = [sheet for sheet in joint.values() if sheet.state == ScoringSheet.State.SIGNED]
    views = sheet_views(proposing) if proposing else {}

    def case(row: EnrolmentBloc) -> BlocCase:
        interview = last.get(row.pk)
        key = interview.pk if interview else 0
        sheet = joint.get(key)
        return BlocCase(
            enrolment_bloc=row,
            interview=interview,
            sheet=sheet,
            view=views.get(sheet.pk) if sheet else None,
            decisions=decisions[row.pk],
            # The sheets of somebody who was erased are empty: there is nothing to open.
            signed=[] if row.enrolment.candidate.erased_at else signed[key],
            evaluators=evaluators[key],
        )

    return [case(row) for row in rows]


def _read(enrolment_blocs: QuerySet[EnrolmentBloc], *, known: bool) -> list[list[Any]]:
    """Return the rows, their interviews, who evaluates, the decisions, the joint sheets and the signed ones. One query."""
    here = enrolment_blocs.order_by().values("pk")
    above = () if known else ("bloc__referentiel", "enrolment__candidate__user", "enrolment__session__branch")
    interviews = Interview.objects.filter(enrolment_bloc__in=here).exclude(state=Interview.State.CANCELLED)
    own = Q(state=ScoringSheet.State.SIGNED, assignment__state=Assignment.State.ACTIVE)
    return read_together(
        enrolment_blocs.select_related("bloc", *above).order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        ),
        interviews.annotate(has_incident=Exists(Incident.objects.filter(interview=OuterRef("pk")))).order_by("attempt"),
        Assignment.objects.filter(interview__in=interviews.values("pk"), state=Assignment.State.ACTIVE)
        .select_related("appointment__user")
        .order_by("pk"),
        Decision.objects.filter(enrolment_bloc__in=here).select_related("decided_by").order_by("-version"),
        ScoringSheet.objects.filter(Q(assignment=None) | own, interview__in=interviews.values("pk")).order_by("pk"),
    )


def is_unanimous(cases: Iterable[BlocCase]) -> bool:
    """Tell whether nothing of a candidate asks the jury for more than a yes: proposals clear, nothing decided yet.

    No divergence, no verdict against the rule, no incident reported.
    """
    return all(
        case.decision is None
        and case.proposal in (Decision.Outcome.ACQUIRED, Decision.Outcome.NOT_ACQUIRED)
        and case.view is not None
        and not any(competence.verdict for competence in case.view.competences)
        and not case.has_incident
        for case in cases
    )


def by_enrolment(cases: Iterable[BlocCase]) -> dict[int, list[BlocCase]]:
    """Group cases by the pk of their enrolment, in the order given."""
    grouped: dict[int, list[BlocCase]] = defaultdict(list)
    for case in cases:
        grouped[case.enrolment_bloc.enrolment_id].append(case)
    return dict(grouped)
