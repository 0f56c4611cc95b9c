"""Where the référentiel says so, evaluators fill one sheet together, straight away."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from cqp.workflow import TransitionRefused
from evaluations.evidence.chain import broken
from evaluations.sheets.queries import proposal, sheet_view
from referentiel.models import Referentiel
from tests import factories as make
from tests.evaluations.sheets.screen import criteria, fields, url, value
from tests.evaluations.sheets.scribe import operation, post, send, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def direct(branch):
    """An interview to hold today, of Alix and Béa, on a small référentiel with one sheet for both."""
    today = timezone.localdate()
    days = {"interviews_from": today - dt.timedelta(days=1), "interviews_to": today + dt.timedelta(days=1)}
    closed = timezone.now() - dt.timedelta(hours=2)
    session = make.make_session(make_referentiel(branch), state="interviews", deposit_closes_at=closed, **days)
    enrolment_bloc = make.make_enrolment(session).enrolment_blocs.get()
    alix, bea = make.make_evaluator(session), make.make_evaluator(session)
    interview = make.make_interview(enrolment_bloc, [alix, bea], start=timezone.now() - dt.timedelta(minutes=5))
    return SimpleNamespace(session=session, interview=interview, alix=alix.user, bea=bea.user)


def make_referentiel(branch):
    """Two competences of one and two criteria, levels « Non » 0 and « Oui » 1, not sealed."""
    referentiel = Referentiel.objects.create(
        branch=branch, code="DIRECT", version="1", title="Direct", separate_sheets=False, rule="bloc_percent"
    )
    for rank, label in enumerate(("Non", "Oui")):
        referentiel.scale_levels.create(value=rank, label=label, points=rank)
    activity = referentiel.blocs.create(number=1, code="B1", title="Seul").activities.create(
        position=1, code="1.1", title="Activité"
    )
    for rank, texts in enumerate((["Il sait."], ["Il fait.", "Il explique."]), 1):
        competence = activity.competences.create(position=rank, code=f"C{rank}", statement="Savoir")
        for position, text in enumerate(texts, 1):
            competence.criteria.create(position=position, text=text)
    return referentiel


@pytest.fixture
def joint(direct, client):
    """The sheet, as Alix opened it ahead."""
    client.force_login(direct.alix)
    client.post(reverse("evaluator:open", args=[direct.interview.pk]))
    return direct.interview.sheets.get()


def state_of(direct):
    direct.interview.refresh_from_db()
    return direct.interview.state


def act(client, joint, kind, **payload):
    return client.post(url("course", joint.pk), {"kind": kind, **payload})


def test_each_evaluator_goes_straight_to_the_one_sheet(direct, client):
    for user in (direct.alix, direct.bea):
        client.force_login(user)
        response = client.post(reverse("evaluator:open", args=[direct.interview.pk]))
        assert response.url == url("joint", direct.interview.sheets.get().pk)
    assert direct.interview.sheets.get().is_joint
    page = client.get(response.url).text
    assert "Commencer l'entretien" in page
    assert f'action="{response.url}"' in page


def test_the_half_hour_from_its_start_to_both_signatures(direct, joint, client):
    first, second, third = criteria(joint)
    act(client, joint, "start")
    assert state_of(direct) == "running"
    page = client.get(url("joint", joint.pk))
    client.post(url("joint", joint.pk), fields(page) | {f"level-{first}": "1"})
    assert post(client, joint, operation("score", criterion=second, level=1)).status_code == 200
    client.force_login(direct.bea)
    assert 'value="1" checked' in client.get(url("joint", joint.pk)).text
    assert act(client, joint, "start").status_code == 302
    missing = client.get(url("review", joint.pk)).context["missing"]
    assert [(one.text, one.url) for one in missing] == [
        ("C2, critère 2 : aucun niveau n'est choisi.", f"{url('joint', joint.pk)}#critere-{third}")
    ]
    send(direct.bea, joint, operation("score", criterion=third, level=0))
    act(client, joint, "finish")
    assert state_of(direct) == "finished"
    for user in (direct.bea, direct.alix):
        client.force_login(user)
        page = client.get(url("review", joint.pk))
        client.post(url("review", joint.pk), {"shown": page.context["shown"]})
    joint.refresh_from_db()
    assert joint.state == "signed"
    assert joint.signatures.count() == 2
    assert broken(joint) == []
    assert client.get(reverse("evaluator:home")).status_code == 200


def test_the_other_device_is_told_what_one_scored(direct, joint, client):
    act(client, joint, "start")
    first = criteria(joint)[0]
    client.force_login(direct.bea)
    before = client.get(url("state", joint.pk)).json()["seq"]
    send(direct.alix, joint, operation("score", criterion=first, level=1))
    told = client.get(url("state", joint.pk), {"depuis": before}).json()
    assert told["fields"][f"level-{first}"] == "1"
    assert told["life"]["state"] == "running"


def test_signing_while_the_interview_runs_ends_it(direct, joint, client):
    act(client, joint, "start")
    send(direct.alix, joint, *[operation("score", criterion=pk, level=1) for pk in criteria(joint)])
    sign(direct.alix, joint)
    assert state_of(direct) == "running"
    assert sign(direct.bea, joint).state == "signed"
    assert state_of(direct) == "finished"


def test_there_is_no_changed_result_to_explain(direct, joint, client):
    act(client, joint, "start")
    send(direct.alix, joint, *[operation("score", criterion=pk, level=0) for pk in criteria(joint)])
    assert client.get(url("review", joint.pk)).context["missing"] == []
    assert "data-explain" not in client.get(url("joint", joint.pk)).text


def test_a_divergence_waits_for_each_ones_reason_then_goes_to_the_jury(direct, joint, client):
    act(client, joint, "start")
    first, *others = criteria(joint)
    send(direct.alix, joint, *[operation("score", criterion=pk, level=1) for pk in others])
    send(direct.alix, joint, operation("diverge", criterion=first, level=1, reason="Vu au dossier."))
    assert f"Raison attendue de : {direct.bea}." in client.get(url("joint", joint.pk)).text
    with pytest.raises(TransitionRefused) as refused:
        sign(direct.alix, joint)
    assert "attend la raison" in refused.value.missing[0].text
    client.force_login(direct.bea)
    page = client.get(url("joint", joint.pk))
    assert "Raison attendue de : vous." in page.text
    client.post(url("joint", joint.pk), fields(page) | {f"position-{first}": "0", f"reason-{first}": "Rien vu."})
    assert value(joint, first) is None
    sign(direct.alix, joint)
    assert sign(direct.bea, joint).state == "signed"
    assert proposal(sheet_view(type(joint).objects.with_context().get(pk=joint.pk))) == "divergent"


def test_the_second_may_sign_on_the_firsts_device(direct, joint, client):
    act(client, joint, "start")
    send(direct.alix, joint, *[operation("score", criterion=pk, level=1) for pk in criteria(joint)])
    shown = client.get(url("review", joint.pk)).context["shown"]
    client.post(url("review", joint.pk), {"shown": shown})
    other = direct.interview.assignments.get(appointment__user=direct.bea).pk
    client.post(url("cosign", joint.pk), {"assignment": other, "secret": make.PASSWORD, "shown": shown})
    joint.refresh_from_db()
    assert joint.state == "signed"
