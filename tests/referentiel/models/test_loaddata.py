"""The fixture goes into a database and comes out the same. The session's database has loaded it once already."""

from io import StringIO

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, transaction
from zeal import zeal_ignore

from referentiel.models import Branch, Criterion, GuideQuestion, Referentiel

FIXTURE = settings.FIXTURE_DIRS[0] / "referentiel.json"

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def load(fixture: str = "referentiel") -> None:
    call_command("loaddata", fixture, verbosity=0)


def dump(*labels: str) -> str:
    # A dump follows each natural key upwards, object by object: fine for a command run by hand.
    out = StringIO()
    with zeal_ignore():
        call_command("dumpdata", *labels, natural_primary=True, natural_foreign=True, indent=1, stdout=out)
    return out.getvalue()


def rows() -> dict[str, list[tuple]]:
    models = apps.get_app_config("referentiel").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


def test_loading_the_fixture_again_changes_nothing():
    before = rows()
    assert before["Criterion"]
    load()
    assert rows() == before


def test_a_dump_is_the_fixture_to_the_byte():
    assert dump("referentiel") == FIXTURE.read_text(encoding="utf-8")


def test_a_dump_loaded_and_dumped_again_shows_no_difference(tmp_path):
    first = dump("referentiel")
    (tmp_path / "again.json").write_text(first, encoding="utf-8")
    load(str(tmp_path / "again.json"))
    assert dump("referentiel") == first


def test_a_dump_writes_the_seal_last_whatever_the_order_asked_for():
    labels = [f"referentiel.{model.__name__}" for model in apps.get_app_config("referentiel").get_models()]
    assert dump(*reversed(labels)).rindex("referentiel.referentielseal") > dump(*labels).rindex("guidequestion")


def test_a_loaded_referentiel_is_sealed():
    referentiel = Referentiel.objects.get(code="CQP-MEV-B2B")
    assert referentiel.is_sealed
    assert referentiel.seal.sealed_by is None
    assert not Referentiel(branch=referentiel.branch, code="CQP-MEV-B2B", version="2").is_sealed


def test_loading_again_leaves_the_administrators_of_the_branch_in_place():
    administrator = get_user_model().objects.create(email="administratrice@branche.example")
    branch = Branch.objects.get(code="b2b")
    branch.administrators.add(administrator)
    load()
    assert list(branch.administrators.all()) == [administrator]


def test_an_object_is_found_by_its_natural_key():
    for model in (Criterion, GuideQuestion):
        last = model.objects.filter(competence__code="C2.1").latest("position")
        assert last.natural_key() == ("b2b", "CQP-MEV-B2B", "1", 2, "2.1", "C2.1", 5)
        assert model.objects.get_by_natural_key(*last.natural_key()) == last
    with pytest.raises(Criterion.DoesNotExist):
        Criterion.objects.get_by_natural_key("b2b", "CQP-MEV-B2B", "1", 2, "2.1", "C2.1", 6)


def test_an_altered_fixture_is_refused_and_says_to_make_a_new_version(tmp_path):
    text = FIXTURE.read_text()
    altered = tmp_path / "referentiel.json"
    altered.write_text(text.replace("gestion de gestion", "gestion"))
    with pytest.raises(IntegrityError, match="nouvelle version"), transaction.atomic():
        load(str(altered))
    assert Criterion.objects.filter(text__contains="gestion de gestion").exists()
