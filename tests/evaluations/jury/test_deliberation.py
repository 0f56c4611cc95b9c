"""The deliberation under its rules: presidency, proxies, recusals, votes."""

import pytest

from candidates.models import Affiliation, Conflict, Organisation
from candidates.sessions.services import set_jury_rules
from cqp.models import JournalEntry
from evaluations.jury.decisions import DecisionInput, decide
from evaluations.jury.rules import Vote
from evaluations.jury.sitting import DecisionRefused, withdraw
from evaluations.models import Proxy
from tests import factories as make
from tests.evaluations.jury.scene import add_candidate, decided, first_bloc, present, ruled, shown_of

pytestmark = pytest.mark.django_db


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
    row = first_bloc(scene)
    decision = decide(row, DecisionInput("acquired", vote=Vote(3, 1)), shown=shown_of(row), by=scene.admin)
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
    row, shown = first_bloc(scene), shown_of(first_bloc(scene))
    with pytest.raises(DecisionRefused, match="comment a voté le président"):
        decide(row, DecisionInput("acquired", vote=Vote(2, 2)), shown=shown, by=scene.admin)
    with pytest.raises(DecisionRefused, match="Le vote donne « non acquis »"):
        decide(row, DecisionInput("acquired", vote=Vote(2, 2, president=False)), shown=shown, by=scene.admin)
    decision = decide(row, DecisionInput("acquired", vote=Vote(2, 2, president=True)), shown=shown, by=scene.admin)
    assert decision.vote == {"in_favour": 2, "against": 2, "abstained": 0, "president": True}


def test_a_vote_without_majority_adjourns(referentiel):
    scene = ruled(referentiel)
    present(scene)
    row, shown = first_bloc(scene), shown_of(first_bloc(scene))
    with pytest.raises(DecisionRefused, match="aucune majorité absolue"):
        decide(row, DecisionInput("acquired", vote=Vote(2, 1, 1)), shown=shown, by=scene.admin)
    adjourned = DecisionInput("adjourned", "Sans majorité.", vote=Vote(2, 1, 1))
    assert decide(row, adjourned, shown=shown, by=scene.admin)


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
