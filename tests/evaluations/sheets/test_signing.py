"""Signing: one's own sheet, then the joint sheet; what it needs, what it closes, how it opens again."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cqp.models import JournalEntry
from cqp.workflow import TransitionRefused, perform
from evaluations.evidence.chain import broken
from evaluations.models import Reopening, Score, ScoringSheet, Signature
from evaluations.sheets.services import SheetChangedError, reopen_sheet, sign_sheet
from tests import factories as make
from tests.evaluations.sheets.scribe import operation, read, score_all, send, sign

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def url(name, sheet):
    return reverse(f"evaluator:{name}", args=[sheet.pk])


def review(client, sheet, **data):
    return client.post(url("review", sheet), {"shown": read(sheet)} | data)


def fresh(obj):
    return type(obj).objects.get(pk=obj.pk)


def criteria(sheet):
    return list(sheet.scores.order_by("pk").values_list("criterion", flat=True))


@pytest.fixture
def joint(running):
    """Both signed: Alix gave 2 everywhere, Béa 1 on the first criterion and 2 elsewhere."""
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    send(running.bea, running.bea_sheet, operation("score", criterion=criteria(running.bea_sheet)[0], level=1))
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    return running.interview.sheets.get(assignment=None)


def settle(running, joint):
    send(running.alix, joint, operation("score", criterion=criteria(joint)[0], level=2))


def test_evaluator_signs_a_complete_sheet_as_it_was_shown(running, client):
    client.force_login(running.alix)
    score_all(running.alix, running.alix_sheet)
    page = client.get(url("review", running.alix_sheet))
    assert page.context["missing"] == []
    response = client.post(url("review", running.alix_sheet), {"shown": page.context["shown"]}, follow=True)
    assert response.redirect_chain == [(url("sheet", running.alix_sheet), 302)]
    assert "n'a pas encore signé sa fiche" in response.text
    sheet = fresh(running.alix_sheet)
    assert sheet.state == "signed"
    assert broken(sheet) == []
    assert not running.interview.sheets.filter(assignment=None).exists()


def test_an_incomplete_sheet_is_refused_and_what_is_missing_is_linked(running, client):
    client.force_login(running.alix)
    first, *others = criteria(running.alix_sheet)
    send(running.alix, running.alix_sheet, *[operation("score", criterion=pk, level=2) for pk in others])
    response = review(client, running.alix_sheet)
    assert response.status_code == 409
    assert f'href="{url("sheet", running.alix_sheet)}#critere-{first}"' in response.text
    assert "aucun niveau" in response.text
    assert not Signature.objects.exists()


def test_not_addressed_needs_a_note(running, client):
    client.force_login(running.alix)
    score_all(running.alix, running.alix_sheet)
    first = criteria(running.alix_sheet)[0]
    send(running.alix, running.alix_sheet, operation("score", criterion=first, level=9))
    response = review(client, running.alix_sheet)
    assert response.status_code == 409
    assert "« Non abordé » demande une note" in response.text
    send(running.alix, running.alix_sheet, operation("note", criterion=first, text="Le temps a manqué."))
    assert review(client, running.alix_sheet).status_code == 302


def test_a_sheet_changed_since_it_was_read_is_shown_again(running, client):
    client.force_login(running.alix)
    score_all(running.alix, running.alix_sheet)
    shown = read(running.alix_sheet)
    send(running.alix, running.alix_sheet, operation("note", criterion=criteria(running.alix_sheet)[0], text="Après."))
    response = client.post(url("review", running.alix_sheet), {"shown": shown})
    assert response.status_code == 409
    assert "La fiche a changé depuis" in response.text
    assert "Après." in response.text
    assert response.context["shown"] == read(running.alix_sheet)
    assert fresh(running.alix_sheet).state == "open"


def test_a_double_click_signs_once(running, client):
    client.force_login(running.alix)
    score_all(running.alix, running.alix_sheet)
    shown = read(running.alix_sheet)
    for _ in range(2):
        assert client.post(url("review", running.alix_sheet), {"shown": shown}).status_code == 302
    assert Signature.objects.count() == 1


def test_nobody_signs_for_another(running):
    score_all(running.alix, running.alix_sheet)
    with pytest.raises(TransitionRefused, match="pas la vôtre"):
        sign_sheet(running.alix_sheet, by=running.bea, shown=read(running.alix_sheet))


def test_a_sheet_is_not_closed_without_its_signature(running):
    score_all(running.alix, running.alix_sheet)
    with pytest.raises(TransitionRefused) as refused:
        perform(running.alix_sheet, "sign", by=running.alix)
    assert [one.text for one in refused.value.missing] == ["La fiche n'est pas signée par son évaluateur."]


def test_the_joint_sheet_opens_with_the_levels_that_are_equal(running, joint):
    values = [s.level and s.level.value for s in joint.scores.order_by("pk").select_related("level")]
    assert values == [None] + [2] * 24
    assert broken(joint) == []


def test_both_sign_the_joint_sheet_each_on_their_own_access(running, joint, client):
    settle(running, joint)
    client.force_login(running.alix)
    assert review(client, joint).url == url("review", joint) + "#signature"
    assert fresh(joint).state == "open"
    client.force_login(running.bea)
    assert review(client, joint).url == url("joint", joint)
    assert fresh(joint).state == "signed"


def test_a_change_by_the_other_voids_a_signature(running, joint, client):
    settle(running, joint)
    sign(running.alix, joint)
    send(running.bea, joint, operation("score", criterion=criteria(joint)[0], level=1))
    sign(running.bea, joint)
    assert fresh(joint).state == "open"
    client.force_login(running.alix)
    assert "votre signature ne vaut plus" in client.get(url("review", joint)).text
    sign(running.alix, joint)
    assert fresh(joint).state == "signed"


def test_a_divergence_is_signed_once_each_gave_a_reason_and_goes_to_the_jury(running, joint, client):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("diverge", criterion=first, level=2, reason="Exemple précis."))
    with pytest.raises(TransitionRefused) as refused:
        sign(running.alix, joint)
    assert refused.value.missing[0].text.endswith(f"la divergence attend la raison de {running.bea}.")
    send(running.bea, joint, operation("diverge", criterion=first, level=1, reason="Rien de chiffré."))
    sign(running.alix, joint)
    sign(running.bea, joint)
    assert fresh(joint).state == "signed"
    client.force_login(running.alix)
    page = client.get(url("joint", joint)).text
    assert "divergent, le jury réexaminera" in page
    assert "Exemple précis." in page
    assert "Rien de chiffré." in page


def test_a_level_chosen_after_all_settles_the_divergence(running, joint):
    first = criteria(joint)[0]
    send(running.alix, joint, operation("diverge", criterion=first, level=2, reason="Exemple précis."))
    send(running.bea, joint, operation("score", criterion=first, level=2))
    assert not joint.divergences.exists()


# --- Signed is signed


def test_a_signed_sheet_refuses_every_update(running):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    for change in (
        lambda: ScoringSheet.objects.filter(pk=running.alix_sheet.pk).update(state="open"),
        lambda: ScoringSheet.objects.filter(pk=running.alix_sheet.pk).update(content_seq=0),
        lambda: Score.objects.filter(sheet=running.alix_sheet).update(note="x"),
        lambda: Score.objects.filter(sheet=running.alix_sheet).delete(),
    ):
        with pytest.raises(IntegrityError, match="signée"), transaction.atomic():
            change()


def test_administrator_reopens_with_a_reason_and_nothing_is_deleted(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    before = running.alix_sheet.revisions.count()
    client.force_login(running.admin)
    response = client.post(
        reverse("branch:sheet_reopen", args=[running.alix_sheet.pk]), {"reason": "Erreur de candidat."}, follow=True
    )
    assert response.status_code == 200
    assert "Erreur de candidat." in response.text
    sheet = fresh(running.alix_sheet)
    assert sheet.state == "open"
    assert sheet.revisions.count() == before + 1
    assert sheet.signatures.count() == 1
    assert broken(sheet) == []
    assert JournalEntry.objects.filter(verb="sheet.reopen", actor=running.admin).count() == 1
    sign(running.alix, sheet)
    assert fresh(sheet).state == "signed"


def test_reopening_without_a_reason_is_refused(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    client.force_login(running.admin)
    response = client.post(reverse("branch:sheet_reopen", args=[running.alix_sheet.pk]), {"reason": "  "})
    assert response.status_code == 409
    assert "demande un motif" in response.text
    assert fresh(running.alix_sheet).state == "signed"
    assert not Reopening.objects.exists()


def test_a_second_click_on_reopen_changes_nothing(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    client.force_login(running.admin)
    for _ in range(2):
        client.post(reverse("branch:sheet_reopen", args=[running.alix_sheet.pk]), {"reason": "Erreur."})
    assert Reopening.objects.count() == 1


def test_an_own_sheet_stays_closed_while_the_joint_one_is_signed(running, joint, client):
    settle(running, joint)
    sign(running.alix, joint)
    sign(running.bea, joint)
    client.force_login(running.admin)
    response = client.post(reverse("branch:sheet_reopen", args=[running.alix_sheet.pk]), {"reason": "Erreur."})
    assert response.status_code == 409
    assert "rouvrez-la d&#x27;abord" in response.text
    assert fresh(running.alix_sheet).state == "signed"


def test_an_evaluator_cannot_reopen(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    client.force_login(running.alix)
    address = reverse("branch:sheet_reopen", args=[running.alix_sheet.pk])
    assert client.post(address, {"reason": "Je change d'avis."}).status_code == 404
    with pytest.raises(TransitionRefused):
        reopen_sheet(fresh(running.alix_sheet), by=running.alix, reason="Je change d'avis.")


def test_another_branchs_administrator_sees_no_sheet(running, client):
    client.force_login(make.make_admin(make.make_branch()))
    assert client.get(reverse("branch:sheet", args=[running.alix_sheet.pk])).status_code == 404


def test_administrator_does_not_read_an_open_sheet(running, client):
    first = criteria(running.alix_sheet)[0]
    send(running.alix, running.alix_sheet, operation("note", criterion=first, text="Pas encore public"))
    client.force_login(running.admin)
    page = client.get(reverse("branch:sheet", args=[running.alix_sheet.pk])).text
    assert "Cette fiche est ouverte" in page
    assert "Pas encore public" not in page


def test_administrator_reads_a_signed_sheet(running, client):
    score_all(running.alix, running.alix_sheet)
    sign(running.alix, running.alix_sheet)
    client.force_login(running.admin)
    page = client.get(reverse("branch:sheet", args=[running.alix_sheet.pk])).text
    assert f"Signée par {running.alix}" in page
    assert "validé" in page


def test_an_own_sheet_that_changes_after_reading_raises_for_the_service_too(running):
    score_all(running.alix, running.alix_sheet)
    with pytest.raises(SheetChangedError):
        sign_sheet(running.alix_sheet, by=running.alix, shown="")
