"""The device computes what the server would: outcomes while scoring, and the digest that a signature names."""

import random
from dataclasses import asdict

import pytest
from playwright.sync_api import Page

from candidates.models import Assignment
from evaluations.models import CompetenceVerdict, Divergence, ScoringSheet
from evaluations.scoring.rules import Outcome, Parameters, Rule, bloc_result, competence_result
from evaluations.sheets.form_rows import PROPOSALS, outcome_text
from evaluations.sheets.queries import ActivityLine, CompetenceLine, CriterionLine, SheetView, digest
from referentiel.models import Activity, Bloc, Competence, Criterion, ScaleLevel

BLOCS = 5_000
SHEETS = 200
# Shares that whole points often meet exactly, where a rounding would show.
PERCENTS = [1, 33, 34, 50, 60, 66, 67, 70, 75, 80, 100]
# What two languages may write differently in JSON, or count differently.
PIECES = [
    *(
        '"',
        "\\",
        "/",
        "\n",
        "\r\n",
        "\t",
        "\b",
        "\f",
        "\x01",
        "\x1f",
        "\x7f",
        "\x85",
        "\xa0",
        "\u2028",
        "\u2029",
        "\ufeff",
    ),
    *(
        "é",
        "e\u0301",
        "Nguyễn Thị Ánh",
        "ĐẶNG",
        "😀",
        "👩🏽‍💼",
        "𝒳",
        "עברית",
        "</script>",
        "<!--",
        "\\u2028",
        "Vu au poste.",
    ),
]


@pytest.fixture
def page(newcomer) -> Page:
    page = newcomer()
    page.goto("/compte/login/")
    return page


def any_bloc(chance: random.Random) -> tuple[Parameters, list[list[int | None]], list[Outcome | None]]:
    parameters = Parameters(
        rule=chance.choice(list(Rule)),
        full_points=chance.randint(1, 4),
        competence_percent=chance.choice(PERCENTS),
        minimum_addressed_percent=chance.choice([0, *PERCENTS]),
        bloc_percent=chance.choice(PERCENTS),
        required_criteria=chance.randint(0, 7),
        required_competences=chance.randint(0, 5),
    )
    # Few are not addressed, few are low: the outcomes then come about equally often.
    levels = [None, *range(parameters.full_points + 1), *[parameters.full_points] * chance.randint(0, 4)]
    competences = [chance.choices(levels, k=chance.randint(0, 6)) for _ in range(chance.randint(0, 5))]
    opinions = [None, None, Outcome.ACQUIRED, Outcome.NOT_ACQUIRED]
    return parameters, competences, chance.choices(opinions, k=len(competences)) if chance.random() < 0.6 else []


def test_device_and_server_judge_every_sheet_alike(page):
    chance = random.Random(20261125)
    blocs = [any_bloc(chance) for _ in range(BLOCS)]

    found = page.evaluate(
        """async (blocs) => {
            const { blocResult, competenceResult, outcomeText } = await import("/static/js/scoring/rule.js");
            return blocs.map(([parameters, competences, verdicts]) => {
                const own = competences.map((levels) => competenceResult(levels, parameters));
                return {
                    bloc: blocResult(competences, parameters, verdicts),
                    own,
                    texts: own.map((result, rank) => outcomeText(result, verdicts[rank] ?? null)),
                };
            });
        }""",
        [[asdict(parameters), competences, verdicts] for parameters, competences, verdicts in blocs],
    )

    for (parameters, competences, verdicts), device in zip(blocs, found, strict=True):
        own = [competence_result(levels, parameters) for levels in competences]
        bloc = asdict(bloc_result(competences, parameters, verdicts))
        lines = [
            CompetenceLine(Competence(), [], result, CompetenceVerdict(outcome=verdict) if verdict else None)
            for result, verdict in zip(own, verdicts or [None] * len(own), strict=True)
        ]
        assert device == {
            "bloc": bloc | {"competences": list(bloc["competences"])},
            "own": [asdict(result) for result in own],
            "texts": [outcome_text(line) for line in lines],
        }, (parameters, competences, verdicts)
    for rule in Rule:
        outcomes = {
            device["bloc"]["outcome"] for bloc, device in zip(blocs, found, strict=True) if bloc[0].rule == rule
        }
        assert outcomes == set(Outcome)


def test_device_says_the_proposal_in_the_words_of_the_server(page):
    words = page.evaluate(
        """async (outcomes) => {
            const { proposalText } = await import("/static/js/scoring/rule.js");
            const plain = outcomes.map((outcome) => [outcome, proposalText({ outcome }, false)]);
            return Object.fromEntries([...plain, ["divergent", proposalText({ outcome: "acquired" }, true)]]);
        }""",
        list(Outcome),
    )

    assert words == PROPOSALS


def any_text(chance: random.Random) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(0, 5)))


def any_sheet(chance: random.Random) -> SheetView:
    """A sheet as the database would give it: in the référentiel's order, which is not that of the keys."""
    keys = iter(chance.sample(range(1, 3000), 40))
    competences = []
    for _ in range(chance.randint(1, 4)):
        criteria = []
        for _ in range(chance.randint(1, 5)):
            level = ScaleLevel(value=chance.randint(0, 3)) if chance.random() < 0.8 else None
            line = CriterionLine(Criterion(pk=next(keys)), level, any_text(chance), 0)
            if chance.random() < 0.2:
                line.divergences = [
                    Divergence(
                        criterion=line.criterion,
                        assignment=Assignment(pk=next(keys)),
                        level=ScaleLevel(value=chance.randint(0, 3)),
                        reason=any_text(chance),
                    )
                    for _ in range(2)
                ]
            criteria.append(line)
        outcome = chance.choice(["", "acquired", "not_acquired"])
        verdict = CompetenceVerdict(outcome=outcome, comment=any_text(chance)) if outcome else None
        competences.append(CompetenceLine(Competence(pk=next(keys)), criteria, None, verdict))
    return SheetView(ScoringSheet(pk=next(keys)), Bloc(), [], [ActivityLine(Activity(), 0, competences)], None)


def as_the_page_has_it(view: SheetView, chance: random.Random) -> dict:
    shown = {
        "sheet": view.sheet.pk,
        "scores": [[line.criterion.pk, line.level.value if line.level else None, line.note] for line in view.criteria],
        "verdicts": [[c.competence.pk, c.verdict.outcome, c.verdict.comment] for c in view.competences if c.verdict],
        "divergences": [
            [one.criterion_id, one.assignment_id, one.level.value, one.reason]
            for line in view.criteria
            for one in line.divergences
        ],
    }
    for name in ("scores", "verdicts", "divergences"):
        chance.shuffle(shown[name])
    return shown


def test_device_and_server_give_every_sheet_the_same_digest(page):
    chance = random.Random(4)
    sheets = [any_sheet(chance) for _ in range(SHEETS)]

    found = page.evaluate(
        """async (sheets) => {
            const { sheetDigest } = await import("/static/js/scoring/digest.js");
            return Promise.all(sheets.map(sheetDigest));
        }""",
        [as_the_page_has_it(view, chance) for view in sheets],
    )

    assert found == [digest(view) for view in sheets]
    assert len(set(found)) == SHEETS
