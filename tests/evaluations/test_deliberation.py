"""The deliberation under its rules: presidency, recusals, votes, lowering, confirming together."""

import pytest
from django.urls import reverse

from candidates.models import Affiliation, Conflict, Organisation
from candidates.services.sessions import set_jury_rules
from cqp.models import JournalEntry
from evaluations.cases import bloc_cases, is_unanimous
from evaluations.jury_rules import Vote
from evaluations.models import Decision, Proxy
from evaluations.services.decisions import ReasonNeeded, Seen, confirm_together, decide
from evaluations.services.jury import DecisionRefused, note_attendance, open_deliberation, withdraw
from tests import factories as make
from tests.evaluations.jury_scene import (
    add_candidate,
    case_of,
    decided,
    evaluated,
    first_bloc,
    joint_sheet,
    make_scene,
    sitting,
)

pytestmark = pytest.mark.django_db


def seen_of(row) -> dict:
    case = case_of(row)
    return {"proposal_seen": case.proposal, "sheet_seq_seen": case.sheet_seq}


def ruled(referentiel, **rules):
    """A session before its jury of four, two of each college, under these rules."""
    scene = make_scene(referentiel, level=rules.pop("level", 2))
    scene.jurors += [make.make_juror(scene.session), make.make_juror(scene.session, college="employees")]
    scene.session = set_jury_rules(session=scene.session, by=scene.admin, rules=rules)
    return scene


def present(scene, *members, president=None, proxies=None):
    deliberation = open_deliberation(scene.session, by=scene.admin)
    note_attendance(deliberation, members or scene.jurors, by=scene.admin, president=president, proxies=proxies)
    return deliberation


def test_the_rules_are_those_of_the_opening(referentiel):
    scene = ruled(referentiel, minimum_members=3)
    deliberation = present(scene)
    assert deliberation.rules["minimum_members"] == 3
    with pytest.raises(Exception, match="ses règles ne changent plus"):
        set_jury_rules(session=scene.session, by=scene.admin, rules={})
    payload = JournalEntry.objects.get(verb="deliberation.opened").payload
    assert payload["rules"]["minimum_members"] == 3


def test_each_college_is_asked_for(referentiel):
    scene = ruled(referentiel, minimum_per_college=2)
    present(scene, *scene.jurors[:3])
    with pytest.raises(DecisionRefused, match="Collège des salariés : 1 présent, 2 requis"):
        decided(scene, first_bloc(scene))
    present(scene)
    assert decided(scene, first_bloc(scene))


def test_the_presidency_alternates_from_one_session_to_the_next(referentiel):
    first = ruled(referentiel, presidency="alternating")
    assert present(first, president=first.jurors[0]).turn == "employers"
    second = ruled(referentiel, presidency="alternating")
    assert present(second, president=second.jurors[0]).turn == "employees"
    with pytest.raises(DecisionRefused, match="revient au collège des salariés"):
        decided(second, first_bloc(second))
    present(second, president=second.jurors[1])
    assert decided(second, first_bloc(second)).bench["president"] == second.jurors[1].pk


def test_who_does_not_sit_does_not_preside(referentiel):
    scene = ruled(referentiel)
    with pytest.raises(DecisionRefused, match="ne peut pas présider"):
        present(scene, *scene.jurors[1:], president=scene.jurors[0])


def test_one_person_has_one_voice(referentiel):
    scene = ruled(referentiel)
    double = make.make_appointment(scene.session, "substitute", college="employees", user=scene.jurors[0].user)
    with pytest.raises(DecisionRefused, match="une personne n'a qu'une voix"):
        present(scene, *scene.jurors, double)


def test_proxies_are_what_the_rules_admit(referentiel):
    scene = ruled(referentiel, proxies_per_member=1)
    a, b, c, d = scene.jurors
    with pytest.raises(DecisionRefused, match="est présent : il vote lui-même"):
        present(scene, a, b, c, proxies={c: a})
    with pytest.raises(DecisionRefused, match="n'est pas un titulaire présent"):
        present(scene, a, b, proxies={c: d})
    with pytest.raises(DecisionRefused, match="a déjà 1 pouvoir, le maximum"):
        present(scene, a, b, proxies={c: a, d: a})
    present(scene, a, b, proxies={c: a, d: b})
    assert Proxy.objects.count() == 2
    decision = decide(
        first_bloc(scene), by=scene.admin, outcome="acquired", vote=Vote(3, 1), **seen_of(first_bloc(scene))
    )
    assert decision.vote["in_favour"] == 3
    other = ruled(referentiel)
    with pytest.raises(DecisionRefused, match="n'admettent pas de pouvoir"):
        present(other, *other.jurors[:3], proxies={other.jurors[3]: other.jurors[0]})


def test_an_observer_attends_without_a_voice(referentiel):
    scene = ruled(referentiel, minimum_members=2)
    observer = make.make_appointment(scene.session, "observer")
    present(scene, scene.jurors[0], observer)
    with pytest.raises(DecisionRefused, match="1 présent qui vote, 2 requis"):
        decided(scene, first_bloc(scene))


@pytest.mark.parametrize("link", ["declared", "employer", "evaluated"])
def test_who_has_a_link_leaves_and_the_quorum_is_counted_anew(referentiel, link):
    scene = ruled(referentiel, minimum_members=4)
    enrolment, juror = scene.enrolments[0], scene.jurors[0]
    add_candidate(scene, blocs=[1])
    present(scene)
    if link == "declared":
        withdraw(enrolment, juror, by=juror.user)
        withdraw(enrolment, juror, by=juror.user)
        assert Conflict.objects.count() == 1
    elif link == "employer":
        employer = Organisation.objects.create(branch=scene.session.branch, kind="employer", name="Comptoir")
        Affiliation.objects.create(user=juror.user, organisation=employer)
        type(enrolment).objects.filter(pk=enrolment.pk).update(employer=employer)
    else:
        row = enrolment.enrolment_blocs.get()
        row.interviews.get().assignments.filter(appointment=scene.evaluators[0]).update(
            appointment=make.make_appointment(scene.session, "evaluator", user=juror.user)
        )
    with pytest.raises(DecisionRefused, match=r"3 présents qui votent, 4 requis\. Se retirent pour ce candidat"):
        decided(scene, first_bloc(scene))
    assert decided(scene, scene.enrolments[1].enrolment_blocs.get())  # On the other, the jury sits whole.
    substitute = make.make_appointment(scene.session, "substitute", college="employers")
    present(scene, *scene.jurors, substitute)
    decision = decided(scene, first_bloc(scene))
    assert decision.bench["recused"] == [juror.pk]
    assert substitute.pk in decision.bench["voting"]


def test_who_left_does_not_record_the_decision(referentiel):
    scene = ruled(referentiel)
    present(scene)
    withdraw(scene.enrolments[0], scene.jurors[0], by=scene.admin)
    with pytest.raises(DecisionRefused, match="un autre membre enregistre"):
        decided(scene, first_bloc(scene), by=scene.jurors[0].user)
    assert decided(scene, first_bloc(scene), by=scene.jurors[1].user)


def test_nobody_withdraws_another(referentiel):
    scene = ruled(referentiel)
    present(scene)
    with pytest.raises(DecisionRefused, match="se retire lui-même"):
        withdraw(scene.enrolments[0], scene.jurors[0], by=scene.jurors[1].user)


def test_a_tie_is_settled_by_the_president(referentiel):
    scene = ruled(referentiel, tie="president")
    present(scene, president=scene.jurors[0])
    row, seen = first_bloc(scene), seen_of(first_bloc(scene))
    with pytest.raises(DecisionRefused, match="comment a voté le président"):
        decide(row, by=scene.admin, outcome="acquired", vote=Vote(2, 2), **seen)
    with pytest.raises(DecisionRefused, match="Le vote donne « non acquis »"):
        decide(row, by=scene.admin, outcome="acquired", vote=Vote(2, 2, president=False), **seen)
    decision = decide(row, by=scene.admin, outcome="acquired", vote=Vote(2, 2, president=True), **seen)
    assert decision.vote == {"in_favour": 2, "against": 2, "abstained": 0, "president": True}


def test_a_vote_without_majority_adjourns(referentiel):
    scene = ruled(referentiel)
    present(scene)
    row, seen = first_bloc(scene), seen_of(first_bloc(scene))
    with pytest.raises(DecisionRefused, match="aucune majorité absolue"):
        decide(row, by=scene.admin, outcome="acquired", vote=Vote(2, 1, 1), **seen)
    assert decide(row, by=scene.admin, outcome="adjourned", reason="Sans majorité.", vote=Vote(2, 1, 1), **seen)


def test_the_law_of_the_vae_is_asked_for(referentiel):
    scene = ruled(referentiel)
    type(scene.enrolments[0]).objects.update(access_route="vae")
    present(scene)
    with pytest.raises(DecisionRefused, match="qualifié au titre de la certification"):
        decided(scene, first_bloc(scene))
    scene.jurors[0].is_qualified = True
    scene.jurors[0].save()
    with pytest.raises(DecisionRefused, match="Aucun président"):
        decided(scene, first_bloc(scene))
    present(scene, president=scene.jurors[0])
    assert decided(scene, first_bloc(scene))


def test_raising_needs_a_reason_and_lowering_is_another_act(referentiel):
    scene = sitting(make_scene(referentiel, level=0))
    row = first_bloc(scene)
    with pytest.raises(ReasonNeeded):
        decided(scene, row, "acquired")
    assert decided(scene, row, "acquired", "Rattrapage : le dossier montre l'essentiel.").outcome == "acquired"
    other = sitting(make_scene(referentiel))
    row, seen = first_bloc(other), seen_of(first_bloc(other))
    with pytest.raises(DecisionRefused, match="un acte à part"):
        decide(row, by=other.admin, outcome="not_acquired", reason="Dossier copié.", **seen)
    assert decide(row, by=other.admin, outcome="not_acquired", reason="Dossier copié.", lowering=True, **seen)


def test_clear_proposals_are_confirmed_together_each_candidate_whole(referentiel):
    scene = sitting(make_scene(referentiel, candidates=2, blocs=[1, 2]))
    add_candidate(scene, blocs=[1], divergence=True)
    seen = {}
    for enrolment in scene.enrolments:
        for case in bloc_cases(enrolment.enrolment_blocs.all()):
            seen[case.enrolment_bloc.pk] = Seen(case.proposal, case.sheet_seq, 0)
    half = scene.enrolments[1].enrolment_blocs.get(bloc__number=2)
    del seen[half.pk]
    made, left = confirm_together(scene.session, seen, by=scene.jurors[0].user)
    assert len(made) == 2
    assert {one.enrolment_bloc.enrolment for one in made} == {scene.enrolments[0]}
    assert len(left) == 2
    assert all("examinez-le à part" in words for words in left)
    again, left = confirm_together(scene.session, seen, by=scene.admin)
    assert not again
    assert Decision.objects.count() == 2


def test_together_what_changed_meanwhile_is_left_out(referentiel):
    scene = sitting(make_scene(referentiel, candidates=2))
    rows = [enrolment.enrolment_blocs.get() for enrolment in scene.enrolments]
    seen = {row.pk: Seen("acquired", case_of(row).sheet_seq, 0) for row in rows}
    seen[rows[0].pk] = Seen("acquired", seen[rows[0].pk].sheet_seq - 1, 0)
    made, [left] = confirm_together(scene.session, seen, by=scene.admin)
    assert [one.enrolment_bloc for one in made] == [rows[1]]
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
    data = {"outcome": "not_acquired", "proposal_seen": "acquired", "sheet_seq_seen": case.sheet_seq, "version_seen": 0}
    assert client.post(decide_url, data).status_code == 422  # Not among the choices of the plain form.
    plain = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolment.pk])).text
    assert (f"?abaisser={row.pk}#suite-{row.pk}" in plain, 'name="lower"' in plain) == (True, False)
    lowering = client.get(reverse("jury:candidate", args=[scene.session.pk, enrolment.pk]), {"abaisser": row.pk}).text
    assert ('name="lower"' in lowering, 'name="csrfmiddlewaretoken"' in lowering) == (True, True)
    assert f"bloc-{row.bloc.number}-decide" not in lowering
    refused = client.post(decide_url, data | {"outcome": "", "version_seen": 0})
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
    with django_assert_num_queries(9):
        page = client.get(reverse("jury:together", args=[scene.session.pk])).text
    assert page.count('name="blocs"') == candidates
