"""The agreement: two sheets side by side, differences first, each settled with one touch or carried to the jury."""

import gzip

import pytest

from cqp.workflow import TransitionRefused
from evaluations.sheets.services import reopen_sheet
from tests import factories as make
from tests.evaluations.sheets.screen import add_dossier, criteria, fields, url, value
from tests.evaluations.sheets.scribe import operation, post, score_all, send, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def scores_of_bea():
    return {0: 1, 1: 9}, {0: "Sans chiffre.", 1: "Pas le temps."}


def different(page):
    return [row.line.criterion.pk for competence in page.context["competences"] for row in competence.different]


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


def test_differences_come_first_with_what_each_gave_and_the_equal_ones_are_folded(running, joint, as_alix):
    page = as_alix.get(url("joint", joint.pk))
    first, second, *_ = criteria(joint)
    assert different(page) == [first, second]
    assert page.context["equal_count"] == 23
    html = page.text
    assert html.index(f'id="critere-{first}"') < html.index("23 critères au même niveau")
    assert f"<strong>{running.bea} :</strong> « <span data-note>Sans chiffre.</span> »" in html
    assert "<span data-count>0</span> / 2 réglés" in html
    assert "Il reste 2 critères à régler." in html


def test_the_segmented_control_says_who_gave_what(running, joint, as_alix):
    html = as_alix.get(url("joint", joint.pk)).text
    first = criteria(joint)[0]
    controls = html[html.index(f'id="critere-{first}"') :].split("</label>")
    assert [[name for name in ("vous", str(running.bea)) if f'"who">{name}<' in label] for label in controls[:3]] == [
        [],
        [str(running.bea)],
        ["vous"],
    ]


def test_each_difference_is_settled_with_one_touch(running, joint, as_alix):
    first, second, *_ = criteria(joint)
    touches = [operation("score", criterion=first, level=1), operation("score", criterion=second, level=2)]
    for touch in touches:
        assert post(as_alix, joint, touch).status_code == 200
    page = as_alix.get(url("joint", joint.pk)).text
    assert "<span data-count>2</span> / 2 réglés" in page
    assert "Tout est réglé : relisez la fiche, puis signez." in page
    assert (value(joint, first), value(joint, second)) == (1, 2)


def test_a_level_that_asks_for_a_note_is_settled_with_it(running, joint, as_alix):
    first, second, *_ = criteria(joint)
    send(running.alix, joint, *[operation("score", criterion=pk, level=9) for pk in (first, second)])
    send(running.alix, joint, operation("note", criterion=first, text="Pas le temps."))
    assert "Il reste 1 critère à régler." in as_alix.get(url("joint", joint.pk)).text


def test_a_level_that_both_gave_and_leave_joins_the_differences(running, joint, as_alix):
    third = criteria(joint)[2]
    send(running.alix, joint, operation("score", criterion=third, level=1))
    assert third in different(as_alix.get(url("joint", joint.pk)))


def test_a_changed_result_asks_for_a_word_beside_its_competence_and_before_signing(running, client):
    """C1.1: Béa gave 0 on each of its criteria, Alix 2."""
    competence = running.alix_sheet.scores.order_by("pk").first().criterion.competence
    of_competence = list(competence.criteria.values_list("pk", flat=True))
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    send(running.bea, running.bea_sheet, *[operation("score", criterion=pk, level=0) for pk in of_competence])
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    joint = running.interview.sheets.get(assignment=None)
    client.force_login(running.alix)
    shown = f'data-explain="{competence.pk}">'
    assert shown not in client.get(url("joint", joint.pk)).text
    send(running.alix, joint, *[operation("score", criterion=pk, level=2) for pk in of_competence])
    page = client.get(url("joint", joint.pk)).text
    assert shown in page
    assert f"Le résultat de {competence.code} change (vous : acquise, {running.bea} : non acquise)." in page
    assert f"Il reste à écrire pourquoi le résultat change : {competence.code}." in page
    [missing] = client.get(url("review", joint.pk)).context["missing"]
    assert missing.text.startswith(f"{competence.code} : le résultat change")
    assert missing.url == f"{url('joint', joint.pk)}#critere-{of_competence[0]}"
    with pytest.raises(TransitionRefused):
        sign(running.alix, joint)
    send(running.bea, joint, operation("note", criterion=of_competence[1], text="Le dossier le montre."))
    page = client.get(url("joint", joint.pk)).text
    assert shown not in page
    assert "Tout est réglé" in page
    sign(running.alix, joint)
    assert sign(running.bea, joint).state == "signed"


def test_the_dossier_is_beside_the_agreement(running, joint, as_alix):
    add_dossier(running.interview)
    assert "Rubrique 1, page 2 sur 2" in as_alix.get(url("joint", joint.pk)).text


def test_the_agreement_weighs_60_kb_at_most(running, client):
    """All 25 criteria of bloc 1 differ, each with two long notes: a bad day."""
    for user, sheet, level in ((running.alix, running.alix_sheet, 2), (running.bea, running.bea_sheet, 0)):
        score_all(user, sheet, level)
        words = ["chiffre", "exemple", "client", "vendeur", "marge", "salon", "rayon", "dossier", "entretien"]
        notes = [" ".join(words[(pk * n) % 9] for n in range(60)) for pk in criteria(sheet)]
        pairs = zip(criteria(sheet), notes, strict=True)
        send(user, sheet, *[operation("note", criterion=pk, text=f"{user} {text}") for pk, text in pairs])
        sign(user, sheet)
    client.force_login(running.alix)
    page = client.get(url("joint", running.interview.sheets.get(assignment=None).pk))
    assert page.context["settled_total"] == 25
    assert len(gzip.compress(page.content, 6)) <= 60_000


def test_the_plain_form_settles_too(running, joint, as_alix):
    first = criteria(joint)[0]
    data = fields(as_alix.get(url("joint", joint.pk))) | {f"level-{first}": "1", f"note-{first}": "Un exemple."}
    response = as_alix.post(url("joint", joint.pk), data, follow=True)
    assert "Tout est enregistré." in response.text
    assert value(joint, first) == 1
    assert joint.scores.get(criterion=first).note == "Un exemple."


def test_each_evaluator_records_their_own_position_on_a_divergence(running, joint, client):
    first = criteria(joint)[0]
    for user, level, reason in ((running.alix, "2", "Exemple précis."), (running.bea, "1", "Sans chiffre.")):
        client.force_login(user)
        data = fields(client.get(url("joint", joint.pk)))
        data |= {f"position-{first}": level, f"reason-{first}": reason}
        client.post(url("joint", joint.pk), data)
    positions = [(d.assignment.appointment.user, d.level.value, d.reason) for d in joint.divergences.order_by("pk")]
    assert positions == [(running.alix, 2, "Exemple précis."), (running.bea, 1, "Sans chiffre.")]
    page = client.get(url("joint", joint.pk)).text
    output = f'name="theirs-{first}-{running.alix_sheet.assignment_id}" data-who="{running.alix}"'
    assert f"{output}>Démontré, « Exemple précis. »</output>" in page
    assert "Raison attendue" not in page


def test_the_page_says_whose_reason_a_divergence_lacks(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("diverge", criterion=first, level=2, reason="Exemple précis."))
    for user, awaited in ((running.alix, str(running.bea)), (running.bea, "vous")):
        client.force_login(user)
        page = client.get(url("joint", joint.pk))
        assert f"Raison attendue de : {awaited}." in page.text
        assert page.context["settled_count"] == 0
    assert page.text.count("Raison attendue") == 1


def test_a_divergence_without_a_reason_or_a_level_is_refused_and_kept_on_the_page(running, joint, as_alix):
    first = criteria(joint)[0]
    data = fields(as_alix.get(url("joint", joint.pk)))
    response = as_alix.post(url("joint", joint.pk), data | {f"position-{first}": "2"})
    assert response.status_code == 422
    assert "demande une raison" in response.text
    response = as_alix.post(url("joint", joint.pk), data | {f"reason-{first}": "Je ne suis pas d'accord."})
    assert response.status_code == 422
    assert "choisissez le niveau" in response.text
    assert "Je ne suis pas d&#x27;accord." in response.text
    assert not joint.divergences.exists()


def test_what_each_said_of_a_competence_is_shown_where_the_joint_one_is_decided(running, client, referentiel):
    competence = running.bea_sheet.verdicts.order_by("pk").first().competence_id
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    verdict = operation("verdict", competence=competence, outcome="not_acquired", comment="Méthode fragile.")
    send(running.bea, running.bea_sheet, verdict)
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    client.force_login(running.alix)
    page = client.get(url("joint", running.interview.sheets.get(assignment=None).pk)).text
    assert f"<strong>{running.bea} :</strong> non acquise, « Méthode fragile. »" in page


def test_before_both_signed_there_is_no_joint_sheet_to_reach(running, as_alix, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    assert as_alix.get(url("joint", running.alix_sheet.pk)).url == url("sheet", running.alix_sheet.pk)
    assert not running.interview.sheets.filter(assignment=None).exists()


def test_after_a_reopening_the_joint_sheet_waits_for_the_new_signature(running, joint, as_alix):
    reopen_sheet(running.alix_sheet, by=running.admin, reason="Erreur de ligne.")
    assert as_alix.get(url("joint", joint.pk)).status_code == 404
    assert post(as_alix, joint, operation("score", criterion=criteria(joint)[0], level=1)).status_code == 404
    assert as_alix.get(url("sheet", running.bea_sheet.pk)).status_code == 404


def test_signed_it_is_read_only(running, joint, as_alix):
    first, second, *_ = criteria(joint)
    send(running.alix, joint, *[operation("score", criterion=pk, level=2) for pk in (first, second)])
    sign(running.alix, joint)
    sign(running.bea, joint)
    page = as_alix.get(url("joint", joint.pk)).text
    main = page[page.index("<main") : page.index("</main>")]
    assert "Fiche conjointe" in main
    assert "<input" not in main
    assert as_alix.get(url("review", joint.pk)).url == url("joint", joint.pk)


def test_the_other_evaluators_access_does_not_change_with_what_one_did(running, joint, client):
    stranger = make.make_evaluator(running.session)
    client.force_login(stranger.user)
    for name in ("joint", "review"):
        assert client.get(url(name, joint.pk)).status_code == 404


@pytest.mark.parametrize("differences", [1, 3])
def test_agreement_takes_as_many_queries_with_one_difference_as_with_three(
    running, as_alix, differences, django_assert_num_queries
):
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    different = criteria(running.bea_sheet)[:differences]
    send(running.bea, running.bea_sheet, *[operation("score", criterion=pk, level=1) for pk in different])
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    address = url("joint", running.interview.sheets.get(assignment=None).pk)
    add_dossier(running.interview)
    as_alix.get(address)
    with django_assert_num_queries(14):
        assert as_alix.get(address).context["settled_total"] == differences
