"""The accrochage: who is sent and what, the receipt read back, only the rejected sent again."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from candidates.models import Candidate, HeldBloc
from cqp.models import JournalEntry
from evaluations.accrochage.flow import faults
from evaluations.accrochage.queries import holder_rows
from evaluations.accrochage.receipt import BadReceiptError
from evaluations.accrochage.services import FlowRefused, give_up, make_flow, set_sender, take_receipt
from evaluations.models import AccrochageFlow, AccrochagePassage, SessionDocument
from evaluations.publication.issuing import issue_minutes, void_certificate
from evaluations.publication.services import publish
from referentiel.models import BranchSettings, Registration
from tests import factories as make
from tests.evaluations.accrochage.scene import LAUGHS, receipt, texts
from tests.evaluations.jury.scene import all_decided, make_scene, sitting


@pytest.fixture
def scene(referentiel):
    """Two holders, born in Lyon; the branch is known, the certification registered."""
    scene = make_scene(referentiel, candidates=2, blocs=[1, 2, 3])
    Candidate.objects.update(birth_place="Lyon", birth_insee="69123")
    Registration.objects.create(referentiel=referentiel, rncp_code="RNCP12345", decided_on=dt.date(2026, 1, 5))
    values = {"client": "12345678", "contract": "C1", "nature": "CERTIFICATEUR", "version": "1.1.2"}
    set_sender(scene.session.branch, by=scene.admin, **values)
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    scene.branch = scene.session.branch
    return scene


def standings(scene) -> list[str]:
    return [row.standing.value for row in holder_rows([scene.branch])]


@pytest.mark.django_db
def test_sent_accepted_rejected_and_only_the_rejected_again(scene):
    assert standings(scene) == ["ready", "ready"]
    flow = make_flow(scene.branch, by=scene.admin)
    assert faults(bytes(flow.content)) == []
    assert standings(scene) == ["sent", "sent"]
    with pytest.raises(FlowRefused, match="Personne n'est prêt"):
        make_flow(scene.branch, by=scene.admin)
    first, second = texts(bytes(flow.content), "idTechnique")
    content = receipt(flow.id_flux, [first], [(second, "Commune inconnue")])
    for _ in range(2):
        result = take_receipt(scene.branch, content, by=scene.admin)
        assert (result.accepted, result.rejected, result.unknown) == (1, 1, [])
    assert JournalEntry.objects.filter(verb="accrochage.receipt").count() == 1
    assert sorted(standings(scene)) == ["accepted", "rejected"]
    again = make_flow(scene.branch, by=scene.admin)
    assert texts(bytes(again.content), "idTechnique") == [second]
    take_receipt(scene.branch, receipt(again.id_flux, [second]), by=scene.admin)
    assert standings(scene) == ["accepted", "accepted"]


@pytest.mark.django_db
def test_receipts_of_others_change_nothing(scene):
    flow = make_flow(scene.branch, by=scene.admin)
    first, _ = texts(bytes(flow.content), "idTechnique")
    with pytest.raises(BadReceiptError, match="autre flux"):
        take_receipt(scene.branch, receipt("elsewhere", [first]), by=scene.admin)
    with pytest.raises(BadReceiptError, match="aucun de ses titulaires n'y est"):
        take_receipt(scene.branch, receipt(flow.id_flux, ["b2b-999999"]), by=scene.admin)
    other = make.make_branch("autre")
    with pytest.raises(BadReceiptError, match="autre flux"):
        take_receipt(other, receipt(flow.id_flux, [first]), by=make.make_admin(other))
    assert standings(scene) == ["sent", "sent"]
    # Who is in neither list still waits.
    take_receipt(scene.branch, receipt(flow.id_flux, [first]), by=scene.admin)
    assert sorted(standings(scene)) == ["accepted", "sent"]


@pytest.mark.django_db
def test_one_foreign_line_is_listed_and_the_rest_is_taken(scene):
    flow = make_flow(scene.branch, by=scene.admin)
    first, second = texts(bytes(flow.content), "idTechnique")
    content = receipt(flow.id_flux, [first, "b2b-999999"], [(second, "Commune inconnue"), ("b2b-0", "?")])
    result = take_receipt(scene.branch, content, by=scene.admin)
    assert (result.accepted, result.rejected, result.unknown) == (1, 1, ["b2b-0", "b2b-999999"])
    assert sorted(standings(scene)) == ["accepted", "rejected"]
    assert JournalEntry.objects.get(verb="accrochage.receipt").payload["unknown"] == ["b2b-0", "b2b-999999"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.replace("ns2:", "").replace(' xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema"', ""),
        lambda text: text.replace("PassagesKO", "passagesKo").replace("PassagesOK", "passagesOk"),
        lambda text: text.replace("PassagesKO", "PASSAGESKO").replace("idFlux", "IdFlux"),
        lambda text: text.replace("<PassagesOK><idTechnique>", "<PassagesOK><passage><idTechnique>").replace(
            "</idTechnique></PassagesOK>", "</idTechnique></passage></PassagesOK>"
        ),
    ],
    ids=["no namespace", "other case", "capitals", "accepted as the rejected"],
)
def test_a_receipt_is_read_however_its_elements_are_written(scene, write):
    flow = make_flow(scene.branch, by=scene.admin)
    first, second = texts(bytes(flow.content), "idTechnique")
    content = write(receipt(flow.id_flux, [first], [(second, "Commune inconnue")]).decode()).encode()
    result = take_receipt(scene.branch, content, by=scene.admin)
    assert (result.accepted, result.rejected) == (1, 1)


@pytest.mark.django_db
def test_a_flow_that_is_lost_is_given_up(scene):
    flow = make_flow(scene.branch, by=scene.admin)
    with pytest.raises(FlowRefused, match="Écrivez pourquoi"):
        give_up(flow, by=scene.admin, reason=" ")
    give_up(flow, by=scene.admin, reason="Jamais déposé.")
    give_up(flow, by=scene.admin, reason="Jamais déposé.")
    assert standings(scene) == ["ready", "ready"]
    with pytest.raises(BadReceiptError, match="abandonné"):
        take_receipt(scene.branch, receipt(flow.id_flux), by=scene.admin)
    assert make_flow(scene.branch, by=scene.admin).number == 2


@pytest.mark.django_db
def test_nothing_leaves_without_the_identifiers_or_the_data(scene):
    BranchSettings.objects.update(accrochage_client="123")
    with pytest.raises(FlowRefused, match="huit caractères"):
        make_flow(scene.branch, by=scene.admin)
    BranchSettings.objects.update(accrochage_client="12345678")
    Candidate.objects.filter(pk=scene.enrolments[0].candidate_id).update(birth_insee="")
    assert sorted(standings(scene)) == ["missing", "ready"]
    assert len(texts(bytes(make_flow(scene.branch, by=scene.admin).content), "idTechnique")) == 1
    with pytest.raises(PermissionError):
        make_flow(scene.branch, by=scene.jurors[0].user)


@pytest.mark.django_db
def test_the_date_is_that_of_the_decision_that_completed_the_cqp(referentiel):
    scene = make_scene(referentiel, blocs=[1, 2])
    candidate = scene.enrolments[0].candidate
    values = {"bloc": referentiel.blocs.get(number=3), "source": "external", "obtained_on": dt.date(2024, 3, 1)}
    HeldBloc.objects.create(candidate=candidate, proof="Livret", **values)
    all_decided(sitting(scene))
    issue_minutes(scene.session, scene.admin)
    publish(scene.session, by=scene.admin)
    [row] = holder_rows([scene.session.branch])
    assert row.holder.decided_on == timezone.now().astimezone(scene.session.zone).date()
    assert row.due > row.holder.decided_on + dt.timedelta(days=85)


@pytest.mark.django_db
def test_the_pages(scene, client):
    client.force_login(scene.admin)
    page = reverse("branch:accrochage")
    assert "Prêts à transmettre : 2" in client.get(page).text
    assert "titulaires à transmettre" in client.get(scene.session.get_absolute_url()).text
    make_url, sender, receipt_url = (
        reverse(f"branch:accrochage_{name}", args=[scene.branch.pk]) for name in ("make", "sender", "receipt")
    )
    assert client.post(sender, {"client": "123", "contract": "", "nature": "?"}).status_code == 422
    assert client.post(make_url).status_code == 302
    assert client.post(make_url).status_code == 409
    flow = AccrochageFlow.objects.get()
    answer = client.get(reverse("branch:accrochage_flow", args=[flow.pk]))
    assert answer.content == bytes(flow.content)
    assert answer["Content-Disposition"].startswith("attachment")
    first, second = texts(bytes(flow.content), "idTechnique")
    bad = client.post(receipt_url, {"receipt": SimpleUploadedFile("r.xml", LAUGHS)})
    assert (bad.status_code, "rapport de traitement" in bad.text) == (422, True)
    good = receipt(flow.id_flux, [first], [(second, "Nom <inconnu>".replace("<", "&lt;").replace(">", "&gt;"))])
    assert client.post(receipt_url, {"receipt": SimpleUploadedFile("r.xml", good)}).status_code == 302
    listed = client.get(page, {"etat": "rejected"}).text
    assert "Nom &lt;inconnu&gt;" in listed
    enrolment = AccrochagePassage.objects.get(state="rejected").enrolment
    mend = reverse("branch:accrochage_holder", args=[enrolment.pk])
    assert mend in listed
    values = {name: getattr(enrolment.candidate, name) or "" for name in client.get(mend).context["form"].fields}
    assert client.post(mend, values | {"birth_year": "3000"}).status_code == 422
    assert client.post(mend, values | {"birth_insee": "2a004", "birth_place": "Ajaccio"}).status_code == 302
    enrolment.candidate.refresh_from_db()
    assert enrolment.candidate.birth_insee == "2A004"
    assert client.post(reverse("branch:accrochage_abandon", args=[flow.pk]), {"reason": "x"}).status_code == 409


@pytest.mark.django_db
def test_the_page_costs_the_same(scene, client, django_assert_num_queries):
    client.force_login(scene.admin)
    for count in (1, 3):
        while AccrochageFlow.objects.count() < count:
            give_up(make_flow(scene.branch, by=scene.admin), by=scene.admin, reason="Perdu.")
        for asked in ({}, {"etat": "ready"}):
            with django_assert_num_queries(7):
                assert client.get(reverse("branch:accrochage"), asked).text.count("Léa N") == 2


@pytest.mark.django_db
def test_the_page_costs_the_same_with_one_holder_and_with_two(scene, client, django_assert_num_queries):
    client.force_login(scene.admin)
    void_certificate(
        SessionDocument.objects.filter(document__kind="certificate").first(), reason="x", again=False, by=scene.admin
    )
    with django_assert_num_queries(7):
        assert client.get(reverse("branch:accrochage")).text.count("Léa N") == 1


@pytest.mark.django_db
def test_an_erasure_takes_a_holding_out_of_the_file_and_the_last_one_the_file(scene):
    from candidates.privacy.erasure import erase_when_due

    flow = make_flow(scene.branch, by=scene.admin)
    sha256 = flow.sha256
    first, second = (enrolment.candidate for enrolment in scene.enrolments)
    assert bytes(flow.content).count(b"<passageCertification>") == 2
    type(scene.session).objects.update(published_at=timezone.now() - dt.timedelta(days=365 * 11))
    assert erase_when_due(first, today=timezone.localdate())
    flow.refresh_from_db()
    left = bytes(flow.content).decode()
    assert (left.count("<passageCertification>"), left.count("<!--données effacées-->")) == (1, 1)
    assert second.birth_name in left
    assert erase_when_due(second, today=timezone.localdate())
    flow.refresh_from_db()
    # The hash stays that of the file that was sent.
    assert (flow.content, flow.sha256) == (None, sha256)
    assert holder_rows([scene.branch]) == []
