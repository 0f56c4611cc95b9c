"""A référentiel from its draft to its seal: begun, written bloc by bloc, sealed, or given up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cqp.core.refusals import RefusedError
from cqp.evidence import journal
from cqp.models import User
from referentiel.branches.permissions import administers_branch, can_edit
from referentiel.drafts import defaults
from referentiel.drafts.content import BlocContent, missing, read, read_bloc
from referentiel.models import (
    Activity,
    Bloc,
    Branch,
    Competence,
    Criterion,
    GuideQuestion,
    HeadingCompetence,
    Referentiel,
    ReferentielSeal,
    ScaleLevel,
    TrameItem,
)

SEALED = "Ce référentiel est scellé : il ne se modifie plus. Créez une nouvelle version."
OUT_OF_TOTAL = 20  # Values of the levels without points begin here.
COPIED = (
    *("rncp_code", "level", "nsf", "rule", "rule_parameters", "rule_note", "separate_sheets", "bloc_validity_months"),
    *("access_routes", "incompatibility_policy", "jury_rules"),
)


class BlocChangedError(RefusedError):
    """Somebody else wrote the bloc while it was edited. `now`: what it holds; `message`: what to do, in French."""

    def __init__(self, now: BlocContent) -> None:
        super().__init__(
            "Une autre personne a modifié ce bloc entre-temps. Votre saisie est gardée : relisez ce qui les distingue, puis "
            "enregistrez de nouveau pour que la vôtre remplace la sienne."
        )
        self.now = now


def latest_sealed(branch: Branch, code: str) -> Referentiel | None:
    """Return the last version of `code` that the branch sealed."""
    sealed = Referentiel.objects.filter(branch=branch, code=code, seal__isnull=False)
    return sealed.with_content().order_by("-seal__sealed_at", "-pk").first()


def create_draft(
    *,
    branch: Branch,
    code: str,
    version: str,
    title: str,
    by: User,
    based_on: Referentiel | None = None,
    blocs: Sequence[BlocContent] | None = None,
    **more: Any,
) -> Referentiel:
    """Begin a référentiel, with its blocs or with those of the sealed version that it is based on.

    Scale, rule and policies are those of that version, else the defaults. Raises ValidationError, PermissionError.
    """
    if not administers_branch(by, branch.pk):
        raise PermissionError("Only an administrator of the branch writes its référentiels.")
    if Referentiel.objects.filter(branch=branch, code=code, version=version).exists():
        raise ValidationError({"version": f"La branche a déjà une version {version} de {code} : écrivez-en une autre."})
    values: dict[str, Any] = {
        "rule_parameters": dict(defaults.RULE_PARAMETERS),
        "rule_note": defaults.RULE_NOTE,
        "access_routes": [{"code": key, "label": label} for key, label in defaults.ACCESS_ROUTES.items()],
        "incompatibility_policy": dict(defaults.INCOMPATIBILITIES),
        "jury_rules": dict(defaults.JURY_RULES),
    }
    if based_on:
        values |= {name: getattr(based_on, name) for name in COPIED}
    with transaction.atomic():
        try:
            with transaction.atomic():
                draft = Referentiel.objects.create(
                    branch=branch, code=code, version=version, title=title, **values | more
                )
        except IntegrityError as twice:
            raise ValidationError({"version": "Cette version vient d'être créée : ouvrez-la dans la liste."}) from twice
        levels = based_on.scale_levels.all() if based_on else ()
        scale = [(level.label, level.points, level.needs_note) for level in levels]
        _write_scale(draft, scale or defaults.SCALE)
        before = {bloc.number: bloc for bloc in based_on.blocs.all()} if based_on else {}
        for content in read(based_on) if based_on and blocs is None else blocs or ():
            earlier = before.get(content.number)
            bloc = Bloc(referentiel=draft, number=content.number, continues=earlier)
            _write_content(bloc, content, guide=_Guide(earlier) if earlier else None)
        payload = {"code": code, "version": version, "based_on": based_on.version if based_on else None}
        journal.record(stream(draft), "referentiel.drafted", payload, by=by)
    return draft


def stream(referentiel: Referentiel) -> str:
    return f"referentiel:{referentiel.pk}"


def _draft(referentiel: Referentiel, by: User) -> Referentiel:
    """Return the draft, locked. Raises PermissionError, ValidationError when it is sealed meanwhile."""
    locked = Referentiel.objects.select_for_update(of=("self",)).select_related("branch").get(pk=referentiel.pk)
    if ReferentielSeal.objects.filter(referentiel=locked).exists():
        raise ValidationError(SEALED)
    if not can_edit(by, locked):
        raise PermissionError("Only an administrator of the branch writes its référentiels.")
    return locked


def update_draft(
    *,
    referentiel: Referentiel,
    values: Mapping[str, Any],
    scale: Sequence[tuple[str, int | None, bool]],
    by: User,
) -> None:
    """Write what is not in the blocs: names, rule, scale, policies. Raises ValidationError by field."""
    with transaction.atomic():
        draft = _draft(referentiel, by)
        for name, value in values.items():
            setattr(draft, name, value)
        draft.full_clean(validate_constraints=False)
        twins = Referentiel.objects.filter(branch=draft.branch, code=draft.code, version=draft.version)
        if twins.exclude(pk=draft.pk).exists():
            raise ValidationError({"version": "La branche a déjà cette version : écrivez-en une autre."})
        draft.save()
        _write_scale(draft, scale)
        journal.record(stream(draft), "referentiel.settings", {"fields": sorted(values)}, by=by)


def _write_scale(draft: Referentiel, scale: Iterable[tuple[str, int | None, bool]]) -> None:
    """Write the levels in their order; those that leave the total come last, whatever their place."""
    draft.scale_levels.all().delete()
    ScaleLevel.objects.bulk_create(
        ScaleLevel(
            referentiel=draft,
            value=rank if points is not None else OUT_OF_TOTAL + rank,
            label=label,
            points=points,
            needs_note=needs_note,
        )
        for rank, (label, points, needs_note) in enumerate(scale)
    )


def add_bloc(*, referentiel: Referentiel, by: User) -> Bloc:
    """Add an empty bloc after the others."""
    with transaction.atomic():
        draft = _draft(referentiel, by)
        numbers = list(draft.blocs.values_list("number", flat=True))
        number = max(numbers, default=0) + 1
        codes = set(draft.blocs.values_list("code", flat=True))
        code = next(free for free in (f"BC{number}", *(f"BC{number}-{n}" for n in range(2, 99))) if free not in codes)
        bloc = Bloc.objects.create(referentiel=draft, number=number, code=code, title="")
        journal.record(stream(draft), "referentiel.bloc_added", {"bloc": number}, by=by)
    return bloc


def remove_bloc(*, bloc: Bloc, by: User) -> None:
    """Take a bloc out of a draft; those after it move up."""
    with transaction.atomic():
        draft = _draft(bloc.referentiel, by)
        number = bloc.number
        bloc.delete()
        for later in draft.blocs.filter(number__gt=number).order_by("number"):
            Bloc.objects.filter(pk=later.pk).update(number=later.number - 1)
        journal.record(stream(draft), "referentiel.bloc_removed", {"bloc": number, "title": bloc.title}, by=by)


def write_bloc(*, bloc: Bloc, content: BlocContent, seen: str, by: User) -> None:
    """Write the whole content of a bloc of a draft. `seen`: the digest of what the editor was shown.

    Questions of the guide stay with their competence, readings of the trame with their heading.
    Raises BlocChangedError, ValidationError, PermissionError.
    """
    with transaction.atomic():
        draft = _draft(bloc.referentiel, by)
        blocs = Bloc.objects.prefetch_related("trame_items", "activities__competences__criteria")
        present = blocs.filter(pk=bloc.pk).first()
        if present is None:
            raise ValidationError("Ce bloc vient d'être retiré du brouillon.")
        now = read_bloc(present)
        if now.digest != seen:
            raise BlocChangedError(now)
        if draft.blocs.exclude(pk=present.pk).filter(code=content.code).exists():
            raise ValidationError({"code": "Un autre bloc a ce code : écrivez-en un autre."})
        guide = _Guide(present)
        present.trame_items.all().delete()
        present.activities.all().delete()
        _write_content(present, content, guide=guide)
        journal.record(stream(draft), "referentiel.bloc_written", {"bloc": present.number}, by=by)


class _Guide:
    """The questions and the readings of the trame of a bloc, by what their parts are called."""

    def __init__(self, bloc: Bloc) -> None:
        self.questions: dict[str, list[GuideQuestion]] = defaultdict(list)
        for question in GuideQuestion.objects.filter(competence__activity__bloc=bloc).select_related("competence"):
            self.questions[question.competence.code].append(question)
        links = HeadingCompetence.objects.filter(trame_item__bloc=bloc).select_related("trame_item", "competence")
        self.links = {(link.trame_item.text, link.competence.code): link.source for link in links}

    def write(self, headings: Sequence[TrameItem], competences: Sequence[Competence]) -> None:
        GuideQuestion.objects.bulk_create(
            GuideQuestion(
                competence=competence,
                position=question.position,
                text=question.text,
                condition=question.condition,
                source=question.source,
            )
            for competence in competences
            for question in self.questions.get(competence.code, ())
        )
        HeadingCompetence.objects.bulk_create(
            HeadingCompetence(trame_item=heading, competence=competence, source=source)
            for heading in headings
            for competence in competences
            if (source := self.links.get((heading.text, competence.code)))
        )


def _write_content(bloc: Bloc, content: BlocContent, *, guide: _Guide | None) -> None:
    """Write a bloc that has no part yet."""
    for name in ("code", "title", "modality", "interview_minutes", "evaluator_count"):
        setattr(bloc, name, getattr(content, name))
    if bloc.pk:
        bloc.continues_id = content.continues
    bloc.save()
    headings = TrameItem.objects.bulk_create(
        TrameItem(bloc=bloc, position=n, text=text) for n, text in enumerate(content.trame, 1)
    )
    activities = Activity.objects.bulk_create(
        Activity(bloc=bloc, position=n, code=part.code, title=part.title)
        for n, part in enumerate(content.activities, 1)
    )
    competences = Competence.objects.bulk_create(
        Competence(
            activity=activity,
            position=n,
            code=competence_content.code,
            statement=competence_content.statement,
            criteria_heading=competence_content.criteria_heading,
        )
        for activity, written in zip(activities, content.activities, strict=True)
        for n, competence_content in enumerate(written.competences, 1)
    )
    Criterion.objects.bulk_create(
        Criterion(competence=competence, position=n, text=text)
        for competence, competence_content in zip(competences, content.competences, strict=True)
        for n, text in enumerate(competence_content.criteria, 1)
    )
    if guide:
        guide.write(headings, competences)


def seal(*, referentiel: Referentiel, by: User) -> ReferentielSeal:
    """Freeze a draft for good. Raises ValidationError with all that is missing, PermissionError."""
    with transaction.atomic():
        draft = _draft(referentiel, by)
        content = Referentiel.objects.with_content().get(pk=draft.pk)
        if lacks := [*missing(read(content)), *_missing_settings(content)]:
            raise ValidationError(lacks)
        sealed = ReferentielSeal.objects.create(referentiel=draft, sealed_at=timezone.now(), sealed_by=by)
        journal.record(stream(draft), "referentiel.sealed", {"version": draft.version}, by=by)
    return sealed


def _missing_settings(draft: Referentiel) -> list[str]:
    lacks = []
    if not any(level.points for level in draft.scale_levels.all()):
        lacks.append("Le barème n'a aucun niveau qui donne des points.")
    if not draft.access_routes:
        lacks.append("Il manque une voie d'accès.")
    return lacks


def what_is_missing(referentiel: Referentiel) -> list[str]:
    """Return what stands in the way of the seal of a référentiel that was fetched with its content."""
    return [*missing(read(referentiel)), *_missing_settings(referentiel)]


def discard(*, referentiel: Referentiel, by: User) -> None:
    """Give up a draft: its content is gone, that it was there stays in the journal."""
    with transaction.atomic():
        draft = _draft(referentiel, by)
        journal.record(stream(draft), "referentiel.discarded", {"code": draft.code, "version": draft.version}, by=by)
        draft.delete()
