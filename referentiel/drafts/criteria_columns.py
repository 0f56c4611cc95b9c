"""A spreadsheet with one row per criterion: its columns, and the blocs that its rows make."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cqp.core.text import normalise
from cqp.spreadsheets import cells
from cqp.spreadsheets.cells import CellError
from cqp.spreadsheets.columns import Problem, Row
from cqp.spreadsheets.formats import Cell
from cqp.spreadsheets.headings import Column
from referentiel.drafts.content import ActivityContent, BlocContent, CompetenceContent
from referentiel.models import Referentiel

LONGEST = 4000


def bloc_number(cell: Cell) -> int:
    """Return the number in `1`, `Bloc 1`, `BC01`, `RNCP12345BC01`."""
    match = re.fullmatch(r"(?:.*bc|bloc|n|no)? ?0*([1-9]\d?)", normalise(cells.as_text(cell)))
    if not match:
        raise CellError("écrivez le numéro du bloc : 1, Bloc 1 ou BC01")
    return int(match[1])


def headings(cell: Cell) -> tuple[str, ...]:
    """Return the lines of a cell, without their bullets."""
    lines = (re.sub(r"^\s*[-•–*·]\s*", "", line) for line in str(cell).splitlines())
    return tuple(" ".join(line.split()) for line in lines if line.strip())


def paragraphs(cell: Cell) -> str:
    return "\n\n".join(" ".join(line.split()) for line in str(cell)[:LONGEST].splitlines() if line.strip())


text, code = cells.name_cell(LONGEST), cells.name_cell(20)

COLUMNS = [
    Column("bloc", "Bloc", bloc_number, ("N° de bloc", "Numéro du bloc", "Code du bloc"), True, "1", fills_down=True),
    Column(
        "title",
        "Intitulé du bloc",
        text,
        ("Titre du bloc", "Libellé du bloc", "Bloc de compétences"),
        example="Piloter l'activité commerciale",
        fills_down=True,
    ),
    Column("modality", "Modalité d'évaluation", paragraphs, ("Modalités d'évaluation", "Évaluation")),
    Column(
        "minutes",
        "Durée de l'entretien",
        cells.integer_cell(1, 480, "minutes"),
        ("Minutes", "Durée", "Durée (minutes)"),
        example="30",
        help="En minutes. Vide : 30.",
    ),
    Column(
        "evaluators",
        "Nombre d'évaluateurs",
        cells.integer_cell(1, 9),
        ("Évaluateurs", "Évaluateurs par entretien"),
        example="2",
        help="Vide : 2.",
    ),
    Column(
        "trame",
        "Trame du dossier",
        headings,
        ("Rubriques du dossier", "Trame", "Rubriques"),
        example="un état des lieux du périmètre commercial",
        help="Sur une ligne du bloc, une rubrique par ligne de la case ; ou une rubrique sur chaque ligne.",
    ),
    Column(
        "activity_code",
        "Code de l'activité",
        code,
        ("N° d'activité", "Activité n°"),
        example="1.1",
        help="Sans activité, le bloc n'en a qu'une.",
        fills_down=True,
    ),
    Column(
        "activity",
        "Activité",
        text,
        ("Intitulé de l'activité", "Activités", "Libellé de l'activité"),
        example="Analyser son secteur",
        fills_down=True,
    ),
    Column(
        "competence_code",
        "Code de la compétence",
        code,
        ("N° de compétence", "Code compétence", "Code"),
        True,
        "C1.1",
        fills_down=True,
    ),
    Column(
        "competence",
        "Compétence",
        text,
        ("Énoncé de la compétence", "Compétences", "Libellé de la compétence"),
        True,
        "Identifier les caractéristiques de son secteur",
        fills_down=True,
    ),
    Column(
        "heading",
        "Intitulé des critères",
        text,
        ("Critère général", "Titre des critères"),
        example="Pertinence des informations",
        fills_down=True,
    ),
    Column(
        "criterion",
        "Critère",
        text,
        ("Critère d'évaluation", "Critères", "Critères d'évaluation", "Indicateur"),
        True,
        "Les informations chiffrées sont collectées",
    ),
]


@dataclass
class _Competence:
    activity: str
    code: str
    statement: str
    heading: str
    line: int
    criteria: dict[str, int] = field(default_factory=dict)


@dataclass
class _Bloc:
    number: int
    title: str = ""
    modality: str = ""
    minutes: int = 30
    evaluators: int = 2
    trame: list[str] = field(default_factory=list)
    activities: dict[str, str] = field(default_factory=dict)
    competences: dict[str, _Competence] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def blocs_of(rows: Sequence[Row]) -> list[BlocContent]:
    """Return the blocs that the rows make. What contradicts an earlier row is added to the row's errors."""
    blocs: dict[int, _Bloc] = {}
    for row in rows:
        if "bloc" in row.values:
            _add(row, blocs.setdefault(row.values["bloc"], _Bloc(row.values["bloc"])))
    return [_content(blocs[number]) for number in sorted(blocs)]


def _add(row: Row, bloc: _Bloc) -> None:
    values = row.values
    for name, key, label in (
        ("title", "title", "Intitulé du bloc"),
        ("modality", "modality", "Modalité d'évaluation"),
        ("minutes", "minutes", "Durée de l'entretien"),
        ("evaluators", "evaluators", "Nombre d'évaluateurs"),
    ):
        if key not in values:
            continue
        if key in bloc.lines and getattr(bloc, name) != values[key]:
            _contradicts(row, key, label, bloc.lines[key])
        else:
            setattr(bloc, name, values[key])
            bloc.lines.setdefault(key, row.number)
    bloc.trame += [item for item in values.get("trame", ()) if item not in bloc.trame]
    activity = values.get("activity_code") or _code_of(values.get("activity", ""), bloc)
    title = values.get("activity", "")
    if bloc.activities.setdefault(activity, title) != title:
        _contradicts(row, "activity", "Activité", bloc.lines[f"activity {activity}"])
    bloc.lines.setdefault(f"activity {activity}", row.number)
    if {"competence_code", "competence", "criterion"} <= values.keys():
        _add_criterion(row, bloc, activity)


def _code_of(title: str, bloc: _Bloc) -> str:
    """Return the code of an activity that has only a title: the next one of the bloc."""
    known = next((code for code, known_title in bloc.activities.items() if known_title == title), None)
    return known or f"{bloc.number}.{len(bloc.activities) + 1}"


def _add_criterion(row: Row, bloc: _Bloc, activity: str) -> None:
    values = row.values
    code = values["competence_code"]
    made = _Competence(activity, code, values["competence"], values.get("heading", ""), row.number)
    competence = bloc.competences.setdefault(code, made)
    for key, label, present, other in (
        ("competence", "Compétence", competence.statement, made.statement),
        ("activity_code", "Code de l'activité", competence.activity, made.activity),
        ("heading", "Intitulé des critères", competence.heading, made.heading),
    ):
        if present != other:
            _contradicts(row, key, label, competence.line)
    criterion = values["criterion"]
    if criterion in competence.criteria:
        line = competence.criteria[criterion]
        row.errors.append(Problem("criterion", criterion[:80], f"le même critère qu'à la ligne {line}", "Critère"))
    competence.criteria.setdefault(criterion, row.number)


def _contradicts(row: Row, key: str, label: str, line: int) -> None:
    written = str(row.values.get(key, ""))[:80]
    row.errors.append(
        Problem(key, written, f"ce n'est pas ce que dit la ligne {line} : corrigez l'une des deux", label)
    )


def _content(bloc: _Bloc) -> BlocContent:
    def competences(activity: str) -> Iterable[CompetenceContent]:
        for competence in bloc.competences.values():
            if competence.activity == activity:
                yield CompetenceContent(
                    competence.code, competence.statement, competence.heading, tuple(competence.criteria)
                )

    return BlocContent(
        number=bloc.number,
        code=f"BC{bloc.number}",
        title=bloc.title,
        modality=bloc.modality,
        interview_minutes=bloc.minutes,
        evaluator_count=bloc.evaluators,
        trame=tuple(bloc.trame),
        activities=tuple(
            ActivityContent(code, title or bloc.title, tuple(competences(code)))
            for code, title in bloc.activities.items()
        ),
    )


def rows_of(referentiel: Referentiel) -> list[list[object]]:
    """Return the same spreadsheet of a référentiel that was fetched with its content, in the order of COLUMNS."""
    lines: list[list[object]] = []
    for bloc in referentiel.blocs.all():
        first = True
        for activity in bloc.activities.all():
            for competence in activity.competences.all():
                for criterion in competence.criteria.all():
                    trame = "\n".join(item.text for item in bloc.trame_items.all()) if first else ""
                    lines.append(
                        [
                            *(bloc.number, bloc.title, bloc.modality if first else ""),
                            *(bloc.interview_minutes, bloc.evaluator_count, trame),
                            *(activity.code, activity.title, competence.code, competence.statement),
                            *(competence.criteria_heading, criterion.text),
                        ]
                    )
                    first = False
    return lines
