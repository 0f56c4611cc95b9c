"""What a jury decides: raising, lowering, confirming together; the pages of the deliberation."""

import pytest
from django.urls import reverse

from evaluations.jury.decisions import (
    DecisionInput,
    MissingReasonError,
    ShownState,
    confirm_unanimous_proposals,
    decide,
)
from evaluations.jury.queries import is_unanimous, list_bloc_cases
from evaluations.jury.sitting import DecisionRefused, note_attendance, open_deliberation
from evaluations.models import Decision, Proxy
from tests import factories as make
from tests.evaluations.jury.scene import (
    add_candidate,
    case_of,
    decided,
    evaluated,
    first_bloc,
    joint_sheet,
    make_scene,
    ruled,
    shown_of,
    sitting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_raising_needs_a_reason_and_lowering_is_another_act(referentiel):
    scene = sitting(make_scene(referentiel, level=0))
    row = first_bloc(scene)
    with pytest.raises(MissingReasonError):
        decided(scene, row, "acquired")
    assert decided(scene, row, "acquired", "Rattrapage : le dossier montre l'essentiel.").outcome == "acquired"
    other = sitting(make_scene(referentiel))
    row, shown = first_bloc(other), shown_of(first_bloc(other))
    with pytest.raises(DecisionRefused, match="un acte à part"):
        decide(row, DecisionInput("not_acquired", "Dossier copié."), shown=shown, by=other.admin)
    lowering = DecisionInput("not_acquired", "Dossier copié.", is_lowering=True)
    assert decide(row, lowering, shown=shown, by=other.admin)


def test_clear_proposals_are_confirmed_together_each_candidate_whole(referentiel):
    scene = sitting(make_scene(referentiel, candidates=2, blocs=[1, 2]))
    add_candidate(scene, blocs=[1], divergence=True)
    shown = {}
    for enrolment in scene.enrolments:
        for case in list_bloc_cases(enrolment.enrolment_blocs.all()):
            shown[case.enrolment_bloc.pk] = ShownState(case.proposal, case.sheet_seq, 0)
    half = scene.enrolments[1].enrolment_blocs.get(bloc__number=2)
    del shown[half.pk]
    made, left = confirm_unanimous_proposals(scene.session, shown, by=scene.jurors[0].user)
    assert len(made) == 2
    assert {decision.enrolment_bloc.enrolment for decision in made} == {scene.enrolments[0]}
    assert len(left) == 2
    assert all("examinez-le à part" in exclusion for exclusion in left)
    again, left = confirm_unanimous_proposals(scene.session, shown, by=scene.admin)
    assert not again
    assert Decision.objects.count() == 2


def test_together_what_changed_meanwhile_is_left_out(referentiel):
    scene = sitting(make_scene(referentiel, candidates=2))
    rows = [enrolment.enrolment_blocs.get() for enrolment in scene.enrolments]
    shown = {row.pk: ShownState("acquired", case_of(row).sheet_seq, 0) for row in rows}
    shown[rows[0].pk] = ShownState("acquired", shown[rows[0].pk].sheet_seq - 1, 0)
    made, [left] = confirm_unanimous_proposals(scene.session, shown, by=scene.admin)
    assert [decision.enrolment_bloc for decision in made] == [rows[1]]
    assert "a changé" in left


def test_an_incident_is_for_the_jury_to_read(referentiel):
    scene = sitting(make_scene(referentiel))
    row = first_bloc(scene)
    assert is_unanimous([case_of(row)])
    row.interviews.get().incidents.create(category="other", text="Bruit", reported_by=scene.admin)
    assert not is_unanimous([case_of(row)])


def test_the_page_confirms_and_goes_on_to_the_next(referentiel, client):
    scene = sitting(make_scene(referentiel, candidates=2))
    client.force_login(scene.jurors[0].user)
    first, second = sorted(scene.enrolments, key=lambda one: (one.candidate.birth_name, one.pk))
    page = client.get(reverse("jury:candidate", args=[scene.session.pk, first.pk])).text
    assert "Confirmer la proposition et passer au suivant" in page
    case = case_of(first.enrolment_blocs.get())
    url = reverse("jury:together", args=[scene.session.pk])
    posted = {"blocs": f"{case.enrolment_bloc.pk}:acquired:{case.sheet_seq}", "suite": second.pk}
    answer = client.post(url, posted)
    assert answer.url == reverse("jury:candidate", args=[scene.session.pk, second.pk])
    assert Decision.objects.get().enrolment_bloc.enrolment == first
    assert client.post(url, {"blocs": "n'importe:quoi"}).status_code == 422
    assert client.post(url).status_code == 422
    listed = client.get(url).text
    assert str(second.candidate).replace("'", "&#x27;") in listed
    assert f"qui-{first.pk}" not in listed


def test_the_pages_of_withdrawal_and_lowering(referentiel, client):
    scene = sitting(make_scene(referentiel))
    scene.jurors.append(make.make_juror(scene.session))
    note_attendance(scene.session.deliberation, scene.jurors, by=scene.admin, president=scene.jurors[0])
    enrolment, row = scene.enrolments[0], first_bloc(scene)
    client.force_login(scene.jurors[2].user)
    url = reverse("jury:withdraw", args=[scene.session.pk, enrolment.pk])
    assert client.post(url, {"seat": scene.jurors[1].pk}).status_code == 409
    assert client.post(url, {"seat": "x"}).status_code == 404
    assert client.post(url, {"seat": scene.jurors[2].pk}).status_code == 302
    client.force_login(scene.jurors[0].user)
    page = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolment.pk])).text
    assert "Se retire" in page
    case = case_of(row)
    decide_url = reverse("jury:decide", args=[scene.session.pk, enrolment.pk, row.pk])
    data = {
        "outcome": "not_acquired",
        "shown_proposal": "acquired",
        "shown_sheet_seq": case.sheet_seq,
        "shown_version": 0,
    }
    assert client.post(decide_url, data).status_code == 422  # Not among the choices of the plain form.
    plain = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolment.pk])).text
    assert (f"?abaisser={row.pk}#suite-{row.pk}" in plain, 'name="lower"' in plain) == (True, False)
    lowering = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolment.pk]), {"abaisser": row.pk}).text
    assert ('name="lower"' in lowering, 'name="csrfmiddlewaretoken"' in lowering) == (True, True)
    assert f"bloc-{row.bloc.number}-decide" not in lowering
    refused = client.post(decide_url, data | {"outcome": "", "shown_version": 0})
    assert f'href="{reverse("jury:candidate", args=[scene.session.pk, enrolment.pk])}?abaisser=' in refused.text
    refused = client.post(decide_url, data | {"lower": "1"})
    assert (refused.status_code, "Écrivez pourquoi le jury abaisse" in refused.text) == (422, True)
    assert client.post(decide_url, data | {"lower": "1", "reason": "Plagiat."}).status_code == 302
    assert Decision.objects.get().outcome == "not_acquired"


def test_the_attendance_page_notes_president_and_proxies(referentiel, client):
    scene = ruled(referentiel, proxies_per_member=1, presidency="employees")
    deliberation = open_deliberation(scene.session, by=scene.admin)
    a, b, c, _ = scene.jurors
    client.force_login(scene.admin)
    url = reverse("jury:attendance", args=[scene.session.pk])
    posted = {"members": [a.pk, b.pk], "president": b.pk, f"proxy_{c.pk}": a.pk}
    assert client.post(url, posted).status_code == 302
    deliberation.refresh_from_db()
    assert deliberation.president == b
    assert Proxy.objects.get().holder == a
    bad = client.post(url, {"members": [a.pk], "president": b.pk})
    assert (bad.status_code, "ne peut pas présider" in bad.text) == (409, True)
    assert client.post(url, {"members": ["999999"]}).status_code == 422
    page = client.get(reverse("jury:session", args=[scene.session.pk])).text
    assert "2 membres votent, 3 voix" in page


def test_a_reopened_sheet_is_no_longer_confirmed(referentiel):
    scene = sitting(make_scene(referentiel))
    row = first_bloc(scene)
    assert joint_sheet(row.interviews.get()).state == "signed"
    evaluated_again = make.make_enrolment(scene.session, blocs=[2]).enrolment_blocs.get()
    evaluated(evaluated_again, scene.evaluators)
    assert is_unanimous([case_of(evaluated_again)])


@pytest.mark.parametrize("candidates", [1, 3])
def test_confirming_together_costs_the_same_to_show(referentiel, client, candidates, django_assert_num_queries):
    scene = sitting(make_scene(referentiel, candidates=candidates))
    client.force_login(scene.jurors[0].user)
    with django_assert_num_queries(23):
        page = client.get(reverse("jury:together", args=[scene.session.pk])).text
    assert page.count('name="blocs"') == candidates
