"""What the jury has before it: for each bloc of each candidate, the signed joint sheet, the proposal, the decisions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from candidates.models import Assignment, Enrolment, EnrolmentBloc, Incident, Interview
from evaluations.models import Decision, ScoringSheet
from evaluations.sheets.queries import SheetView, proposal, sheet_views

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


def list_bloc_cases(enrolment_blocs: QuerySet[EnrolmentBloc], *, enrolment: Enrolment | None = None) -> list[BlocCase]:
    """Return the cases of these blocs, by candidate then bloc, in ten queries whatever their number.

    `enrolment`: theirs, where it is at hand with its session, référentiel and candidate.
    """
    rows = _read(enrolment_blocs, known=enrolment is not None)
    interviews = _last_attempts(rows, enrolment)
    sheets = _group(_sheets_of(rows, interviews.values()), "interview_id")
    joint = {key: sheet for key, group in sheets.items() for sheet in group if sheet.is_joint}
    proposing = [sheet for sheet in joint.values() if sheet.state == ScoringSheet.State.SIGNED]
    views = sheet_views(proposing) if proposing else {}
    decisions = _group(rows.decisions, "enrolment_bloc_id")
    assignments = _group(rows.assignments, "interview_id")
    cases = []
    for row in rows.enrolment_blocs:
        interview = interviews.get(row.pk)
        key = interview.pk if interview else 0
        sheet = joint.get(key)
        # The sheets of somebody who was erased are empty: there is nothing to open.
        readable = [] if row.enrolment.candidate.erased_at else sheets[key]
        cases.append(
            BlocCase(
                enrolment_bloc=row,
                interview=interview,
                sheet=sheet,
                view=views.get(sheet.pk) if sheet else None,
                decisions=decisions[row.pk],
                signed=[own for own in readable if own.state == ScoringSheet.State.SIGNED],
                evaluators=[str(assignment.appointment.user) for assignment in assignments[key]],
            )
        )
    return cases


@dataclass(frozen=True)
class _Rows:
    """What is read of blocs: their interviews, who evaluates, the decisions, the joint sheets and the signed ones."""

    enrolment_blocs: list[EnrolmentBloc]
    interviews: list[Interview]
    assignments: list[Assignment]
    decisions: list[Decision]
    sheets: list[ScoringSheet]


def _last_attempts(rows: _Rows, enrolment: Enrolment | None) -> dict[int, Interview]:
    """Return the interview that is judged, the last that was not cancelled, by bloc of an enrolment."""
    if enrolment:
        for row in rows.enrolment_blocs:
            row.enrolment, row.bloc.referentiel = enrolment, enrolment.session.referentiel
    by_pk = {row.pk: row for row in rows.enrolment_blocs}
    interviews = {interview.enrolment_bloc_id: interview for interview in rows.interviews}
    for pk, interview in interviews.items():
        interview.enrolment_bloc = by_pk[pk]
    return interviews


def _sheets_of(rows: _Rows, interviews: Iterable[Interview]) -> list[ScoringSheet]:
    """Return the sheets of these interviews, each with its interview, its evaluator and its scan."""
    interviews_by_pk = {interview.pk: interview for interview in interviews}
    assignments = {assignment.pk: assignment for assignment in rows.assignments}
    sheets = [sheet for sheet in rows.sheets if sheet.interview_id in interviews_by_pk]
    for sheet in sheets:
        sheet.interview = interviews_by_pk[sheet.interview_id]
        sheet.assignment = assignments.get(sheet.assignment_id) if sheet.assignment_id else None
    return sheets


def _group[Row: Model](rows: Iterable[Row], field: str) -> defaultdict[int, list[Row]]:
    """Group rows by the value of a field, in their order."""
    groups = defaultdict(list)
    for row in rows:
        groups[getattr(row, field)].append(row)
    return groups


def _read(enrolment_blocs: QuerySet[EnrolmentBloc], *, known: bool) -> _Rows:
    """Five queries. known: the rows' enrolment, session and référentiel are at hand."""
    here = enrolment_blocs.order_by().values("pk")
    above = () if known else ("bloc__referentiel", "enrolment__candidate__user", "enrolment__session__branch")
    interviews = Interview.objects.filter(enrolment_bloc__in=here).exclude(state=Interview.State.CANCELLED)
    own = Q(state=ScoringSheet.State.SIGNED, assignment__state=Assignment.State.ACTIVE)
    return _Rows(
        list(
            enrolment_blocs.select_related("bloc", *above).order_by(
                "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
            )
        ),
        list(
            interviews.annotate(has_incident=Exists(Incident.objects.filter(interview=OuterRef("pk")))).order_by(
                "attempt"
            )
        ),
        list(
            Assignment.objects.filter(interview__in=interviews.values("pk"), state=Assignment.State.ACTIVE)
            .select_related("appointment__user")
            .order_by("pk")
        ),
        list(Decision.objects.filter(enrolment_bloc__in=here).select_related("decided_by").order_by("-version")),
        list(
            ScoringSheet.objects.filter(Q(assignment=None) | own, interview__in=interviews.values("pk"))
            .select_related("scan")
            .order_by("pk")
        ),
    )


def is_unanimous(cases: Iterable[BlocCase]) -> bool:
    """Return whether nothing of a candidate asks the jury for more than a yes: proposals clear, nothing decided yet.

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


def group_by_enrolment(cases: Iterable[BlocCase]) -> dict[int, list[BlocCase]]:
    """Group cases by the pk of their enrolment, in their order."""
    groups: dict[int, list[BlocCase]] = defaultdict(list)
    for case in cases:
        groups[case.enrolment_bloc.enrolment_id].append(case)
    return dict(groups)


def confirmation_token(cases: Iterable[BlocCase]) -> str:
    """Return what a page shows of these blocs, for the form that confirms them: `pk:proposal:rank of the sheet`."""
    return " ".join(f"{case.enrolment_bloc.pk}:{case.proposal}:{case.sheet_seq}" for case in cases)
