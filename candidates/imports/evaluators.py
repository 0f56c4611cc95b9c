"""Evaluators of a session and when they can come, from a spreadsheet: a row per person, or per person and day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from candidates.imports.candidate_columns import a_name, bloc_list
from candidates.imports.people import People
from candidates.imports.planned import Planned
from candidates.models import Appointment, Availability, Session
from candidates.services.accounts import bears_name
from cqp import cells
from cqp.imports import Column, Row
from cqp.text import fold

ADDRESS = "Adresse électronique"


def columns(session: Session) -> list[Column]:
    blocs = list(session.referentiel.blocs.all())
    first = session.interviews_from
    return [
        Column("email", ADDRESS, cells.email, ("E-mail", "Email", "Mail", "Courriel"), True, "alix.moreau@exemple.fr"),
        Column("last_name", "Nom", a_name(150), ("Nom de famille", "Nom d'usage"), True, "Moreau"),
        Column("first_name", "Prénom", a_name(150), ("Prénoms",), True, "Alix"),
        Column("employer", "Entreprise", cells.name(200), ("Employeur", "Société"), example="Transgourmet"),
        Column("training_centre", "Organisme de formation", cells.name(200), ("Organisme", "Centre de formation")),
        Column("blocs", "Blocs évalués", bloc_list(blocs), ("Blocs", "Bloc"), example="1, 2", help="Vide : tous."),
        Column("is_reserve", "Réserve", cells.yes, ("Réserviste", "Suppléant"), example="non"),
        Column("at_most_per_day", "Entretiens par jour au plus", cells.whole(1, 40), ("Maximum par jour",)),
        Column(
            "date",
            "Jour",
            cells.date,
            ("Date", "Disponible le"),
            example=f"{first:%d/%m/%Y}",
            help="Vide : tous les jours.",
        ),
        Column("from_time", "De", cells.time, ("Heure de début", "Début", "À partir de"), example="9:00"),
        Column("to_time", "À", cells.time, ("Heure de fin", "Fin", "Jusqu'à"), example="17:30"),
    ]


def plan(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[Planned]:
    """Return what each row would do: the first of a person appoints them, the others add a day. Eight queries."""
    people = People(session.branch_id, (row.values["email"] for row in rows if "email" in row.values))
    appointed = {
        one.user.email.lower(): one
        for one in session.appointments.filter(role=Appointment.Role.EVALUATOR)
        .select_related("user")
        .prefetch_related("availabilities", "blocs")
    }
    candidates = set(session.enrolments.values_list("candidate__user", flat=True))
    seen: dict[str, Planned] = {}
    planned = []
    for row in rows:
        one = Planned(row, who=f"{row.values.get('first_name', '')} {row.values.get('last_name', '')}".strip())
        planned.append(one)
        _check(one, session)
        if row.errors:
            continue
        email = row.values["email"]
        user = people.accounts.get(email)
        if user and user.pk in candidates:
            one.refuse("email", email, "cette personne est candidate de cette session", ADDRESS)
        elif (
            user
            and (user.first_name or user.last_name)
            and not bears_name(user, row.values["first_name"], [row.values["last_name"]])
        ):
            one.refuse("email", email, f"c'est l'adresse de {user} : vérifiez le nom et l'adresse", ADDRESS)
        elif email in seen and fold(seen[email].who) != fold(one.who):
            message = f"la ligne {seen[email].row.number} donne cette adresse à {seen[email].who}"
            one.refuse("email", email, message, ADDRESS)
        else:
            _fill(one, appointed.get(email), first=email not in seen)
            seen.setdefault(email, one)
    return planned


def _check(one: Planned, session: Session) -> None:
    values = one.row.values
    if {"from_time", "to_time"} & values.keys() and "date" not in values and not one.row.errors:
        one.refuse("date", "", "écrivez aussi le jour", "Jour")
    day = values.get("date")
    if day and not session.interviews_from <= day <= session.interviews_to:
        span = f"du {session.interviews_from:%d/%m/%Y} au {session.interviews_to:%d/%m/%Y}"
        one.refuse("date", f"{day:%d/%m/%Y}", f"les entretiens ont lieu {span}", "Jour")
    if values.get("from_time", dt.time.min) >= values.get("to_time", dt.time.max):
        one.refuse("to_time", cells.text(values["to_time"]), "l'heure de fin doit suivre l'heure de début", "À")


def _fill(one: Planned, known: Appointment | None, *, first: bool) -> None:
    values = dict(one.row.values)
    hours: dict[str, Any] = {}
    if day := values.pop("date", None):
        hours = {"date": day, "from_time": values.pop("from_time", dt.time.min)}
        hours["to_time"] = values.pop("to_time", dt.time(23, 59))
        there = {(a.date, a.from_time, a.to_time) for a in known.availabilities.all()} if known else set()
        if tuple(hours.values()) not in there:
            span = f"{day:%d/%m/%Y}, de {hours['from_time']:%H:%M} à {hours['to_time']:%H:%M}"
            one.changes.append(("Disponible", "", span))
        else:
            hours = {}
    if known:
        for name, label in (("is_reserve", "Réserve"), ("at_most_per_day", "Entretiens par jour au plus")):
            if name in values and getattr(known, name) != values[name]:
                before = getattr(known, name)
                one.changes.append((label, cells.text(before) if before is not None else "", cells.text(values[name])))
        if "blocs" in values and {b.pk for b in known.blocs.all()} != {b.pk for b in values["blocs"]}:
            told = [", ".join(str(b.number) for b in some) for some in (known.blocs.all(), values["blocs"])]
            one.changes.append(("Blocs", *told))
    one.arguments, one.target = values | {"hours": hours}, known
    one.act = ("update" if one.changes else "same") if known or not first else "create"


def availabilities(appointment: Appointment, hours: Mapping[str, Any]) -> None:
    """Note when an evaluator can come, once."""
    if hours:
        Availability.objects.get_or_create(session_id=appointment.session_id, appointment=appointment, **hours)
