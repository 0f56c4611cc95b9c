"""An own sheet reopened and signed again: on the open joint sheet, what was taken over follows, what was settled stays."""

import pytest

from evaluations.evidence.chain import broken
from evaluations.sheets.services import open_sheets, reopen_sheet
from tests import factories as make
from tests.evaluations.sheets.screen import criteria, url, value
from tests.evaluations.sheets.scribe import operation, score_all, send, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def scores_of_bea():
    return {0: 1}, {1: "Solide."}


def correct(running, user, sheet, *batch):
    """The administrator reopens the sheet of a person, who changes it and signs it again."""
    reopen_sheet(sheet, by=running.admin, reason="Erreur de ligne.")
    sheet.refresh_from_db()
    send(user, sheet, *batch)
    sign(user, sheet)


def note(joint, criterion):
    return joint.scores.get(criterion=criterion).note


def again(client, user, joint):
    """The criteria to look at again on the page of the agreement."""
    client.force_login(user)
    return [row.line.criterion.pk for row in client.get(url("joint", joint.pk)).context["rows_to_review"]]


def test_a_level_taken_over_goes_where_they_no_longer_agree(running, joint):
    second = criteria(joint)[1]
    assert (value(joint, second), note(joint, second)) == (2, "Solide.")
    correct(running, running.alix, running.alix_sheet, operation("score", criterion=second, level=0))
    assert (value(joint, second), note(joint, second)) == (None, "")
    revision = joint.revisions.order_by("seq").last()
    assert (revision.kind, revision.actor) == ("agree", None)
    assert revision.payload == {"criterion": second, "level": None, "note": ""}
    joint.refresh_from_db()
    assert broken(joint) == []


def test_an_empty_line_takes_the_level_on_which_they_now_agree(running, joint, client):
    first = criteria(joint)[0]
    correct(running, running.alix, running.alix_sheet, operation("score", criterion=first, level=1))
    assert value(joint, first) == 1
    assert again(client, running.alix, joint) == []


def test_a_level_taken_over_follows_when_both_change_it(running, joint):
    second = criteria(joint)[1]
    for user, sheet in ((running.alix, running.alix_sheet), (running.bea, running.bea_sheet)):
        correct(running, user, sheet, operation("score", criterion=second, level=1))
    assert (value(joint, second), note(joint, second)) == (1, "Solide.")


def test_the_rest_of_the_joint_sheet_does_not_move(running, joint):
    before = joint.revisions.count()
    correct(running, running.alix, running.alix_sheet, operation("score", criterion=criteria(joint)[1], level=0))
    assert joint.revisions.count() == before + 1
    assert [value(joint, pk) for pk in criteria(joint)[2:]] == [2] * 23


def test_signed_again_unchanged_nothing_moves_and_the_signatures_of_the_joint_sheet_hold(running, joint):
    send(running.alix, joint, operation("score", criterion=criteria(joint)[0], level=2))
    sign(running.alix, joint)
    before = joint.revisions.count()
    correct(running, running.bea, running.bea_sheet)
    assert joint.revisions.count() == before
    assert sign(running.bea, joint).state == "signed"


def test_what_the_two_settled_stays_and_is_to_look_at_again(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("score", criterion=first, level=2))
    sign(running.alix, joint)
    correct(running, running.bea, running.bea_sheet, operation("score", criterion=first, level=0))
    assert value(joint, first) == 2
    assert again(client, running.alix, joint) == [first]
    page = client.get(url("joint", joint.pk)).text
    assert f'href="#critere-{first}"' in page
    assert "une fiche individuelle a été signée de nouveau" in page
    assert "votre signature ne vaut plus" in client.get(url("review", joint.pk)).text
    send(running.bea, joint, operation("score", criterion=first, level=1))
    assert again(client, running.alix, joint) == []


def test_what_they_settled_is_not_to_look_at_again_for_a_change_elsewhere(running, joint, client):
    first, second, *_ = criteria(joint)
    send(running.alix, joint, operation("score", criterion=first, level=2))
    correct(running, running.bea, running.bea_sheet, operation("score", criterion=second, level=0))
    assert again(client, running.alix, joint) == []


def test_what_they_settled_is_confirmed_when_both_now_give_it(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("score", criterion=first, level=2))
    correct(running, running.bea, running.bea_sheet, operation("score", criterion=first, level=2))
    assert value(joint, first) == 2
    assert again(client, running.alix, joint) == []


def test_a_level_changed_and_put_back_before_signing_again_is_not_to_look_at_again(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("score", criterion=first, level=2))
    back_and_forth = [operation("score", criterion=first, level=level) for level in (0, 1)]
    correct(running, running.bea, running.bea_sheet, *back_and_forth)
    assert again(client, running.alix, joint) == []


def test_with_both_sheets_reopened_the_joint_one_follows_the_last_signature(running, joint, client):
    first, second, *_ = criteria(joint)
    send(running.alix, joint, operation("score", criterion=first, level=2))
    for sheet in (running.alix_sheet, running.bea_sheet):
        reopen_sheet(sheet, by=running.admin, reason="Grilles échangées.")
        sheet.refresh_from_db()
    send(running.alix, running.alix_sheet, operation("score", criterion=first, level=0))
    sign(running.alix, running.alix_sheet)
    assert value(joint, second) == 2
    send(running.bea, running.bea_sheet, operation("score", criterion=second, level=0))
    sign(running.bea, running.bea_sheet)
    assert (value(joint, first), value(joint, second)) == (2, None)
    assert again(client, running.alix, joint) == [first]


def test_a_divergence_stays_and_is_to_look_at_again(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("diverge", criterion=first, level=2, reason="Exemple précis."))
    send(running.bea, joint, operation("diverge", criterion=first, level=1, reason="Sans chiffre."))
    correct(running, running.bea, running.bea_sheet, operation("score", criterion=first, level=2))
    assert joint.divergences.count() == 2
    assert value(joint, first) is None
    assert again(client, running.alix, joint) == [first]
    send(running.bea, joint, operation("score", criterion=first, level=2))
    assert again(client, running.alix, joint) == []


def test_a_note_written_together_outlives_the_level_taken_over(running, joint):
    second = criteria(joint)[1]
    send(running.alix, joint, operation("note", criterion=second, text="Solide, exemple du salon."))
    correct(running, running.alix, running.alix_sheet, operation("score", criterion=second, level=1))
    assert (value(joint, second), note(joint, second)) == (None, "Solide, exemple du salon.")


def test_a_level_taken_back_by_hand_is_empty_and_filled_like_any_other(running, joint):
    first = criteria(joint)[0]
    send(running.alix, joint, *[operation("score", criterion=first, level=level) for level in (2, None)])
    correct(running, running.alix, running.alix_sheet, operation("score", criterion=first, level=1))
    assert value(joint, first) == 1


def test_a_verdict_that_all_gave_is_taken_over_and_goes_with_their_agreement(running, joint):
    competence = running.alix_sheet.verdicts.order_by("pk").first().competence_id
    verdict = operation("verdict", competence=competence, outcome="not_acquired", comment="Méthode fragile.")
    correct(running, running.alix, running.alix_sheet, verdict)
    assert joint.verdicts.get(competence=competence).outcome == ""
    correct(running, running.bea, running.bea_sheet, dict(verdict, key="8a8c1cc8-54c6-4a4e-a2b0-4e3d2d8a2d11"))
    assert joint.verdicts.get(competence=competence).outcome == "not_acquired"
    taken_back = operation("verdict", competence=competence, outcome="", comment="")
    correct(running, running.alix, running.alix_sheet, taken_back)
    assert joint.verdicts.get(competence=competence).comment == ""


def test_a_verdict_that_they_gave_together_stays(running, joint):
    competence = running.alix_sheet.verdicts.order_by("pk").first().competence_id
    given = operation("verdict", competence=competence, outcome="acquired", comment="Vu ensemble.")
    send(running.alix, joint, given)
    correct(running, running.bea, running.bea_sheet, operation("score", criterion=criteria(joint)[0], level=0))
    assert joint.verdicts.get(competence=competence).comment == "Vu ensemble."


def test_while_a_sheet_is_open_again_the_other_reads_the_joint_one_without_filling_it(running, joint, client):
    reopen_sheet(running.alix_sheet, by=running.admin, reason="Erreur de ligne.")
    client.force_login(running.bea)
    page = client.get(url("joint", joint.pk)).text
    main = page[page.index("<main") : page.index("</main>")]
    assert "Fiche conjointe" in main
    assert "<input" not in main


# --- Three evaluators


@pytest.fixture
def three(referentiel):
    """An interview with three evaluators: 2 everywhere, but the first criterion: 2, 1, 0; and the second: 2, 2, 1."""
    session = make.make_session(referentiel, state="interviews")
    enrolment = make.make_enrolment(session, blocs=[1])
    evaluators = [make.make_evaluator(session) for _ in range(3)]
    interview = make.make_interview(enrolment.enrolment_blocs.get(), evaluators, state="running")
    open_sheets(interview)
    sheets = list(interview.sheets.select_related("assignment__appointment__user").order_by("assignment"))
    for sheet, levels in zip(sheets, ((2, 2), (1, 2), (0, 1)), strict=True):
        score_all(user_of(sheet), sheet)
        pairs = zip(criteria(sheet), levels, strict=False)
        send(user_of(sheet), sheet, *[operation("score", criterion=pk, level=level) for pk, level in pairs])
        sign(user_of(sheet), sheet)
    return sheets


def user_of(sheet):
    return sheet.assignment.appointment.user


def test_of_three_a_level_that_two_share_is_still_to_settle(three, client):
    joint = three[0].interview.sheets.get(assignment=None)
    assert [value(joint, pk) for pk in criteria(joint)[:3]] == [None, None, 2]
    client.force_login(user_of(three[2]))
    page = client.get(url("joint", joint.pk))
    assert page.context["settled_total"] == 2
    assert [opinion.is_own for opinion in page.context["competences"][0].criteria[0].opinions] == [True, False, False]


def test_of_three_the_last_to_join_the_others_settles_the_line(three, running):
    joint = three[0].interview.sheets.get(assignment=None)
    admin = make.make_admin(joint.interview.enrolment_bloc.enrolment.session.branch)
    reopen_sheet(three[2], by=admin, reason="Erreur de ligne.")
    three[2].refresh_from_db()
    second = criteria(joint)[1]
    send(user_of(three[2]), three[2], operation("score", criterion=second, level=2))
    assert value(joint, second) is None
    sign(user_of(three[2]), three[2])
    assert value(joint, second) == 2


def test_of_three_a_divergence_says_whose_reason_is_awaited(three, client):
    joint = three[0].interview.sheets.get(assignment=None)
    first = criteria(joint)[0]
    send(user_of(three[0]), joint, operation("diverge", criterion=first, level=2, reason="Exemple précis."))
    client.force_login(user_of(three[1]))
    page = client.get(url("joint", joint.pk)).text
    assert f"Raison attendue de : vous, {user_of(three[2])}." in page
    send(user_of(three[1]), joint, operation("diverge", criterion=first, level=1, reason="Sans chiffre."))
    page = client.get(url("joint", joint.pk))
    assert f"Raison attendue de : {user_of(three[2])}." in page.text
    assert page.context["settled_count"] == 0
    send(user_of(three[2]), joint, operation("diverge", criterion=first, level=0, reason="Rien vu."))
    page = client.get(url("joint", joint.pk))
    assert page.context["settled_count"] == 1
    assert "Raison attendue" not in page.text
