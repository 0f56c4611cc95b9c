"""Candidates of a session, from a spreadsheet: created, enrolled or completed. What is empty in the file changes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from candidates.held import held_blocs
from candidates.imports.candidate_columns import columns
from candidates.imports.people import People
from candidates.imports.planned import Planned
from candidates.models import Candidate, Enrolment, Session
from candidates.services.accounts import bears_name
from candidates.services.identity import first_given_name
from cqp.cells import text as said
from cqp.imports import Row
from cqp.text import fold
from referentiel.models import Bloc

# What identifies is not changed by an import: a corrected name or date is done from the candidate's page.
COMPLETED = ("used_name", "sex", "birth_place", "birth_insee", "birth_country")
ENROLMENT = (
    "employer",
    "training_centre",
    "referent_trainer_name",
    "referent_trainer_email",
    "access_route",
    "extra_minutes",
    "break_minutes",
    "at_distance",
    "other_measures",
)


def plan(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[Planned]:
    """Return what each row would do. What is known of the branch is read in nine queries and one for 500 addresses."""
    people = People(session.branch_id, (row.values["email"] for row in rows if "email" in row.values))
    enrolments = {
        one.candidate_id: one
        for one in session.enrolments.select_related("candidate__user", "employer", "training_centre").prefetch_related(
            "blocs"
        )
    }
    appointed = set(session.appointments.values_list("user", flat=True))
    blocs = list(session.referentiel.blocs.all())
    candidates = (
        {one.pk for several in people.by_name.values() for one in several} if enrolments or people.by_user else set()
    )
    held = held_blocs(session.referentiel, candidates, on=session.interviews_from) if candidates else {}
    first_seen: dict[tuple[Any, ...], int] = {}
    labels = {column.key: column.label for column in columns(session)}
    addresses = Counter(row.values.get("email") for row in rows)
    planned = []
    for row in rows:
        one = Planned(row, who=_who(row))
        planned.append(one)
        if row.errors:
            continue
        values = row.values
        identity = (fold(values["birth_name"]), fold(values["first_names"]).split()[0], values["birth"])
        if identity in first_seen:
            one.refuse(
                "birth_name",
                values["birth_name"],
                f"la même personne qu'à la ligne {first_seen[identity]}",
                "Nom de naissance",
            )
            continue
        first_seen[identity] = row.number
        if addresses[values["email"]] > 1:
            one.refuse(
                "email",
                values["email"],
                "plusieurs lignes ont cette adresse : chacun a la sienne",
                "Adresse électronique",
            )
            continue
        user = people.accounts.get(values["email"])
        if user and user.pk in appointed:
            one.refuse("email", values["email"], "cette personne est nommée dans cette session", "Adresse électronique")
            continue
        known = _known(one, people, choices)
        if row.errors or one.act == "choose":
            continue
        wanted = _blocs(row, blocs)
        already = held.get(known.pk, {}) if known else {}
        for bloc in wanted or ():
            if bloc.pk in already:
                day = already[bloc.pk].obtained_on
                one.refuse(
                    "blocs",
                    f"bloc {bloc.number}",
                    f"bloc déjà acquis le {day:%d/%m/%Y} : il n'est pas repassé",
                    "Blocs présentés",
                )
        if row.errors:
            continue
        if wanted is None and (known is None or known.pk not in enrolments):
            wanted = [bloc for bloc in blocs if bloc.pk not in already]
            if not wanted:
                one.refuse("blocs", "", "cette personne a déjà tous les blocs", "Blocs présentés")
                continue
        if known and known.pk in enrolments:
            _update(one, enrolments[known.pk], wanted, labels)
        else:
            _enrol(one, known, wanted or [])
    return planned


def _who(row: Row) -> str:
    return f"{row.values.get('first_names', '')} {row.values.get('birth_name', '')}".strip()


def _known(one: Planned, people: People, choices: Mapping[str, str]) -> Candidate | None:
    """Return the branch's candidate whom the row tells of; refuse, or ask, where the file and the branch differ."""
    values = one.row.values
    same = people.same(values["birth_name"], values["first_names"], values["birth"])
    owner = people.of_address(values["email"])
    if same is None and owner is None:
        one.twin = people.alike(values["birth_name"], values["first_names"], values["birth"])
    elif same is None and owner is not None and fold(owner.birth_name) == fold(values["birth_name"]):
        one.twin = owner
    if one.twin:
        match choices.get(str(one.row.number)):
            case "same":
                same = one.twin
            case "other" if owner is None:
                return None
            case "other":
                one.refuse(
                    "email",
                    values["email"],
                    "c'est l'adresse de l'autre personne : chacun a la sienne",
                    "Adresse électronique",
                )
                return None
            case _:
                one.act = "choose"
                return None
    if same and same.user and same.user.email.lower() != values["email"]:
        if one.twin is None:
            message = f"la branche connaît {same} avec l'adresse {same.user.email} : reprenez-la"
            one.refuse("email", values["email"], message, "Adresse électronique")
        else:
            values["email"] = same.user.email.lower()
    elif owner and (same is None or owner.pk != same.pk):
        message = f"c'est l'adresse de {owner}, né(e) en {owner.birth_date_text} : chacun a la sienne"
        one.refuse("email", values["email"], message, "Adresse électronique")
    elif same is None or same.user is None:
        user = people.accounts.get(values["email"])
        names = [values.get("used_name", ""), values["birth_name"]]
        if (
            user
            and (user.first_name or user.last_name)
            and not bears_name(user, first_given_name(values["first_names"]), [n for n in names if n])
        ):
            one.refuse(
                "email",
                values["email"],
                "c'est l'adresse d'une autre personne : chacun a la sienne",
                "Adresse électronique",
            )
    return same


def _blocs(row: Row, blocs: Sequence[Bloc]) -> list[Bloc] | None:
    """Return the blocs that the row names, in a list or a column each; None when it names none."""
    ticked = [bloc for bloc in blocs if row.values.get(f"bloc_{bloc.pk}")]
    listed = row.values.get("blocs", [])
    named = {bloc.pk: bloc for bloc in (*listed, *ticked)}
    return sorted(named.values(), key=lambda bloc: bloc.number) or None


def _enrol(one: Planned, known: Candidate | None, blocs: list[Bloc]) -> None:
    values = dict(one.row.values)
    year, month, day = values.pop("birth")
    if known:
        # Who they are stands as the branch has it.
        year, month, day = known.birth_year, known.birth_month, known.birth_day
        values |= {"birth_name": known.birth_name, "first_names": known.first_names, "sex": known.sex}
    names = ("email", "birth_name", "first_names", *COMPLETED, *ENROLMENT)
    one.arguments = {name: values[name] for name in names if name in values}
    one.arguments |= {"birth_year": year, "birth_month": month, "birth_day": day, "blocs": blocs}
    one.act = "enrol" if known else "create"
    one.target = known
    one.changes = [("Blocs", "", ", ".join(str(bloc.number) for bloc in blocs))]


def _update(one: Planned, enrolment: Enrolment, blocs: list[Bloc] | None, labels: Mapping[str, str]) -> None:
    values, candidate = one.row.values, enrolment.candidate
    for name in (*COMPLETED, *ENROLMENT):
        if name not in values:
            continue
        before = getattr(candidate if name in COMPLETED else enrolment, name)
        if isinstance(values[name], str):
            before = str(before or "")
            unchanged = fold(before) == fold(values[name])
        else:
            unchanged = before == values[name]
        if not unchanged:
            one.arguments[name] = values[name]
            one.changes.append((labels[name], said(before or ""), said(values[name])))
    if blocs is not None:
        there = {bloc.pk: bloc for bloc in enrolment.blocs.all()}
        if new := [bloc for bloc in blocs if bloc.pk not in there]:
            every = sorted((*there.values(), *new), key=lambda bloc: bloc.number)
            one.arguments["blocs"] = every
            numbers = [", ".join(str(bloc.number) for bloc in some) for some in (there.values(), every)]
            one.changes.append(("Blocs", *numbers))
    one.act = "update" if one.changes else "same"
    one.target = enrolment
