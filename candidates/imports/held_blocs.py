"""Blocs that people hold already, on paper or from an earlier version, from a spreadsheet: they are not sat again."""

from collections.abc import Mapping, Sequence

from django.utils import timezone

from candidates.imports.candidate_columns import SEXES, a_name
from candidates.imports.people import People
from candidates.imports.planned import Planned
from candidates.models import Candidate, HeldBloc, Session
from cqp import cells
from cqp.imports import Column, Row
from cqp.text import fold
from referentiel.models import Bloc


def columns(session: Session) -> list[Column]:
    return [
        Column("birth_name", "Nom de naissance", a_name(100), ("Nom", "Nom de famille"), True, "N'Guessan"),
        Column("first_names", "Prénoms", a_name(150), ("Prénom",), True, "Léa, Marie"),
        Column("birth", "Date de naissance", cells.birth, ("Né(e) le", "Né le", "Naissance"), True, "03/11/1988"),
        Column(
            "sex",
            "Sexe",
            cells.one_of(SEXES, "F ou M"),
            ("Civilité", "Genre"),
            example="F",
            help="Pour qui n'est pas connu.",
        ),
        Column("bloc", "Bloc", cells.name(40), ("Code du bloc", "Bloc acquis", "N° de bloc"), True, "1"),
        Column(
            "version",
            "Version du référentiel",
            cells.name(20),
            ("Version",),
            example=session.referentiel.version,
            help="Vide : celle de la session.",
        ),
        Column(
            "obtained_on", "Date du jury", cells.date, ("Obtenu le", "Date d'obtention", "Jury du"), True, "15/06/2024"
        ),
        Column(
            "valid_until",
            "Valable jusqu'au",
            cells.date,
            ("Fin de validité",),
            help="Vide : à vie, ou la durée du référentiel.",
        ),
        Column(
            "proof",
            "Justificatif",
            cells.name(200),
            ("Preuve", "Pièce", "PV"),
            example="PV du 15/06/2024, archive 2024-17",
        ),
    ]


def plan(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[Planned]:
    """Return what each row would do. Four queries."""
    people = People(session.branch_id, ())
    blocs = Bloc.objects.filter(
        referentiel__branch=session.branch_id,
        referentiel__code=session.referentiel.code,
        referentiel__seal__isnull=False,
    ).select_related("referentiel")
    known_blocs = {(one.referentiel.version, fold(name)): one for one in blocs for name in _names(one)}
    held = set(
        HeldBloc.objects.filter(candidate__branch=session.branch_id).values_list("candidate", "bloc", "obtained_on")
    )
    seen: dict[tuple[object, ...], int] = {}
    planned = []
    for row in rows:
        values = row.values
        one = Planned(row, who=f"{values.get('first_names', '')} {values.get('birth_name', '')}".strip())
        planned.append(one)
        version = values.get("version", session.referentiel.version)
        bloc = known_blocs.get((version, fold(values.get("bloc", ""))))
        if "bloc" in values and bloc is None:
            message = f"la version {version} n'a pas ce bloc : écrivez son numéro ou son code"
            one.refuse("bloc", values["bloc"], message, "Bloc")
        if "obtained_on" in values and values["obtained_on"] > timezone.localdate():
            one.refuse("obtained_on", f"{values['obtained_on']:%d/%m/%Y}", "cette date est à venir", "Date du jury")
        if {"obtained_on", "valid_until"} <= values.keys() and values["valid_until"] <= values["obtained_on"]:
            text = f"{values['valid_until']:%d/%m/%Y}"
            one.refuse("valid_until", text, "la fin de validité doit suivre la date du jury", "Valable jusqu'au")
        if row.errors or bloc is None:
            continue
        person = people.same(values["birth_name"], values["first_names"], values["birth"])
        if person is None and "sex" not in values:
            one.refuse("sex", "", "personne inconnue de la branche : écrivez F ou M pour créer sa fiche", "Sexe")
            continue
        key = (fold(values["birth_name"]), fold(values["first_names"]), values["birth"], bloc.pk)
        if key in seen:
            one.refuse("bloc", values["bloc"], f"le même bloc qu'à la ligne {seen[key]}", "Bloc")
            continue
        seen[key] = row.number
        _fill(one, person, bloc, held)
    return planned


def _names(bloc: Bloc) -> tuple[str, ...]:
    return (str(bloc.number), bloc.code, f"bloc {bloc.number}")


def _fill(one: Planned, person: Candidate | None, bloc: Bloc, held: set[tuple[int, int, object]]) -> None:
    values = one.row.values
    if person and (person.pk, bloc.pk, values["obtained_on"]) in held:
        one.act = "same"
        return
    one.act = "update" if person else "create"
    one.target = person
    one.arguments = {**values, "bloc": bloc}
    text = f"bloc {bloc.number}, version {bloc.referentiel.version}, jury du {values['obtained_on']:%d/%m/%Y}"
    one.changes = [("Bloc acquis", "", text)]
