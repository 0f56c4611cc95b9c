"""Candidates from a spreadsheet: read line by line first, then enrolled; the same file again changes nothing."""

import io

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from candidates.enrolments.services import enrol
from candidates.imports.services import (
    apply_import,
    preview_import,
    resolve_duplicates,
    run_import,
    set_columns,
    start_import,
)
from candidates.models import Candidate, Enrolment, HeldBloc, Import
from tests import factories as make
from tests.candidates.imports.lines import HEADER, LEA
from tests.cqp.spreadsheets.sheets import libreoffice

pytestmark = pytest.mark.django_db


def acts(found: Import) -> list[str]:
    return [one.act for one in preview_import(found).plans]


def problems(found: Import) -> list[str]:
    return [f"{p.label} : {p.message}" for one in preview_import(found).plans for p in one.row.errors]


def test_people_are_enrolled_with_what_the_file_says(session, admin, send, run_tasks):
    found = send(LEA, "M.;d’Ornano-Le Bœuf;Jean;00/05/1979;jean@example.org;;vae;tous")
    assert acts(found) == ["create", "create"]
    assert not Enrolment.objects.exists()
    apply_import(import_=found, by=admin)
    run_tasks()
    lea, jean = session.enrolments.order_by("candidate__user__email").reverse()
    assert str(lea.candidate) == "Léa N'Guessan"
    assert (lea.candidate.birth_date_text, lea.candidate.sex, lea.employer.name) == ("03/11/1988", "F", "METRO Bron")
    assert [bloc.number for bloc in lea.blocs.all()] == [1, 2]
    assert (jean.candidate.birth_name, jean.candidate.birth_date_text) == ("d’Ornano-Le Bœuf", "05/1979")
    assert jean.blocs.count() == 3
    found.refresh_from_db()
    assert (found.state, found.done, found.total) == ("done", 2, 2)
    assert found.result == {"create": 2, "enrol": 0, "update": 0, "refused": []}


def test_the_same_file_again_changes_nothing_and_a_fuller_one_completes(session, admin, send, run_tasks):
    apply_import(import_=send(LEA), by=admin)
    run_tasks()
    assert acts(send(LEA)) == ["same"]
    with pytest.raises(ValidationError, match="Aucune ligne"):
        apply_import(import_=send(LEA), by=admin)
    fuller = send(LEA.replace("METRO Bron", "Transgourmet").replace("1, 2", "3"))
    (one,) = preview_import(fuller).plans
    assert one.act == "update"
    assert one.changes == [("Entreprise", "METRO Bron", "Transgourmet"), ("Blocs", "1, 2", "1, 2, 3")]
    apply_import(import_=fuller, by=admin)
    run_tasks()
    enrolment = session.enrolments.get()
    assert (enrolment.employer.name, enrolment.blocs.count()) == ("Transgourmet", 3)
    emptier = send("Mme;N'Guessan;Léa;03/11/1988;lea@example.org;;vae;")
    assert preview_import(emptier).plans[0].changes == [("Voie d'accès", "continuing_training", "vae")]


def test_every_error_of_every_row_is_told_at_once(send):
    found = send(
        "X;N'Guessan;Léa;31/02/1988;lea@;;bouche à oreille;9",
        ";;;;;;;",
        ";Petit;;03/11/1888;petit@example.org;;vae;1",
    )
    first, second = preview_import(found).plans
    assert [problem.key for problem in first.row.errors] == ["email", "sex", "birth", "access_route", "blocs"]
    assert [problem.key for problem in second.row.errors] == ["first_names", "sex", "birth"]
    assert (first.row.number, second.row.number) == (2, 4)
    assert first.row.errors[2].written == "31/02/1988"


def test_a_person_twice_or_an_address_twice_is_told(send):
    found = send(LEA, LEA.replace("lea@", "lea2@"), LEA.replace("N'Guessan", "Petit"))
    assert acts(found) == ["refused", "refused", "refused"]
    assert "Nom de naissance : la même personne qu'à la ligne 2" in problems(found)
    assert "Adresse électronique : plusieurs lignes ont cette adresse : chacun a la sienne" in problems(found)


def test_a_known_person_is_enrolled_as_the_branch_knows_them(session, referentiel, admin, send, run_tasks):
    earlier = make.make_session(referentiel, state="decided")
    known = make.make_candidate(
        session.branch,
        user=make.make_user("lea@example.org", last_name="N'Guessan", first_name="Léa"),
        birth_name="N'Guessan",
    )
    make.make_enrolment(earlier, candidate=known, blocs=[1])
    found = send("Mme;NGUESSAN;LEA;03/11/1988;lea@example.org;;vae;1".replace("NGUESSAN", "N’GUESSAN"))
    assert acts(found) == ["enrol"]
    apply_import(import_=found, by=admin)
    run_tasks()
    assert session.enrolments.get().candidate == known
    known.refresh_from_db()
    assert (known.birth_name, known.first_names) == ("N'Guessan", "Léa, Marie")


def test_somebody_alike_is_shown_beside_and_the_branch_says_who_it_is(session, admin, send, run_tasks):
    twin = make.make_candidate(session.branch, birth_name="N'Guessan", birth_day=13)
    found = send(LEA)
    (one,) = preview_import(found).plans
    assert (one.act, one.twin) == ("choose", twin)
    resolve_duplicates(import_=found, choices={"2": "other"}, by=admin)
    found.refresh_from_db()
    assert acts(found) == ["create"]
    resolve_duplicates(import_=found, choices={"2": "same"}, by=admin)
    found.refresh_from_db()
    assert acts(found) == ["enrol"]
    apply_import(import_=found, by=admin)
    run_tasks()
    assert session.enrolments.get().candidate == twin
    twin.refresh_from_db()
    assert twin.birth_day == 13


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LEA.replace("lea@", "alix@"), "cette personne est nommée dans cette session"),
        (LEA.replace("lea@", "autre@"), "c'est l'adresse de Paul Petit, né(e) en 03/11/1988 : chacun a la sienne"),
        (LEA.replace("lea@", "inconnu@"), "c'est l'adresse d'une autre personne : chacun a la sienne"),
        (
            LEA.replace("N'Guessan", "Connu"),
            "la branche connaît Léa Connu avec l'adresse connu@example.org : reprenez-la",
        ),
    ],
)
def test_an_address_that_is_somebody_elses_is_told(session, send, line, words):
    make.make_evaluator(session, user=make.make_user("alix@example.org"))
    make.make_user("inconnu@example.org", first_name="Jean", last_name="Autre")
    for name, given, address in (("Petit", "Paul", "autre"), ("Connu", "Léa", "connu")):
        make.make_candidate(
            session.branch, birth_name=name, first_names=given, user=make.make_user(f"{address}@example.org")
        )
    assert f"Adresse électronique : {words}" in problems(send(line))


def test_a_bloc_that_is_held_is_not_sat_again(session, referentiel, send):
    known = make.make_candidate(session.branch, birth_name="N'Guessan", user=make.make_user("lea@example.org"))
    for number in (1, 3):
        HeldBloc.objects.create(
            candidate=known, bloc=make.bloc(referentiel, number), source="external", obtained_on="2024-06-15"
        )
    assert problems(send(LEA)) == ["Blocs présentés : bloc déjà acquis le 15/06/2024 : il n'est pas repassé"]
    (one,) = preview_import(send(LEA.replace("1, 2", ""))).plans
    assert one.changes == [("Blocs", "", "2")]


def test_columns_are_found_by_near_names_below_a_title_and_can_be_corrected(send, admin, session):
    content = (
        "Session de printemps;;;;;;;;\n;;;;;;;;\n"
        "Civilite;Nom de naissanse;Prenoms;Naissance;Contact;Remarque;Voie;Bloc 1;Bloc 3\n"
        "F;Petit;Zoé;3-11-88;zoe@example.org;centre@example.org;VAE;x;x\n"
    )
    found = start_import(session=session, kind="candidates", name="x.csv", content=content.encode(), by=admin)
    run = preview_import(found)
    assert run.reading.table.header == 3
    assert [column.key for column in run.reading.missing] == ["email"]
    assert run.plans == []
    set_columns(import_=found, mapping=dict(run.reading.mapping) | {"email": 4}, sheet="", header=0, by=admin)
    found.refresh_from_db()
    (one,) = preview_import(found).plans
    assert (one.act, one.changes) == ("create", [("Blocs", "", "1, 3")])


def test_a_workbook_of_libreoffice_is_read_and_given_back_with_its_errors(client, session, admin):
    content = libreoffice("\n".join([HEADER, LEA, LEA.replace("03/11/1988", "1888")]), "xlsx")
    found = start_import(session=session, kind="candidates", name="Candidats d'avril.xlsx", content=content, by=admin)
    client.force_login(admin)
    response = client.get(f"/branche/imports/{found.pk}/a-corriger/")
    assert "Candidats d'avril-a-corriger.xlsx" in response.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet["I1"].value == "À corriger"
    assert sheet["I2"].value.startswith("Adresse électronique : plusieurs lignes") or sheet["I2"].value is not None
    assert "l'âge serait hors de 15 à 100 ans" in sheet["I3"].value


def line(n: int) -> str:
    return f"F;Nom{chr(97 + n % 26)}{chr(97 + n // 26)};Zoé;03/11/1988;p{n}@example.org;Société {n};vae;1"


@pytest.mark.parametrize("rows", [100, 300])
def test_a_dry_run_asks_the_database_as_much_whatever_the_rows(rows, send, session, django_assert_num_queries):
    for _ in range(3):
        make.make_enrolment(session)
    found = send(*(line(n) for n in range(rows)))
    with django_assert_num_queries(10):
        run = preview_import(found)
    assert run.count("create") == rows


def test_a_worker_that_dies_on_the_way_leaves_the_next_one_to_do_each_row_once(
    session, admin, send, run_tasks, monkeypatch
):
    found = send(*(line(n) for n in range(5)))
    apply_import(import_=found, by=admin)

    def dies(*, email, **arguments):
        if email == "p2@example.org":
            raise SystemExit
        return enrol(email=email, **arguments)

    monkeypatch.setattr("candidates.imports.services.enrol", dies)
    with pytest.raises(SystemExit):
        run_import.func(found.pk)
    assert session.enrolments.count() == 2
    monkeypatch.setattr("candidates.imports.services.enrol", enrol)
    run_import.func(found.pk)
    found.refresh_from_db()
    assert (session.enrolments.count(), Candidate.objects.count()) == (5, 5)
    assert (found.state, found.done, found.result["create"]) == ("done", 5, 5)


def test_another_branch_imports_nothing_here(session, send):
    stranger = make.make_admin(make.make_branch())
    with pytest.raises(PermissionError):
        start_import(session=session, kind="candidates", name="x.csv", content=b"a;b\n", by=stranger)
    with pytest.raises(PermissionError):
        apply_import(import_=send(LEA), by=stranger)


def test_the_administrator_sends_a_file_reads_it_and_enrols(client, session, admin, run_tasks):
    client.force_login(admin)
    start = f"/branche/sessions/{session.pk}/importer/candidates/"
    assert "Adresse électronique" in client.get(start).text
    file = io.BytesIO("\n".join([HEADER, LEA, LEA.replace("N'Guessan", "")]).encode())
    file.name = "candidats.csv"
    page = client.post(start, {"file": file}, follow=True)
    assert "Enregistrer 1 ligne" not in page.text  # both rows have the same address
    file = io.BytesIO("\n".join([HEADER, LEA, "Mme;;Zoé;03/11/1990;zoe@example.org;;vae;1"]).encode())
    file.name = "candidats.csv"
    page = client.post(start, {"file": file}, follow=True)
    assert "Enregistrer 1 ligne" in page.text
    assert "Nom de naissance : à remplir" in page.text
    (path, _) = page.redirect_chain[-1]
    done = client.post(f"{path}appliquer/", follow=True)
    assert "Enregistrement en cours" in done.text
    run_tasks()
    assert "C'est enregistré" in client.get(path).text
    assert session.enrolments.count() == 1
    again = client.post(f"{path}appliquer/", follow=True)
    assert "Cet import est déjà lancé" in again.text


def test_a_file_that_is_no_table_is_refused_on_the_page(client, session, admin):
    client.force_login(admin)
    file = io.BytesIO(b"%PDF-1.7")
    file.name = "x.xlsx"
    response = client.post(f"/branche/sessions/{session.pk}/importer/candidates/", {"file": file})
    assert response.status_code == 422
    assert "n'est pas un tableau" in response.text.replace("&#x27;", "'")


def test_the_template_is_understood_as_it_is(client, session, admin):
    client.force_login(admin)
    for kind in ("candidates", "evaluators", "held_blocs"):
        content = client.get(f"/branche/sessions/{session.pk}/importer/{kind}/modele.xlsx").content
        found = start_import(session=session, kind=kind, name="modele.xlsx", content=content, by=admin)
        run = preview_import(found)
        assert not run.reading.missing
        assert [one.act for one in run.plans] == ["create"], [
            problem for one in run.plans for problem in one.row.errors
        ]
