"""What the database refuses, whatever the path."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from cqp.evidence import triggers
from cqp.evidence.trigger_sql import read_installed
from referentiel.models import (
    Activity,
    Bloc,
    Competence,
    Criterion,
    GuideQuestion,
    Referentiel,
    ReferentielSeal,
    ScaleLevel,
    TrameItem,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SEALED = [Referentiel, ScaleLevel, Bloc, TrameItem, Activity, Competence, Criterion]
TEXT = {
    Referentiel: "title",
    ScaleLevel: "label",
    Bloc: "title",
    TrameItem: "text",
    Activity: "title",
    Competence: "statement",
    Criterion: "text",
}


def refused(match="nouvelle version"):
    return pytest.raises(IntegrityError, match=match)


@pytest.mark.parametrize("model", SEALED, ids=lambda m: m.__name__)
def test_a_sealed_referentiel_cannot_be_updated(referentiel, model):
    with refused(), transaction.atomic():
        model.objects.update(**{TEXT[model]: "autre texte"})
    row = model.objects.first()
    setattr(row, TEXT[model], "autre texte")
    with refused(), transaction.atomic():
        row.save()


@pytest.mark.parametrize("model", SEALED, ids=lambda m: m.__name__)
def test_a_sealed_referentiel_cannot_be_deleted_or_truncated_by_sql(referentiel, model):
    table = model._meta.db_table
    with refused(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}"')
    if connection.vendor == "postgresql":
        with refused(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'TRUNCATE "{table}" CASCADE')


def test_nothing_can_be_added_to_a_sealed_referentiel(referentiel):
    bloc = referentiel.blocs.first()
    with refused(), transaction.atomic():
        TrameItem.objects.create(bloc=bloc, position=99, text="x")
    competence = bloc.activities.first().competences.first()
    with refused(), transaction.atomic():
        Criterion.objects.create(competence=competence, position=99, text="x")


def test_the_seal_itself_cannot_be_lifted(referentiel):
    with refused(), transaction.atomic():
        ReferentielSeal.objects.all()._raw_delete("default")
    with refused(), transaction.atomic():
        ReferentielSeal.objects.update(sealed_at="2020-01-01T00:00:00Z")


def test_a_criterion_cannot_move_to_a_draft(referentiel):
    draft = Referentiel.objects.create(branch=referentiel.branch, code="X", version="2", title="Brouillon")
    bloc = Bloc.objects.create(referentiel=draft, number=1, code="B1", title="t")
    activity = Activity.objects.create(bloc=bloc, position=1, code="1.1", title="t")
    competence = Competence.objects.create(activity=activity, position=1, code="C1", statement="s")
    with refused(), transaction.atomic():
        Criterion.objects.filter(competence__activity__bloc__referentiel=referentiel).update(competence=competence)
    # And a draft stays free.
    criterion = Criterion.objects.create(competence=competence, position=1, text="x")
    Criterion.objects.filter(pk=criterion.pk).update(text="y")
    criterion.delete()


def test_the_guide_stays_open(referentiel):
    assert GuideQuestion.objects.update(text="Autre question ?")


def test_saving_without_a_change_passes(referentiel):
    Criterion.objects.first().save()
    referentiel.save()
    call_command("loaddata", "referentiel", verbosity=0)


def test_the_check_finds_a_missing_trigger(db):
    assert triggers.check_installed(databases=["default"]) == []
    name, (table, *_) = next(iter(read_installed(connection).items()))
    with connection.cursor() as cursor:
        on = "" if connection.vendor == "sqlite" else f" ON {table}"
        cursor.execute(f'DROP TRIGGER "{name}"{on}')
    [error] = triggers.check_installed(databases=["default"])
    assert name in error.msg
