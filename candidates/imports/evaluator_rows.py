"""Evaluators of a session and when they can come, from a spreadsheet: a row per person, or per person and day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from candidates.imports.candidate_columns import bloc_list_cell, person_name_cell
from candidates.imports.rows import People, RowPlan, bloc_numbers
from candidates.models import Appointment, Availability, Session
from candidates.people.accounts import bears_name
from cqp.core.text import normalise
from cqp.models import User
from cqp.spreadsheets import cells, dates
from cqp.spreadsheets.columns import Problem, Row
from cqp.spreadsheets.headings import Column

ADDRESS = "Adresse électronique"


def columns(session: Session) -> list[Column]:
    blocs = list(session.referentiel.blocs.all())
    first = session.interviews_from
    return [
        Column(
            "email", ADDRESS, cells.email_cell, ("E-mail", "Email", "Mail", "Courriel"), True, "alix.moreau@exemple.fr"
        ),
        Column("last_name", "Nom", person_name_cell(150), ("Nom de famille", "Nom d'usage"), True, "Moreau"),
        Column("first_name", "Prénom", person_name_cell(150), ("Prénoms",), True, "Alix"),
        Column("employer", "Entreprise", cells.name_cell(200), ("Employeur", "Société"), example="Transgourmet"),
        Column("training_centre", "Organisme de formation", cells.name_cell(200), ("Organisme", "Centre de formation")),
        Column("blocs", "Blocs évalués", bloc_list_cell(blocs), ("Blocs", "Bloc"), example="1, 2", help="Vide : tous."),
        Column("is_reserve", "Réserve", cells.yes_cell, ("Réserviste", "Suppléant"), example="non"),
        Column("at_most_per_day", "Entretiens par jour au plus", cells.integer_cell(1, 40), ("Maximum par jour",)),
        Column(
            "date",
            "Jour",
            dates.date_cell,
            ("Date", "Disponible le"),
            example=f"{first:%d/%m/%Y}",
            help="Vide : tous les jours.",
        ),
        Column("from_time", "De", dates.time_cell, ("Heure de début", "Début", "À partir de"), example="9:00"),
        Column("to_time", "À", dates.time_cell, ("Heure de fin", "Fin", "Jusqu'à"), example="17:30"),
    ]


def plan_rows(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[RowPlan]:
    """Return what each row would do: the first of a person appoints them, the others add a day. Ten queries."""
    people = People(session.branch_id, (row.values["email"] for row in rows if "email" in row.values))
    appointments = session.appointments.filter(role=Appointment.Role.EVALUATOR).select_related("user")
    appointed = {
        appointment.user.email.lower(): appointment
        for appointment in appointments.prefetch_related("availabilities", "blocs", "user__affiliations__organisation")
    }
    candidates = set(session.enrolments.values_list("candidate__user", flat=True))
    first_rows: dict[str, RowPlan] = {}
    plans = []
    for row in rows:
        plan = RowPlan(row, who=f"{row.values.get('first_name', '')} {row.values.get('last_name', '')}".strip())
        plans.append(plan)
        plan.refuse(*hours_problems(row, session))
        if row.errors:
            continue
        email = row.values["email"]
        account, first = people.accounts.get(email), first_rows.get(email)
        if problem := address_problem(plan, account, first, candidates):
            plan.refuse(problem)
        else:
            _plan_appointment(plan, appointed.get(email), first)
            first_rows.setdefault(email, plan)
    return plans


def hours_problems(row: Row, session: Session) -> list[Problem]:
    """Return what is wrong with the day and the hours of a row."""
    values, problems = row.values, []
    if {"from_time", "to_time"} & values.keys() and "date" not in values and not row.errors:
        problems.append(Problem("date", "", "écrivez aussi le jour", "Jour"))
    day = values.get("date")
    if day and not session.interviews_from <= day <= session.interviews_to:
        span = f"du {session.interviews_from:%d/%m/%Y} au {session.interviews_to:%d/%m/%Y}"
        problems.append(Problem("date", f"{day:%d/%m/%Y}", f"les entretiens ont lieu {span}", "Jour"))
    if values.get("from_time", dt.time.min) >= values.get("to_time", dt.time.max):
        text = cells.as_text(values["to_time"])
        problems.append(Problem("to_time", text, "l'heure de fin doit suivre l'heure de début", "À"))
    return problems


def address_problem(plan: RowPlan, account: User | None, first: RowPlan | None, candidates: set[int]) -> Problem | None:
    """Return why the address of a row cannot be this evaluator's. first: the first row of the address, if any.

    `candidates` are the pks of the accounts of the session's candidates.
    """
    email, first_name, last_name = (plan.row.values[name] for name in ("email", "first_name", "last_name"))
    if account and account.pk in candidates:
        return Problem("email", email, "cette personne est candidate de cette session", ADDRESS)
    if account and (account.first_name or account.last_name) and not bears_name(account, first_name, [last_name]):
        return Problem("email", email, f"c'est l'adresse de {account} : vérifiez le nom et l'adresse", ADDRESS)
    if first and normalise(first.who) != normalise(plan.who):
        return Problem("email", email, f"la ligne {first.row.number} donne cette adresse à {first.who}", ADDRESS)
    return None


def organisation_names(known: Appointment | None, first: RowPlan | None) -> set[str]:
    """Return the organisations, folded, that are noted of an evaluator, or will be by the first row about them."""
    names = {str(affiliation.organisation) for affiliation in known.user.affiliations.all()} if known else set()
    if first:
        names |= {first.row.values.get(name, "") for name in ("employer", "training_centre")}
    return {normalise(name) for name in names}


def _plan_appointment(plan: RowPlan, known: Appointment | None, first: RowPlan | None) -> None:
    """Plan what a row does; the first row about somebody unknown appoints them."""
    values = dict(plan.row.values)
    hours: dict[str, Any] = {}
    if day := values.pop("date", None):
        hours = {"date": day, "from_time": values.pop("from_time", dt.time.min)}
        hours["to_time"] = values.pop("to_time", dt.time(23, 59))
        noted = {(a.date, a.from_time, a.to_time) for a in known.availabilities.all()} if known else set()
        if tuple(hours.values()) not in noted:
            span = f"{day:%d/%m/%Y}, de {hours['from_time']:%H:%M} à {hours['to_time']:%H:%M}"
            plan.changes.append(("Disponible", "", span))
        else:
            hours = {}
    if known or first:
        noted_names = organisation_names(known, first)
        for name, label in (("employer", "Entreprise"), ("training_centre", "Organisme de formation")):
            if name in values and normalise(values[name]) not in noted_names:
                plan.changes.append((label, "", values[name]))
    if known:
        for name, label in (("is_reserve", "Réserve"), ("at_most_per_day", "Entretiens par jour au plus")):
            if name in values and getattr(known, name) != values[name]:
                before = getattr(known, name)
                before_text = cells.as_text(before) if before is not None else ""
                plan.changes.append((label, before_text, cells.as_text(values[name])))
        if "blocs" in values and {bloc.pk for bloc in known.blocs.all()} != {bloc.pk for bloc in values["blocs"]}:
            plan.changes.append(("Blocs", bloc_numbers(known.blocs.all()), bloc_numbers(values["blocs"])))
    plan.arguments, plan.target = values | {"hours": hours}, known
    plan.act = ("update" if plan.changes else "same") if known or first else "create"


def add_availability(appointment: Appointment, hours: Mapping[str, Any]) -> None:
    """Note when an evaluator can come, once. hours: {date, from_time, to_time}, or empty."""
    if hours:
        Availability.objects.get_or_create(session_id=appointment.session_id, appointment=appointment, **hours)
