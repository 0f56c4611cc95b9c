"""What the jury has before it: for each bloc of each candidate, the signed joint sheet, the proposal, the decisions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from candidates.models import Assignment, EnrolmentBloc, Incident, Interview
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
    """One bloc of one candidate before the jury. `decisions` are the newest first; `papers` the signed paper sheets."""

    enrolment_bloc: EnrolmentBloc
    interview: Interview | None
    sheet: ScoringSheet | None
    view: SheetView | None
    decisions: list[Decision]
    papers: list[ScoringSheet]

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
    def decision(self) -> Decision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def is_outdated(self) -> bool:
        """The decision was made on something that changed since."""
        decision = self.decision
        return decision is not None and (decision.proposal, decision.sheet_seq) != (self.proposal, self.sheet_seq)

    @property
    def evaluators(self) -> list[str]:
        if self.interview is None:
            return []
        return [str(a.appointment.user) for a in self.interview.assignments.all() if a.state == Assignment.State.ACTIVE]


def bloc_cases(enrolment_blocs: QuerySet[EnrolmentBloc]) -> list[BlocCase]:
    """Return the cases of these blocs, by candidate then bloc, in nine queries whatever their number."""
    rows = list(
        enrolment_blocs.select_related("bloc__referentiel", "enrolment__candidate__user", "enrolment__session__branch")
        .prefetch_related(
            Prefetch(
                "interviews",
                Interview.objects.exclude(state=Interview.State.CANCELLED)
                .annotate(has_incident=Exists(Incident.objects.filter(interview=OuterRef("pk"))))
                .order_by("attempt"),
            ),
            Prefetch("interviews__assignments", Assignment.objects.select_related("appointment__user")),
            Prefetch("decisions", Decision.objects.select_related("decided_by").order_by("-version")),
        )
        .order_by(
            "enrolment__candidate__birth_name", "enrolment__candidate__first_names", "enrolment_id", "bloc__number"
        )
    )
    interviews = {row.pk: list(row.interviews.all())[-1:] for row in rows}
    of_paper = Q(source=ScoringSheet.Source.PAPER, state=ScoringSheet.State.SIGNED)
    sheets, papers = {}, defaultdict(list)
    for sheet in ScoringSheet.objects.filter(
        Q(assignment=None) | (of_paper & Q(assignment__state=Assignment.State.ACTIVE)),
        interview__in=[i for last in interviews.values() for i in last],
    ).with_context():
        if sheet.is_joint:
            sheets[sheet.interview_id] = sheet
        if sheet.source == ScoringSheet.Source.PAPER and sheet.state == ScoringSheet.State.SIGNED:
            papers[sheet.interview_id].append(sheet)
    views = sheet_views([sheet for sheet in sheets.values() if sheet.state == ScoringSheet.State.SIGNED])
    return [
        BlocCase(
            enrolment_bloc=row,
            interview=next(iter(interviews[row.pk]), None),
            sheet=(sheet := next((sheets.get(i.pk) for i in interviews[row.pk]), None)),
            view=views.get(sheet.pk) if sheet else None,
            decisions=list(row.decisions.all()),
            papers=[paper for i in interviews[row.pk] for paper in papers[i.pk]],
        )
        for row in rows
    ]


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
