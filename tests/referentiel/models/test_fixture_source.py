"""The fixture says what the source says, all of it, word for word. No database: two files are read and compared.

The source is a scanned table, tabs between cells. Two foldings and no other: white space to one space, mark-up and the
dash that opens a bullet removed.
"""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SOURCE = (ROOT / "tests/data/referentiel-source.txt").read_text(encoding="utf-8")
FIXTURE = json.loads((ROOT / "fixtures/referentiel.json").read_text(encoding="utf-8"))

BULLET = re.compile(r"\s- (.*?)(?=\s- |</?ul|<p>|$)", re.DOTALL)
PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)

# Trame headings cut by the table's rows: (bloc, position) -> the two pieces, as they stand in two cells.
BROKEN_HEADINGS = {
    (1, 4): (
        "une présentation de la manière dont l'activité de l'équipe et les résultats",
        "obtenus ont été capitalisés et transmis aux services concernés",
    ),
    (2, 6): (
        "une présentation de la manière dont il planifie, prépare et conduit les",
        "entretiens périodiques avec ses collaborateurs",
    ),
    (3, 2): (
        "une présentation de plusieurs actions de dynamisation individuelle, des",
        "résultats obtenus et des améliorations à prévoir pour les prochaines actions de dynamisation individuelle",
    ),
}
# Headings of bloc 2 that the scan shows on both sides of a page break: position -> how the heading begins.
REPEATED_HEADINGS = {
    4: "une présentation de la manière dont il a priorisé",
    5: "une présentation de ses pratiques pour relayer",
    6: "une présentation de la manière dont il planifie",
}


def fold(text: str) -> str:
    """Return the text with mark-up removed and every run of white space made one space."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def source_rows() -> list[list[str]]:
    """Return the rows of the table below its header, as lists of cells, the rulers of the scan left out."""
    rows = [line.split("\t") for line in SOURCE.splitlines() if line.strip()]
    return [row for row in rows[2:] if not row[0].startswith("--")]


ROWS = source_rows()
CELLS = [cell for row in ROWS for cell in row if cell.strip()]
PLAIN_SOURCE = fold(SOURCE.replace("\t", " "))
# The two columns of the évaluation are the only cells with bullets or with paragraphs that carry no code.
CODE = re.compile(r"(Bloc de compétences \d+ : |C?\d\.\d )")
EVALUATION_CELLS = [cell for cell in CELLS if not CODE.match(fold(cell))]
BULLETS = [fold(bullet) for cell in EVALUATION_CELLS for bullet in BULLET.findall(cell)]
PARAGRAPHS = [fold(paragraph) for cell in EVALUATION_CELLS for paragraph in PARAGRAPH.findall(cell)]


def objects(model: str) -> list[dict]:
    return [entry["fields"] for entry in FIXTURE if entry["model"] == f"referentiel.{model}"]


def trame() -> dict[tuple[int, int], str]:
    return {(item["bloc"][-1], item["position"]): item["text"] for item in objects("trameitem")}


def criteria(code: str) -> list[str]:
    found = [criterion for criterion in objects("criterion") if criterion["competence"][-1] == code]
    return [criterion["text"] for criterion in sorted(found, key=lambda criterion: criterion["position"])]


def competence(code: str) -> dict:
    (found,) = [competence for competence in objects("competence") if competence["code"] == code]
    return found


def modality_paragraphs() -> list[str]:
    return [paragraph for bloc in objects("bloc") for paragraph in bloc["modality"].split("\n\n")]


def texts_of_the_source() -> list[str]:
    """Return every text of the fixture that claims to come from the source, broken headings left out."""
    return [
        *(bloc["title"] for bloc in objects("bloc")),
        *modality_paragraphs(),
        *(text for key, text in trame().items() if key not in BROKEN_HEADINGS),
        *(activity["title"] for activity in objects("activity")),
        *(competence["statement"] for competence in objects("competence")),
        *(competence["criteria_heading"] for competence in objects("competence") if competence["code"] != "C1.4"),
        *(criterion["text"] for criterion in objects("criterion")),
    ]


def test_the_source_is_the_certifier_s_text_untouched():
    digest = hashlib.sha256(SOURCE.encode()).hexdigest()
    assert digest == "a5557816537ff77675aebed038951b13c34a7fc06b746f38010ad5511a122378"


def test_the_counts_are_those_of_the_source():
    counts = Counter(entry["model"].removeprefix("referentiel.") for entry in FIXTURE)
    assert counts == {
        "branch": 1,
        "referentiel": 1,
        "scalelevel": 4,
        "bloc": 3,
        "trameitem": 15,
        "activity": 8,
        "competence": 17,
        "criterion": 72,
        "guidequestion": 5,
        "headingcompetence": 18,
        "referentielseal": 1,
    }
    assert Counter(item["bloc"][-1] for item in objects("trameitem")) == {1: 4, 2: 6, 3: 5}
    assert Counter(criterion["competence"][3] for criterion in objects("criterion")) == {1: 25, 2: 27, 3: 20}


def test_the_seal_is_the_last_object():
    assert FIXTURE[-1]["model"] == "referentiel.referentielseal"


# --- From the fixture to the source ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", texts_of_the_source())
def test_a_text_of_the_fixture_stands_in_the_source_word_for_word(text):
    assert text
    assert f" {text} " in f" {PLAIN_SOURCE} "


@pytest.mark.parametrize(("key", "pieces"), BROKEN_HEADINGS.items())
def test_a_trame_heading_cut_by_the_table_is_its_two_pieces_joined(key, pieces):
    head, tail = pieces
    assert head in BULLETS
    assert tail in PARAGRAPHS
    assert trame()[key] == f"{head} {tail}"


# --- From the source to the fixture ------------------------------------------------------------------------------


def test_every_bullet_of_the_evaluation_is_in_the_fixture_exactly_once():
    expected = Counter(BULLETS)
    for start in REPEATED_HEADINGS.values():
        (bullet,) = {bullet for bullet in BULLETS if bullet.startswith(start)}
        assert expected[bullet] == 2
        expected[bullet] = 1
    loaded = Counter(criterion["text"] for criterion in objects("criterion"))
    loaded.update(BROKEN_HEADINGS[key][0] if key in BROKEN_HEADINGS else text for key, text in trame().items())
    assert len(BULLETS) == 90
    assert loaded == expected


def test_every_paragraph_of_the_evaluation_is_in_the_fixture_as_often_as_in_the_source():
    loaded = Counter(competence["criteria_heading"] for competence in objects("competence"))
    del loaded[""]
    loaded.update(modality_paragraphs())
    loaded.update(tail for _, tail in BROKEN_HEADINGS.values())
    assert loaded == Counter(PARAGRAPHS)


def test_every_bloc_activity_and_competence_is_in_the_fixture_in_the_order_of_the_source():
    def loaded(kind: str) -> list[str]:
        if kind == "bloc":
            return [f"Bloc de compétences {bloc['number']} : {bloc['title']}" for bloc in objects("bloc")]
        if kind == "activity":
            return [f"{activity['code']} {activity['title']}" for activity in objects("activity")]
        return [f"{competence['code']} {competence['statement']}" for competence in objects("competence")]

    coded = [fold(cell) for cell in CELLS if CODE.match(fold(cell))]
    assert loaded("bloc") == [text for text in coded if text.startswith("Bloc")]
    assert loaded("activity") == [text for text in coded if text[0].isdigit()]
    assert loaded("competence") == [text for text in coded if re.match(r"C\d", text)]
    assert len(coded) == 3 + 8 + 17


def test_headings_and_criteria_follow_their_competence_in_the_order_of_the_source():
    """In a cell, bullets above the heading belong to the competence before, if the cell has a heading at all."""
    headings: dict[str, str] = {}
    bullets: dict[str, list[str]] = {}
    previous = code = ""
    for row in ROWS:
        for cell in row:
            if found := re.match(r"(C\d\.\d) ", fold(cell)):
                previous, code = code, found[1]
                headings[code], bullets[code] = "", []
        cell = row[-1]
        if cell not in EVALUATION_CELLS or "Entretien individuel" in cell:
            continue
        above, heading, below = re.fullmatch(r"(.*?)(?:<p>(.*?)</p>(.*))?", cell, re.DOTALL).groups()
        if heading is None:
            bullets[code] += map(fold, BULLET.findall(above))
            continue
        headings[code] = fold(heading)
        bullets[code] += map(fold, BULLET.findall(below))
        if moved := BULLET.findall(above):
            bullets[previous] += map(fold, moved)
    assert {entry["code"]: entry["criteria_heading"] for entry in objects("competence")} == headings
    assert {code: criteria(code) for code in bullets} == bullets


def test_parts_are_numbered_from_one_under_the_parent_their_code_names():
    parents = {"trameitem": "bloc", "activity": "bloc", "competence": "activity", "criterion": "competence"}
    for model, parent in parents.items():
        children: dict[tuple, list[int]] = {}
        for fields in objects(model):
            children.setdefault(tuple(fields[parent]), []).append(fields["position"])
        assert all(positions == list(range(1, len(positions) + 1)) for positions in children.values())
    assert all(activity["code"][0] == str(activity["bloc"][-1]) for activity in objects("activity"))
    assert all(entry["code"][1] == entry["activity"][-1][0] for entry in objects("competence"))
    # C1.1 to C1.6 count on through the activities of the bloc.
    assert [entry["activity"][-1] for entry in objects("competence")] == (
        ["1.1"] * 2 + ["1.2"] * 2 + ["1.3"] * 2 + ["2.1"] * 2 + ["2.2"] * 2 + ["2.3"] * 2 + ["3.1"] * 2 + ["3.2"] * 3
    )


def test_trame_headings_and_modalities_keep_the_order_of_the_source():
    heads = [BROKEN_HEADINGS[key][0] if key in BROKEN_HEADINGS else text for key, text in sorted(trame().items())]
    assert heads == list(dict.fromkeys(bullet for bullet in BULLETS if bullet in heads))
    modalities = modality_paragraphs()
    assert modalities == [paragraph for paragraph in PARAGRAPHS if paragraph in modalities]


def test_each_modality_opens_with_the_interview_and_closes_with_its_duration():
    for bloc in objects("bloc"):
        paragraphs = bloc["modality"].split("\n\n")
        assert paragraphs[0].startswith("Entretien individuel d'évaluation")
        assert paragraphs[1].startswith("Le candidat réalise")
        assert paragraphs[1].endswith("à savoir :")
        assert paragraphs[-2].startswith("A partir d'une analyse du contenu du dossier professionnel")
        assert paragraphs[-1] == f"Durée de l'entretien : {bloc['interview_minutes']} minutes"
        assert len(paragraphs) == (5 if bloc["number"] == 2 else 4)
