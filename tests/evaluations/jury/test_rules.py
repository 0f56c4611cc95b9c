"""Who votes on a candidate, who presides, what a vote gives."""

import pytest

from evaluations.jury.rules import Seat, Vote, VoteRefused, balance, bench, resolve_vote
from referentiel.jury_rules.rules import JuryRules

A, B = Seat(1, "Alix", "employers", sex="F", is_qualified=True), Seat(2, "Bo", "employees", sex="M")
C, D = Seat(3, "Chris", "employers", sex="M"), Seat(4, "Dani", "employees")
E = Seat(5, "Élie", "employers", is_substitute=True)
ALL = (A, B, C, D, E)
HERE = {1, 2, 3, 4, 5}


def of(rules=None, **kinds):
    kinds.setdefault("present", HERE)
    return bench(rules or JuryRules(), ALL, **kinds)


def names(sitting):
    return {seat.name: voices for seat, voices in sitting.votes_by_seat.items()}


def test_rules_are_layers_and_what_nobody_says_asks_for_nothing():
    rules = JuryRules.of({"minimum_members": 3, "tie": "adjourned", "colour": "blue"}, {"tie": "not_acquired"})
    assert (rules.minimum_members, rules.tie, rules.minimum_per_college) == (3, "not_acquired", 0)
    assert JuryRules.of() == JuryRules()


def test_a_substitute_votes_only_in_the_place_of_one_of_their_college():
    assert names(of()) == {"Alix": 1, "Bo": 1, "Chris": 1, "Dani": 1}
    assert [seat.name for seat in of().silent] == ["Élie"]
    assert "Élie" in names(of(present=HERE - {1}))
    assert "Élie" not in names(of(present=HERE - {2}))
    assert "Élie" in names(of(recused={3}))


def test_a_recused_member_leaves_and_the_quorum_is_counted_anew():
    rules = JuryRules(minimum_members=4)
    assert not of(rules).problems
    assert not of(rules, recused={1}).problems  # The substitute sits.
    assert of(rules, recused={2}).problems == ("3 présents qui votent, 4 requis.",)
    assert [seat.name for seat in of(rules, recused={2}).away] == ["Bo"]


def test_each_college_has_its_minimum():
    rules = JuryRules(minimum_per_college=2)
    assert not of(rules).problems
    assert of(rules, present={1, 2, 3}).problems == ("Collège des salariés : 1 présent, 2 requis.",)


def test_a_proxy_gives_a_voice_unless_the_rules_the_recusal_or_the_holders_absence_say_no():
    rules = JuryRules(proxies_per_member=1)
    absent = HERE - {3, 5}
    assert names(of(rules, present=absent, proxies={3: 1})) == {"Alix": 2, "Bo": 1, "Dani": 1}
    assert of(JuryRules(), present=absent, proxies={3: 1}).total == 3
    assert of(rules, present=absent, proxies={3: 1}, recused={3}).total == 3
    assert of(rules, present=absent, proxies={3: 1}, recused={1}).total == 2
    assert of(rules, present={1, 2}, proxies={3: 1, 4: 1}).total == 3  # One each at most.
    # Represented, the seat is not empty: the substitute does not take it as well.
    assert names(of(rules, present=HERE - {3}, proxies={3: 1})) == {"Alix": 2, "Bo": 1, "Dani": 1}


def test_who_presides():
    assert of(president=2).president == B
    assert of().president is None
    assert not of().problems
    assert of(JuryRules(presidency="employers")).problems == ("Aucun président ne siège : désignez-le.",)
    assert of(JuryRules(presidency="employers"), president=2).problems == (
        "La présidence revient au collège des employeurs.",
    )
    alternating = JuryRules(presidency="alternating")
    assert not of(alternating, president=2, turn="employees").problems
    assert of(alternating, president=2, turn="employers").problems


def test_where_the_president_is_recused_another_of_the_college_presides():
    assert of(president=1, recused={1}).president == C
    assert of(president=1, present={2, 4}).president is None


def test_the_law_of_the_vae():
    only = JuryRules(minimum_members=1)
    assert of(only, present={1}, president=1).problems == ()
    assert of(only, present={1}, president=1, is_vae=True).problems == ("1 présent qui vote, 2 requis (loi, VAE).",)
    assert "qualifié" in of(only, present={2, 3}, president=2, is_vae=True).problems[0]
    assert of(only, is_vae=True).problems == ("Aucun président ne siège : désignez-le.",)
    assert of(JuryRules(tie="adjourned"), president=1, is_vae=True).tie == "president"


@pytest.mark.parametrize(
    ("vote", "given"),
    [
        (Vote(3, 1), "acquired"),
        (Vote(1, 3), "not_acquired"),
        (Vote(2, 1, 1), None),
        (Vote(2, 2, president=True), "acquired"),
        (Vote(2, 2, president=False), "not_acquired"),
        (Vote(0, 0, 4, president=False), "not_acquired"),
    ],
)
def test_what_a_vote_gives(vote, given):
    assert resolve_vote(vote, of(president=1)) == given


def test_a_tie_gives_what_the_rule_says():
    assert resolve_vote(Vote(2, 2), of(JuryRules(tie="adjourned"))) == "adjourned"
    assert resolve_vote(Vote(2, 2), of(JuryRules(tie="not_acquired"))) == "not_acquired"
    with pytest.raises(VoteRefused, match="comment a voté le président"):
        resolve_vote(Vote(2, 2), of(president=1))
    with pytest.raises(VoteRefused, match="aucun président"):
        resolve_vote(Vote(2, 2), of())


@pytest.mark.parametrize("vote", [Vote(4, 1), Vote(1, 1), Vote(5, -1), Vote(0, 0)])
def test_a_vote_counts_the_voices_that_there_are(vote):
    with pytest.raises(VoteRefused, match="il y en a 4"):
        resolve_vote(vote, of())


def test_the_balance_and_what_is_kept():
    assert balance(ALL) == (1, 2, 2)
    assert of(president=1, recused={2}).as_payload() == {"voting": [1, 3, 4], "recused": [2], "president": 1}
    assert JuryRules(presidency="alternating").as_text("employees")[2].endswith("cette fois les salariés")
