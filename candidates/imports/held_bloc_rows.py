"""Blocs that people hold already, on paper or from an earlier version, from a spreadsheet: they are not sat again."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils import timezone

from candidates.imports.candidate_columns import SEXES, person_name_cell
from candidates.imports.rows import People, RowPlan
from candidates.models import Candidate, HeldBloc, Session
from cqp.core.text import normalise
from cqp.spreadsheets import cells, dates
from cqp.spreadsheets.columns import Problem, Row
from cqp.spreadsheets.headings import Column
from referentiel.models import Bloc


def columns(session: Session) -> list[Column]:
    return [
        Column("birth_name", "Nom de naissance", person_name_cell(100), ("Nom", "Nom de famille"), True, "N'Guessan"),
        Column("first_names", "Prénoms", person_name_cell(150), ("Prénom",), True, "Léa, Marie"),
        Column("birth", "Date de naissance", dates.birth_cell, ("Né(e) le", "Né le", "Naissance"), True, "03/11/1988"),
        Column(
            "sex",
            "Sexe",
            cells.choice_cell(SEXES, "F ou M"),
            ("Civilité", "Genre"),
            example="F",
            help="Pour qui n'est pas connu.",
        ),
        Column("bloc", "Bloc", cells.name_cell(40), ("Code du bloc", "Bloc acquis", "N° de bloc"), True, "1"),
        Column(
            "version",
            "Version du référentiel",
            cells.name_cell(20),
            ("Version",),
            example=session.referentiel.version,
            help="Vide : celle de la session.",
        ),
        Column(
            "obtained_on",
            "Date du jury",
            dates.date_cell,
            ("Obtenu le", "Date d'obtention", "Jury du"),
            True,
            "15/06/2024",
        ),
        Column(
            "valid_until",
            "Valable jusqu'au",
            dates.date_cell,
            ("Fin de validité",),
            help="Vide : à vie, ou la durée du référentiel.",
        ),
        Column(
            "proof",
            "Justificatif",
            cells.name_cell(200),
            ("Preuve", "Pièce", "PV"),
            example="PV du 15/06/2024, archive 2024-17",
        ),
    ]


def plan_rows(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[RowPlan]:
    """Return what each row would do. Four queries."""
    people = People(session.branch_id, ())
    blocs = Bloc.objects.filter(
        referentiel__branch=session.branch_id,
        referentiel__code=session.referentiel.code,
        referentiel__seal__isnull=False,
    ).select_related("referentiel")
    known_blocs = {(bloc.referentiel.version, normalise(name)): bloc for bloc in blocs for name in _names(bloc)}
    held = set(
        HeldBloc.objects.filter(candidate__branch=session.branch_id).values_list("candidate", "bloc", "obtained_on")
    )
    first_rows: dict[tuple[object, ...], int] = {}
    plans = []
    for row in rows:
        values = row.values
        plan = RowPlan(row, who=f"{values.get('first_names', '')} {values.get('birth_name', '')}".strip())
        plans.append(plan)
        version = values.get("version", session.referentiel.version)
        bloc = known_blocs.get((version, normalise(values.get("bloc", ""))))
        if "bloc" in values and bloc is None:
            message = f"la version {version} n'a pas ce bloc : écrivez son numéro ou son code"
            plan.refuse(Problem("bloc", values["bloc"], message, "Bloc"))
        plan.refuse(*date_problems(row))
        if row.errors or bloc is None:
            continue
        person = people.same(values["birth_name"], values["first_names"], values["birth"])
        if person is None and "sex" not in values:
            message = "personne inconnue de la branche : écrivez F ou M pour créer sa fiche"
            plan.refuse(Problem("sex", "", message, "Sexe"))
            continue
        key = (normalise(values["birth_name"]), normalise(values["first_names"]), values["birth"], bloc.pk)
        if key in first_rows:
            message = f"le même bloc qu'à la ligne {first_rows[key]}"
            plan.refuse(Problem("bloc", values["bloc"], message, "Bloc"))
            continue
        first_rows[key] = row.number
        _plan_held_bloc(plan, person, bloc, held)
    return plans


def date_problems(row: Row) -> list[Problem]:
    """Return what is wrong with the date of the jury and the end of validity."""
    values, problems = row.values, []
    if "obtained_on" in values and values["obtained_on"] > timezone.localdate():
        text = f"{values['obtained_on']:%d/%m/%Y}"
        problems.append(Problem("obtained_on", text, "cette date est à venir", "Date du jury"))
    if {"obtained_on", "valid_until"} <= values.keys() and values["valid_until"] <= values["obtained_on"]:
        text = f"{values['valid_until']:%d/%m/%Y}"
        message = "la fin de validité doit suivre la date du jury"
        problems.append(Problem("valid_until", text, message, "Valable jusqu'au"))
    return problems


def _names(bloc: Bloc) -> tuple[str, ...]:
    return (str(bloc.number), bloc.code, f"bloc {bloc.number}")


def _plan_held_bloc(plan: RowPlan, person: Candidate | None, bloc: Bloc, held: set[tuple[int, int, dt.date]]) -> None:
    values = plan.row.values
    if person and (person.pk, bloc.pk, values["obtained_on"]) in held:
        plan.act = "same"
        return
    plan.act = "update" if person else "create"
    if person and values.get("sex", person.sex) != person.sex:
        plan.ignore("sex", "Sexe", values["sex"], person.sex)
    plan.target = person
    plan.arguments = {**values, "bloc": bloc}
    text = f"bloc {bloc.number}, version {bloc.referentiel.version}, jury du {values['obtained_on']:%d/%m/%Y}"
    plan.changes = [("Bloc acquis", "", text)]
