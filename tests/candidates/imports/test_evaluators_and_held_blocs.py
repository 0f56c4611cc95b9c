"""Evaluators with their days, and blocs already held, from a spreadsheet."""

import datetime as dt

import pytest

from candidates.enrolments.held_blocs import held_blocs
from candidates.imports.services import apply_import, preview_import, start_import
from candidates.models import Candidate, HeldBloc
from referentiel.models import Bloc
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(referentiel):
    return make.make_session(
        referentiel,
        interviews_from=dt.date(2026, 12, 1),
        interviews_to=dt.date(2026, 12, 4),
        jury_on=dt.date(2026, 12, 18),
    )


@pytest.fixture
def admin(session):
    return make.make_admin(session.branch)


@pytest.fixture
def send(session, admin):
    """Return a function that sends a CSV of these lines."""

    def send_lines(kind: str, *lines: str):
        content = "\n".join(lines).encode()
        return start_import(session=session, kind=kind, name="tableau.csv", content=content, by=admin)

    return send_lines


@pytest.fixture
def do(admin, run_tasks):
    def apply(found):
        apply_import(import_=found, by=admin)
        run_tasks()
        found.refresh_from_db()
        assert found.result["refused"] == []

    return apply


def problems(found):
    return [f"{p.label} : {p.message}" for one in preview_import(found).plans for p in one.row.errors]


EVALUATORS = (
    "Mail;Nom;Prénom;Société;Blocs;Réserve;Jour;De;À",
    "alix@example.org;Moreau;Alix;Transgourmet;1, 2;non;01/12/2026;9h;12 h 30",
    "alix@example.org;Moreau;Alix;;;;02/12/2026;;",
    "karim@example.org;Benali;Karim;;3;oui;;;",
)


def test_evaluators_are_named_with_their_blocs_and_days(session, send, do):
    found = send("evaluators", *EVALUATORS)
    assert [one.act for one in preview_import(found).plans] == ["create", "update", "create"]
    do(found)
    alix, karim = session.appointments.order_by("user__email")
    assert (str(alix.user), [bloc.number for bloc in alix.blocs.all()], alix.is_reserve) == (
        "Alix Moreau",
        [1, 2],
        False,
    )
    assert list(alix.availabilities.values_list("date", "from_time", "to_time")) == [
        (dt.date(2026, 12, 1), dt.time(9), dt.time(12, 30)),
        (dt.date(2026, 12, 2), dt.time(0), dt.time(23, 59)),
    ]
    assert (karim.is_reserve, karim.availabilities.count()) == (True, 0)
    assert [one.act for one in preview_import(send("evaluators", *EVALUATORS)).plans] == ["same", "same", "same"]
    changed = send("evaluators", EVALUATORS[0], "karim@example.org;Benali;Karim;;1;non;03/12/2026;14h;")
    assert preview_import(changed).plans[0].changes == [
        ("Disponible", "", "03/12/2026, de 14:00 à 23:59"),
        ("Réserve", "oui", "non"),
        ("Blocs", "3", "1"),
    ]
    do(changed)
    karim.refresh_from_db()
    assert (karim.is_reserve, [bloc.number for bloc in karim.blocs.all()], karim.availabilities.count()) == (
        False,
        [1],
        1,
    )


def test_what_is_wrong_with_evaluators_is_told(session, send):
    make.make_enrolment(session, candidate=make.make_candidate(session.branch, user=make.make_user("lea@example.org")))
    found = send(
        "evaluators",
        EVALUATORS[0],
        "lea@example.org;N'Guessan;Léa;;;;;;",
        "alix@example.org;Moreau;Alix;;;;05/12/2026;;",
        "alix@example.org;Moreau;Alix;;;;01/12/2026;14h;12h",
        "bea@example.org;Le Goff;Béatrice;;;;;9h;",
        "hugo@example.org;Roy;Hugo;;;;;;",
        "hugo@example.org;Autre;Jean;;;;;;",
    )
    assert problems(found) == [
        "Adresse électronique : cette personne est candidate de cette session",
        "Jour : les entretiens ont lieu du 01/12/2026 au 04/12/2026",
        "À : l'heure de fin doit suivre l'heure de début",
        "Jour : écrivez aussi le jour",
        "Adresse électronique : la ligne 6 donne cette adresse à Hugo Roy",
    ]


HELD = (
    "Nom;Prénom;Né le;Sexe;Bloc;Version;Date du jury;Justificatif",
    "N'Guessan;Léa;03/11/1988;F;BC1;;15/06/2024;PV du 15/06/2024, archive 2024-17",
    "N'Guessan;Léa;03/11/1988;F;2;;15/06/2024;",
)


def test_blocs_held_on_paper_are_noted_once_with_their_proof(session, send, do, admin):
    known = make.make_candidate(session.branch, birth_name="N'Guessan")
    found = send("held_blocs", *HELD)
    assert [one.act for one in preview_import(found).plans] == ["update", "update"]
    do(found)
    first, second = known.held_blocs.order_by("bloc__number")
    assert (first.bloc.number, first.obtained_on, first.source) == (1, dt.date(2024, 6, 15), "external")
    assert (first.proof, first.noted_by, second.proof) == ("PV du 15/06/2024, archive 2024-17", admin, "")
    assert [one.act for one in preview_import(send("held_blocs", *HELD)).plans] == ["same", "same"]
    assert set(held_blocs(session.referentiel, [known.pk], on=session.interviews_from)[known.pk]) == {
        first.bloc_id,
        second.bloc_id,
    }


def test_who_is_not_known_gets_a_file_of_their_own_when_their_sex_is_said(send, do):
    found = send("held_blocs", *HELD)
    assert [one.act for one in preview_import(found).plans] == ["create", "create"]
    do(found)
    assert HeldBloc.objects.filter(candidate=Candidate.objects.get()).count() == 2


def test_what_is_wrong_with_held_blocs_is_told(send):
    found = send(
        "held_blocs",
        HELD[0],
        "Petit;Zoé;1990;F;9;;15/06/2024;",
        "Petit;Zoé;1990;F;1;7;15/06/2024;",
        "Petit;Zoé;1990;F;1;;15/06/2030;",
        "Petit;Zoé;1990;;1;;15/06/2024;",
        HELD[1],
        HELD[1].replace("archive", "dossier"),
    )
    assert problems(found) == [
        "Bloc : la version 1 n'a pas ce bloc : écrivez son numéro ou son code",
        "Bloc : la version 7 n'a pas ce bloc : écrivez son numéro ou son code",
        "Date du jury : cette date est à venir",
        "Sexe : personne inconnue de la branche : écrivez F ou M pour créer sa fiche",
        "Bloc : le même bloc qu'à la ligne 6",
    ]


def test_a_bloc_of_an_earlier_version_counts_for_the_one_that_continues_it_until_it_expires(session, referentiel):
    earlier = referentiel.blocs.get(number=1)
    draft = type(referentiel).objects.create(
        branch=referentiel.branch,
        code=referentiel.code,
        version="2",
        title="Nouveau",
        rule_parameters=referentiel.rule_parameters,
    )
    later = Bloc.objects.create(referentiel=draft, number=1, code="BC1", title="Bloc", continues=earlier)
    person = make.make_candidate(referentiel.branch)
    held = HeldBloc.objects.create(
        candidate=person, bloc=earlier, source="external", obtained_on="2020-01-01", valid_until="2026-12-01"
    )
    assert held_blocs(draft, [person.pk], on=dt.date(2026, 12, 1)) == {person.pk: {later.pk: held}}
    assert held_blocs(draft, [person.pk], on=dt.date(2026, 12, 2)) == {}
