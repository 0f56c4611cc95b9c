"""The accrochage: who is sent and what, the receipt read back, only the rejected sent again."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from candidates.models import Candidate, HeldBloc
from cqp.models import JournalEntry
from evaluations.accrochage.flow import NAMESPACE, NIL, Holder, Sender, faults, missing, write_flow
from evaluations.accrochage.receipt import BadReceipt, read_receipt
from evaluations.holders import holder_rows
from evaluations.models import AccrochageFlow, AccrochagePassage, SessionDocument
from evaluations.services.accrochage import FlowRefused, give_up, make_flow, set_sender, take_receipt
from evaluations.services.publication import issue_minutes, publish, void_certificate
from referentiel.models import BranchSettings, Registration
from tests import factories as make
from tests.evaluations.jury_scene import all_decided, make_scene, sitting

PARIS = ZoneInfo("Europe/Paris")
SENDER = Sender("12345678", "MCFCER000001", "CERTIFICATEUR")
HOLDER = Holder(
    id_technique="b2b-1",
    code="RNCP12345",
    decided_on=dt.date(2026, 11, 20),
    exam_from=dt.date(2026, 11, 2),
    exam_to=dt.date(2026, 11, 5),
    at_distance=False,
    access_route="vae",
    enrolled_on=dt.date(2026, 9, 1),
    birth_name="N'Guessan",
    used_name="",
    first_names="Léa, Marie Anne, Zoé, Inès",
    sex="F",
    birth_year=1988,
    birth_month=11,
    birth_day=3,
    birth_place="Lyon",
    birth_insee="69123",
    birth_country="France",
)


def written(*holders: Holder, at: dt.datetime | None = None) -> bytes:
    import io

    out = io.BytesIO()
    at = at or dt.datetime(2026, 11, 25, 10, 5, 6, 789, tzinfo=PARIS)
    write_flow(out, id_flux="flux-1", at=at, sender=SENDER, holders=holders)
    return out.getvalue()


def changed(**values) -> Holder:
    return Holder(**{**HOLDER.__dict__, **values})


def texts(content: bytes, name: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(content).iter(f"{{{NAMESPACE}}}{name}")]


@pytest.mark.parametrize(
    "holder",
    [
        HOLDER,
        changed(birth_month=None, birth_day=None),
        changed(birth_country="Viêt Nam", birth_place="Huế", birth_insee="", birth_name="Nguyễn Thị Ngọc Ánh"),
        changed(birth_country="Tonga", birth_place="", birth_insee="", first_names="ʻAna"),
        changed(birth_name="D’Ornano-Le Bœuf" * 6, used_name="X" * 80),
        changed(birth_insee="2A004", access_route="unknown"),
        changed(access_route="free_candidate", at_distance=True, code="RS5678"),
    ],
)
def test_what_is_written_holds_against_the_schema(holder):
    assert missing(holder) == []
    assert faults(written(holder)) == []


def test_what_may_be_nil_is_there_and_what_is_empty_is_not():
    root = etree.fromstring(written(changed(birth_month=None, birth_day=None, access_route="?", birth_place="")))
    found = {one.tag.partition("}")[2]: one for one in root.iter()}
    for name in ("nomUsage", "moisNaissance", "jourNaissance", "modaliteAcces", "scoring", "mentionValidee"):
        assert found[name].get(NIL) == "true"
    assert not {"voieAccessVAE", "libelleCommuneNaissance"} & found.keys()


def test_names_are_three_at_most_and_cut_at_sixty():
    content = written(changed(birth_name="É" * 70))
    assert texts(content, "prenom2") == ["Marie Anne"]
    assert texts(content, "prenom3") == ["Zoé"]
    assert texts(content, "nomNaissance") == ["É" * 60]
    assert changed(birth_name="É" * 70).is_cut
    assert not HOLDER.is_cut
    assert changed(first_names="Léa Marie").names == ["Léa", "Marie"]


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        (dt.datetime(2026, 7, 1, 12, tzinfo=PARIS), "2026-07-01T12:00:00+02:00"),
        (dt.datetime(2026, 12, 1, 23, tzinfo=PARIS), "2026-12-01T23:00:00+01:00"),
    ],
)
def test_the_offset_is_that_of_the_day(day, wanted):
    assert texts(written(HOLDER, at=day), "horodatage") == [wanted]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": ""}, "code RNCP"),
        ({"birth_insee": ""}, "code INSEE"),
        ({"birth_insee": "6912"}, "code INSEE"),
        ({"first_names": " , "}, "prénom"),
    ],
)
def test_what_is_missing_is_said(values, words):
    [one] = missing(changed(**values))
    assert words in one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"2026-11-25T10:05:06+01:00", b"2026-11-25T09:05:06Z"),
        (b"2026-11-25T10:05:06+01:00", b"2026-11-25T10:05:06.5+01:00"),
        (b"<idContrat>MCFCER000001</idContrat>", b"<idContrat></idContrat>"),
        (b"<sexe>F</sexe>", b"<sexe>X</sexe>"),
        (b"<certifications>", b"<certifications><certification/>"),
        (b'<scoring xsi:nil="true"></scoring>', b""),
        (b"<libelleCommuneNaissance>Lyon", b"<libelleCommuneNaissance>"),
    ],
)
def test_the_schema_refuses_what_the_receiver_would(before, after):
    content = written(HOLDER)
    assert before in content
    assert faults(content.replace(before, after))


# --- Receipts -------------------------------------------------------------------------------------------------------


def receipt(id_flux: str, ok=(), ko=()) -> bytes:
    accepted = "".join(f"<idTechnique>{one}</idTechnique>" for one in ok)
    rejected = "".join(
        f"<passage><idTechnique>{one}</idTechnique><messageErreur>{words}</messageErreur></passage>"
        for one, words in ko
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ns2:rapport xmlns:ns2="urn:cdc:cpf:pc5:rapport:schema">'
        f"<nomFichier>f.xml</nomFichier><idFlux>{id_flux}</idFlux><idTraitement>T1</idTraitement>"
        f"<PassagesKO>{rejected}</PassagesKO><PassagesOK>{accepted}</PassagesOK></ns2:rapport>"
    ).encode()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rapport>&b;</rapport>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rapport>&x;</rapport>'


@pytest.mark.parametrize(
    "content", [b"", b"not XML", b"<rapport/>", LAUGHS, OUTSIDE, b"\xff\xfe\x00", b"x" * (5 * 10**6 + 1)]
)
def test_what_is_no_receipt_is_refused(content):
    with pytest.raises(BadReceipt):
        read_receipt(content)


def test_a_receipt_is_read():
    found = read_receipt(receipt("f1", ["a", "b"], [("c", "Nom inconnu")]))
    assert (found.id_flux, found.treatment, found.accepted, found.rejected) == (
        "f1",
        "T1",
        frozenset("ab"),
        {"c": "Nom inconnu"},
    )
    with pytest.raises(BadReceipt, match="à la fois"):
        read_receipt(receipt("f1", ["a"], [("a", "non")]))


# --- The branch's work ----------------------------------------------------------------------------------------------


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
    assert take_receipt(scene.branch, content, by=scene.admin)[1:] == (1, 1)
    assert take_receipt(scene.branch, content, by=scene.admin)[1:] == (1, 1)
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
    with pytest.raises(BadReceipt, match="autre flux"):
        take_receipt(scene.branch, receipt("elsewhere", [first]), by=scene.admin)
    with pytest.raises(BadReceipt, match="n'est pas dans ce flux"):
        take_receipt(scene.branch, receipt(flow.id_flux, [first, "b2b-999999"]), by=scene.admin)
    other = make.make_branch("autre")
    with pytest.raises(BadReceipt, match="autre flux"):
        take_receipt(other, receipt(flow.id_flux, [first]), by=make.make_admin(other))
    assert standings(scene) == ["sent", "sent"]
    # Who is in neither list still waits.
    take_receipt(scene.branch, receipt(flow.id_flux, [first]), by=scene.admin)
    assert sorted(standings(scene)) == ["accepted", "sent"]


@pytest.mark.django_db
def test_a_flow_that_is_lost_is_given_up(scene):
    flow = make_flow(scene.branch, by=scene.admin)
    with pytest.raises(FlowRefused, match="Écrivez pourquoi"):
        give_up(flow, by=scene.admin, reason=" ")
    give_up(flow, by=scene.admin, reason="Jamais déposé.")
    give_up(flow, by=scene.admin, reason="Jamais déposé.")
    assert standings(scene) == ["ready", "ready"]
    with pytest.raises(BadReceipt, match="abandonné"):
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
def test_an_erasure_takes_the_file_and_leaves_its_hash(scene):
    from candidates.services.erasure import erase_when_due

    flow = make_flow(scene.branch, by=scene.admin)
    candidate = scene.enrolments[0].candidate
    type(scene.session).objects.update(published_at=timezone.now() - dt.timedelta(days=365 * 11))
    assert erase_when_due(candidate, today=timezone.localdate())
    flow.refresh_from_db()
    assert (flow.content, len(flow.sha256)) == (None, 64)
    assert len(holder_rows([scene.branch])) == 1
