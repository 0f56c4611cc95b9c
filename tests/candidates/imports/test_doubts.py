"""What was read with a doubt is shown row by row, and waits until a person agrees; nothing is dropped in silence."""

import io

import pytest
from django.core.exceptions import ValidationError

from candidates.appointments.services import affiliate
from candidates.imports.services import (
    accept_all_readings,
    accept_readings,
    apply_import,
    preview_import,
    resolve_duplicates,
    set_columns,
    start_import,
)
from candidates.models import Import
from tests import factories as make
from tests.candidates.imports.lines import HEADER, LEA

pytestmark = pytest.mark.django_db

YEAR = LEA.replace("03/11/1988", "03/11/88")
JEAN = "M.;Petit;Jean;03/11/1979;Jean Petit <jean@example.org>;Café √©toile;vae;1"


def stages(import_: Import) -> list[str]:
    import_.refresh_from_db()
    return [plan.stage for plan in preview_import(import_).plans]


def doubts(import_: Import) -> list[str]:
    return [doubt.problem.text for plan in preview_import(import_).plans for doubt in plan.doubts]


def test_a_row_read_with_a_doubt_waits_and_the_others_do_not(session, admin, send, run_tasks):
    import_ = send(YEAR, JEAN, "Mme;Roy;Zoé;03/11/1990;zoe@example.org;;vae;1")
    assert stages(import_) == ["check", "check", "create"]
    assert doubts(import_) == [
        "Date de naissance : une année à deux chiffres : lue 03/11/1988",
        "Adresse électronique : adresse lue « jean@example.org »",
        "Entreprise : des lettres semblent perdues, relisez",
    ]
    apply_import(import_=import_, by=admin)
    run_tasks()
    assert session.enrolments.get().candidate.birth_name == "Roy"


def test_doubts_are_accepted_one_by_one_and_a_row_needs_all_of_its_own(admin, send):
    import_ = send(YEAR, JEAN)
    year, address, employer = (doubt.id for plan in preview_import(import_).plans for doubt in plan.doubts)
    accept_readings(import_=import_, ids=[year, address, "2-unknown"], by=admin)
    assert stages(import_) == ["create", "check"]
    assert import_.accepted == sorted([year, address])
    accept_readings(import_=import_, ids=[employer], by=admin)
    assert stages(import_) == ["create", "create"]


def test_what_is_accepted_at_once_is_what_was_seen(admin, send):
    import_ = send(YEAR, JEAN)
    seen = preview_import(import_).digest
    columns = dict(preview_import(import_).reading.mapping)
    del columns["employer"]
    set_columns(import_=import_, mapping=columns, sheet="", header=0, by=admin)
    import_.refresh_from_db()
    with pytest.raises(ValidationError, match="a changé entre-temps"):
        accept_all_readings(import_=import_, digest=seen, by=admin)
    accept_all_readings(import_=import_, digest=preview_import(import_).digest, by=admin)
    assert stages(import_) == ["create", "create"]


def test_what_was_accepted_counts_for_what_was_read_then(admin, send):
    import_ = send(YEAR)
    accept_all_readings(import_=import_, digest=preview_import(import_).digest, by=admin)
    other = send(YEAR.replace("88", "87"))
    Import.objects.filter(pk=other.pk).update(accepted=Import.objects.get(pk=import_.pk).accepted)
    assert stages(other) == ["check"]


def test_another_branch_accepts_nothing_here(send):
    with pytest.raises(PermissionError):
        accept_readings(import_=send(YEAR), ids=[], by=make.make_admin(make.make_branch()))


@pytest.mark.parametrize("name", ["Fran?ois", "N'Guessan ?", "ZoÃ©", "Zo√©", "ZoÈ", "Zo\ufffd", "Petit2", "Petit@home"])
def test_a_name_with_signs_that_no_name_has_is_to_be_read_again(send, name):
    import_ = send(LEA.replace("N'Guessan", name))
    assert stages(import_) == ["check"]


@pytest.mark.parametrize(
    "name", ["d’Ornano-Le Bœuf", "NOËL", "Žižek", "TOMÁŠ", "Nguyễn", "O'Neill (née Roy)", "McAdam"]
)
def test_a_name_as_people_have_them_is_no_doubt(send, name):
    assert stages(send(LEA.replace("N'Guessan", name))) == ["create"]


def test_a_failed_formula_or_a_name_that_is_not_there_is_refused(send):
    assert stages(send(LEA.replace("N'Guessan", "#N/A"), LEA.replace("N'Guessan", "n/a"))) == ["refused", "refused"]


def test_what_the_branch_knows_better_is_named_before_it_is_ignored(session, referentiel, send):
    user = make.make_user("lea@example.org", last_name="N'Guessan", first_name="Léa")
    known = make.make_candidate(session.branch, user=user, birth_name="N'Guessan", birth_place="Lyon")
    header = f"{HEADER};Commune de naissance;Nom d'usage"
    import_ = send(LEA.replace("Mme", "M.") + ";Paris;Roy", header=header)
    assert stages(import_) == ["check"]
    assert doubts(import_) == [
        "Nom d'usage : ignoré : complétez la fiche elle-même",
        "Sexe : ignoré : la branche a « F »",
        "Commune de naissance : ignoré : la branche a « Lyon »",
    ]
    make.make_enrolment(session, candidate=known, blocs=[1, 2])
    ticked = send(LEA[:-4] + "non;non", header=HEADER.replace("Blocs", "Bloc 1;Bloc 3"))
    assert doubts(ticked) == ["Bloc 1 : ignoré : un import ne retire pas de bloc, faites-le depuis la page du candidat"]


def test_who_is_said_to_be_the_same_person_is_agreed_to_by_that(session, admin, send):
    make.make_candidate(session.branch, birth_name="N'Guessan", birth_day=13, sex="M")
    import_ = send(LEA)
    resolve_duplicates(import_=import_, choices={"2": "same"}, by=admin)
    assert stages(import_) == ["enrol"]


def test_the_employer_of_a_known_evaluator_is_noted(session, admin, run_tasks):
    appointment = make.make_evaluator(session, user=make.make_user("alix@example.org", last_name="Moreau"))
    affiliate(appointment.user, session.branch_id, employer="Metro")
    lines = "Mail;Nom;Prénom;Société\nalix@example.org;{0.last_name};{0.first_name};{1}\n"

    def send(employer: str) -> Import:
        content = lines.format(appointment.user, employer).encode()
        return start_import(session=session, kind="evaluators", name="x.csv", content=content, by=admin)

    assert stages(send("METRO")) == ["same"]
    import_ = send("Promocash")
    assert preview_import(import_).plans[0].changes == [("Entreprise", "", "Promocash")]
    apply_import(import_=import_, by=admin)
    run_tasks()
    assert appointment.user.affiliations.count() == 2


def test_a_row_sent_twice_enrols_once(session, admin, send, run_tasks):
    import_ = send(LEA, LEA)
    assert stages(import_) == ["check"]
    accept_all_readings(import_=import_, digest=preview_import(import_).digest, by=admin)
    import_.refresh_from_db()
    apply_import(import_=import_, by=admin)
    run_tasks()
    assert session.enrolments.count() == 1


def test_a_row_that_cannot_be_done_any_more_is_named_at_the_end(session, admin, send, run_tasks):
    import_ = send(LEA)
    apply_import(import_=import_, by=admin)
    make.make_candidate(session.branch, birth_name="N'Guessan", birth_day=13)
    run_tasks()
    import_.refresh_from_db()
    ((number, who, message),) = import_.result["refused"]
    assert (number, who, import_.result.keys()) == (2, "Léa, Marie N'Guessan", {"create", "enrol", "update", "refused"})
    assert "la branche a changé entre-temps" in message


def test_the_administrator_reads_the_doubts_and_what_nothing_reads_before_confirming(client, session, admin, send):
    client.force_login(admin)
    import_ = send(YEAR + ";grand", JEAN + ";", header=f"{HEADER};Taille")
    page = client.get(f"/branche/imports/{import_.pk}/")
    assert "I, Taille" in page.text
    assert "2 lignes ont été lues avec un doute" in page.text
    assert "Enregistrer" not in page.text
    (doubt,) = preview_import(import_).plans[0].doubts
    page = client.post(f"/branche/imports/{import_.pk}/accepter/", {"doubt": doubt.id}, follow=True)
    assert "Enregistrer 1 ligne" in page.text
    digest = preview_import(Import.objects.get(pk=import_.pk)).digest
    page = client.post(f"/branche/imports/{import_.pk}/accepter/", {"all": digest}, follow=True)
    assert "Enregistrer 2 lignes" in page.text
    page = client.post(f"/branche/imports/{import_.pk}/accepter/", {"all": "x"}, follow=True)
    assert "a changé entre-temps" in page.text


def test_doubts_stand_in_the_column_of_the_file_that_comes_back(client, session, admin, send):
    client.force_login(admin)
    response = client.get(f"/branche/imports/{send(YEAR).pk}/a-corriger/")
    assert "à vérifier : Date de naissance : une année à deux chiffres" in response.content.decode("utf-8-sig")


def test_a_file_of_titles_alone_is_refused_on_the_page(client, session, admin):
    client.force_login(admin)
    file = io.BytesIO(f"{HEADER}\n".encode())
    file.name = "x.csv"
    response = client.post(f"/branche/sessions/{session.pk}/importer/candidates/", {"file": file})
    assert response.status_code == 422
    assert "n'a que des titres" in response.text.replace("&#x27;", "'")
    assert not Import.objects.exists()
