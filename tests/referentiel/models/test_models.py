"""What the models promise: who reads, what the database refuses, how a model reaches its branch."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from referentiel.models import Bloc, Branch, Referentiel, ScaleLevel
from tests.factories import make_candidate

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PERCENT = {"competence_percent": 70, "minimum_addressed_percent": 60, "bloc_percent": 70}


@pytest.fixture
def draft(branch):
    return Referentiel.objects.create(
        branch=branch, code="BROUILLON", version="1", title="Brouillon", rule_parameters=dict(PERCENT)
    )


def person(email: str):
    return get_user_model().objects.create(email=email)


def test_a_candidate_reads_the_sealed_referentiel_of_the_branch_and_no_draft(referentiel, draft):
    candidate = make_candidate(referentiel.branch)
    assert list(Referentiel.objects.visible_to(candidate.user)) == [referentiel]


def test_who_has_no_role_in_the_branch_reads_nothing(referentiel):
    assert not Referentiel.objects.visible_to(person("ailleurs@personne.example")).exists()


def test_an_administrator_reads_the_drafts_of_their_branch(referentiel, draft, branch):
    for email in ("une@branche.example", "deux@branche.example"):
        branch.administrators.add(person(email))
    visible = Referentiel.objects.visible_to(branch.administrators.first())
    assert sorted(visible, key=lambda found: found.pk) == [referentiel, draft]


def test_an_administrator_of_another_branch_reads_nothing(referentiel, draft):
    other = Branch.objects.create(code="autre", name="Autre branche")
    other.administrators.add(person("ailleurs@branche.example"))
    assert not Referentiel.objects.visible_to(other.administrators.get()).exists()


def test_nobody_reads_without_signing_in(referentiel):
    assert not Referentiel.objects.visible_to(AnonymousUser()).exists()


def test_the_content_is_read_in_seven_queries(referentiel, django_assert_num_queries):
    with django_assert_num_queries(7):
        (found,) = Referentiel.objects.with_content().filter(pk=referentiel.pk)
        assert found.is_sealed
        assert found.branch.code == "b2b"
        assert len(found.scale_levels.all()) == 4
        assert sum(len(bloc.trame_items.all()) for bloc in found.blocs.all()) == 15
        criteria = [
            (bloc.number, activity.code, competence.code, criterion.position)
            for bloc in found.blocs.all()
            for activity in bloc.activities.all()
            for competence in activity.competences.all()
            for criterion in competence.criteria.all()
        ]
    assert len(criteria) == 72
    assert criteria == sorted(criteria)


def test_every_model_says_how_it_reaches_its_branch():
    for model in apps.get_app_config("referentiel").get_models():
        target = model
        for step in filter(None, model.branch_path.split("__")):
            target = target._meta.get_field(step).related_model
        assert target is Branch, model


def refused(save) -> bool:
    try:
        with transaction.atomic():
            save()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "values", [{"rule": "average"}, {"level": 9}, {"level": 0}, {"bloc_validity_months": 0}], ids=str
)
def test_the_database_refuses_a_referentiel_outside_its_rules(draft, values):
    assert refused(lambda: Referentiel.objects.filter(pk=draft.pk).update(**values))


@pytest.mark.parametrize("values", [{"interview_minutes": 0}, {"evaluator_count": 0}], ids=str)
def test_the_database_refuses_a_bloc_without_interview_or_evaluator(draft, values):
    assert refused(lambda: Bloc.objects.create(referentiel=draft, number=1, code="BC1", title="Bloc", **values))


def test_the_database_refuses_a_bloc_that_continues_itself(draft):
    bloc = Bloc.objects.create(referentiel=draft, number=1, code="BC1", title="Bloc")
    assert refused(lambda: Bloc.objects.filter(pk=bloc.pk).update(continues=bloc))


def test_the_database_refuses_twice_the_same_level(draft):
    ScaleLevel.objects.create(referentiel=draft, value=2, label="Démontré", points=2)
    assert refused(lambda: ScaleLevel.objects.create(referentiel=draft, value=2, label="Acquis", points=2))


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("bloc_percent", PERCENT),
        ("competence_percent", {"competence_percent": 50, "minimum_addressed_percent": 0}),
        ("fixed_count", {"required_criteria": 3, "required_competences": 0}),
    ],
)
def test_a_rule_with_its_parameters_is_accepted(draft, rule, parameters):
    draft.rule, draft.rule_parameters = rule, parameters
    draft.full_clean()


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        [70],
        PERCENT | {"bloc_percent": 70.5},
        PERCENT | {"bloc_percent": True},
        PERCENT | {"bloc_percent": 101},
        PERCENT | {"competence_percent": 0},
        PERCENT | {"minimum_addressed_percent": -1},
        PERCENT | {"required_criteria": 3},
    ],
    ids=str,
)
def test_a_rule_with_other_parameters_is_refused(draft, parameters):
    draft.rule_parameters = parameters
    with pytest.raises(ValidationError) as refusal:
        draft.full_clean()
    assert set(refusal.value.message_dict) == {"rule_parameters"}


def test_an_incompatibility_is_blocking_a_warning_or_off(draft):
    draft.incompatibility_policy = {"relative": "forbidden"}
    with pytest.raises(ValidationError, match="blocking, warning ou off"):
        draft.full_clean()
