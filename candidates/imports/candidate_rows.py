"""Candidates of a session, from a spreadsheet: created, enrolled or completed. What is empty in the file changes nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from candidates.enrolments.held_blocs import held_blocs
from candidates.enrolments.services import DETAILS, EnrolmentDetails
from candidates.imports.birthplaces import with_birthplace
from candidates.imports.candidate_columns import columns
from candidates.imports.rows import People, RowPlan, bloc_numbers
from candidates.models import Candidate, Enrolment, HeldBloc, Session
from candidates.people.accounts import bears_name
from candidates.people.identity import CivilStatus, first_given_name
from cqp.core.text import normalise
from cqp.spreadsheets.cells import as_text as cell_text
from cqp.spreadsheets.columns import Problem, Row
from cqp.spreadsheets.dates import Birth
from referentiel.models import Bloc

# What identifies is not changed by an import: a corrected name or date is done from the candidate's page.
COMPLETED = ("used_name", "sex", "birth_place", "birth_insee", "birth_country")

type Identity = tuple[str, str, Birth]
type Check = Callable[[Row, "BranchRecords"], Problem | None]


@dataclass(frozen=True)
class BranchRecords:
    """What the branch knows that the rows of a file are compared with, and where the file repeats itself."""

    people: People
    # By the pk of the candidate.
    enrolments: Mapping[int, Enrolment]
    held: Mapping[int, Mapping[int, HeldBloc]]
    # The pks of those who are appointed in the session.
    appointed: set[int]
    blocs: Sequence[Bloc]
    labels: Mapping[str, str]
    # The first row of each person, and how many rows have an address.
    first_rows: Mapping[Identity, int]
    addresses: Counter[str | None]

    @classmethod
    def read(cls, session: Session, rows: Sequence[Row]) -> Self:
        """Read it all: nine queries, and one more for 500 addresses."""
        people = People(session.branch_id, (row.values["email"] for row in rows if "email" in row.values))
        enrolments = session.enrolments.select_related("candidate__user", "employer", "training_centre")
        by_candidate = {enrolment.candidate_id: enrolment for enrolment in enrolments.prefetch_related("blocs")}
        appointed = set(session.appointments.values_list("user", flat=True))
        blocs = list(session.referentiel.blocs.all())
        known = {candidate.pk for namesakes in people.by_name.values() for candidate in namesakes}
        candidates = known if by_candidate or people.by_user else set()
        first_rows: dict[Identity, int] = {}
        for row in rows:
            if not row.errors:
                first_rows.setdefault(identity_of(row), row.number)
        return cls(
            people=people,
            enrolments=by_candidate,
            held=held_blocs(session.referentiel, candidates, on=session.interviews_from) if candidates else {},
            appointed=appointed,
            blocs=blocs,
            labels={column.key: column.label for column in columns(session)},
            first_rows=first_rows,
            addresses=Counter(row.values.get("email") for row in rows),
        )


def identity_of(row: Row) -> Identity:
    """Return what makes two rows of a file the same person: of a row without errors."""
    values = row.values
    return normalise(values["birth_name"]), normalise(values["first_names"]).split()[0], values["birth"]


def plan_rows(session: Session, rows: Sequence[Row], choices: Mapping[str, str]) -> list[RowPlan]:
    """Return what each row would do. choices: {number of a row: "same" | "other"}, who a person is."""
    records = BranchRecords.read(session, rows)
    return [plan_row(row, records, choices.get(str(row.number), "")) for row in rows]


def plan_row(row: Row, records: BranchRecords, choice: str) -> RowPlan:
    who = f"{row.values.get('first_names', '')} {row.values.get('birth_name', '')}".strip()
    plan = RowPlan(row, who=who)
    if row.errors:
        return plan
    for check in CHECKS:
        if problem := check(row, records):
            plan.refuse(problem)
            return plan
    candidate = records.people.same(row.values["birth_name"], row.values["first_names"], row.values["birth"])
    plan.twin = None if candidate else find_twin(row, records.people)
    if plan.twin and choice not in ("same", "other"):
        plan.act = "choose"
        return plan
    if plan.twin and choice == "same":
        candidate = plan.twin
    if problem := address_problem(plan, candidate, records.people):
        plan.refuse(problem)
    elif problems := bloc_problems(row, candidate, records):
        plan.refuse(*problems)
    elif candidate and candidate.pk in records.enrolments:
        _plan_update(plan, records.enrolments[candidate.pk], records)
    else:
        _plan_enrolment(plan, candidate, records)
    return plan


def person_twice(row: Row, records: BranchRecords) -> Problem | None:
    first = records.first_rows[identity_of(row)]
    if first == row.number:
        return None
    message = f"la même personne qu'à la ligne {first}"
    return Problem("birth_name", row.values["birth_name"], message, "Nom de naissance")


def address_twice(row: Row, records: BranchRecords) -> Problem | None:
    if records.addresses[row.values["email"]] > 1:
        return _email_problem(row, "plusieurs lignes ont cette adresse : chacun a la sienne")
    return None


def appointed_here(row: Row, records: BranchRecords) -> Problem | None:
    user = records.people.accounts.get(row.values["email"])
    if user and user.pk in records.appointed:
        return _email_problem(row, "cette personne est nommée dans cette session")
    return None


CHECKS: tuple[Check, ...] = (person_twice, address_twice, appointed_here)


def _email_problem(row: Row, message: str) -> Problem:
    return Problem("email", row.values["email"], message, "Adresse électronique")


def find_twin(row: Row, people: People) -> Candidate | None:
    """Return who may be the person of a row, of somebody unknown: a person has to say whether they are."""
    values = row.values
    owner = people.of_address(values["email"])
    if owner is None:
        return people.alike(values["birth_name"], values["first_names"], values["birth"])
    return owner if normalise(owner.birth_name) == normalise(values["birth_name"]) else None


def address_problem(plan: RowPlan, candidate: Candidate | None, people: People) -> Problem | None:
    """Return what is wrong with the address of a row that is this candidate's, or somebody new's.

    The candidate's own address replaces the row's where a person said that they are the same.
    """
    row, email = plan.row, plan.row.values["email"]
    owner, account = people.of_address(email), people.accounts.get(email)
    if candidate and candidate.user and candidate.user.email.lower() != email:
        if plan.twin is None:
            message = f"la branche connaît {candidate} avec l'adresse {candidate.user.email} : reprenez-la"
            return _email_problem(row, message)
        row.values["email"] = candidate.user.email.lower()
        return None
    if owner and owner == plan.twin and candidate is None:
        return _email_problem(row, "c'est l'adresse de l'autre personne : chacun a la sienne")
    if owner and owner != candidate:
        message = f"c'est l'adresse de {owner}, né(e) en {owner.birth_date_text} : chacun a la sienne"
        return _email_problem(row, message)
    if account and (candidate is None or candidate.user is None) and (account.first_name or account.last_name):
        names = [name for name in (row.values.get("used_name", ""), row.values["birth_name"]) if name]
        if not bears_name(account, first_given_name(row.values["first_names"]), names):
            return _email_problem(row, "c'est l'adresse d'une autre personne : chacun a la sienne")
    return None


def bloc_problems(row: Row, candidate: Candidate | None, records: BranchRecords) -> list[Problem]:
    """Return a problem for each bloc that the row names and the candidate holds; one when no bloc is left to sit."""
    held = records.held.get(candidate.pk, {}) if candidate else {}
    named = named_blocs(row, records.blocs)
    is_enrolled = candidate is not None and candidate.pk in records.enrolments
    if named is None and not is_enrolled and all(bloc.pk in held for bloc in records.blocs):
        return [Problem("blocs", "", "cette personne a déjà tous les blocs", "Blocs présentés")]
    return [
        Problem(
            "blocs",
            f"bloc {bloc.number}",
            f"bloc déjà acquis le {held[bloc.pk].obtained_on:%d/%m/%Y} : il n'est pas repassé",
            "Blocs présentés",
        )
        for bloc in named or ()
        if bloc.pk in held
    ]


def named_blocs(row: Row, blocs: Sequence[Bloc]) -> list[Bloc] | None:
    """Return the blocs that the row names, in a list or a column each; None when it names none."""
    ticked = [bloc for bloc in blocs if row.values.get(f"bloc_{bloc.pk}")]
    listed = row.values.get("blocs", [])
    named = {bloc.pk: bloc for bloc in (*listed, *ticked)}
    return sorted(named.values(), key=lambda bloc: bloc.number) or None


def _plan_enrolment(plan: RowPlan, candidate: Candidate | None, records: BranchRecords) -> None:
    """The row enrols somebody. Who they are stands as the branch has it, when it does."""
    values = with_birthplace(plan.row.values, candidate)
    birth_year, birth_month, birth_day = values["birth"]
    birth = {"birth_year": birth_year, "birth_month": birth_month, "birth_day": birth_day}
    names = ("birth_name", "first_names", *COMPLETED)
    identity = {name: values[name] for name in names if name in values} | birth
    if candidate:
        identity |= {name: getattr(candidate, name) for name in ("birth_name", "first_names", "sex", *birth)}
        if not plan.twin:
            _warn_of_identity(plan, values, candidate, records, ("birth_name", "first_names", *COMPLETED))
    held = records.held.get(candidate.pk, {}) if candidate else {}
    blocs = named_blocs(plan.row, records.blocs) or [bloc for bloc in records.blocs if bloc.pk not in held]
    plan.arguments = {
        "email": values["email"],
        "identity": CivilStatus(**identity),
        "details": EnrolmentDetails(**{name: values[name] for name in DETAILS if name in values}),
        "blocs": blocs,
    }
    plan.act = "enrol" if candidate else "create"
    plan.target = candidate
    plan.changes = [("Blocs", "", bloc_numbers(blocs))]


def _warn_of_identity(
    plan: RowPlan, values: Mapping[str, Any], candidate: Candidate, records: BranchRecords, names: Sequence[str]
) -> None:
    """Warn of what the row says of somebody known, and the branch says otherwise: it stands."""
    for name in names:
        # A code that follows from the place was written by nobody.
        value, stays = values[name] if name in plan.row.values else "", getattr(candidate, name)
        if name == "first_names" and normalise(stays).startswith(normalise(value)):
            continue  # Not all of them are written.
        if value != "" and normalise(value) != normalise(stays):
            plan.ignore(name, records.labels[name], value, stays)


def _plan_update(plan: RowPlan, enrolment: Enrolment, records: BranchRecords) -> None:
    """The row completes an enrolment: what differs, and the blocs that are new."""
    candidate = enrolment.candidate
    values = with_birthplace(plan.row.values, candidate)
    for name in (*COMPLETED, *DETAILS):
        if name not in values:
            continue
        before = getattr(candidate if name in COMPLETED else enrolment, name)
        if isinstance(values[name], str):
            before = str(before or "")
            unchanged = normalise(before) == normalise(values[name])
        else:
            unchanged = before == values[name]
        if not unchanged:
            plan.arguments[name] = values[name]
            plan.changes.append((records.labels[name], cell_text(before or ""), cell_text(values[name])))
    sat = {bloc.pk: bloc for bloc in enrolment.blocs.all()}
    if not plan.twin:
        _warn_of_identity(plan, values, candidate, records, ("birth_name", "first_names"))
    for bloc in records.blocs:
        if values.get(f"bloc_{bloc.pk}") is False and bloc.pk in sat:
            message = "ignoré : un import ne retire pas de bloc, faites-le depuis la page du candidat"
            plan.row.warnings.append(Problem(f"bloc_{bloc.pk}", "non", message, f"Bloc {bloc.number}"))
    named = named_blocs(plan.row, records.blocs) or []
    if new := [bloc for bloc in named if bloc.pk not in sat]:
        blocs = sorted((*sat.values(), *new), key=lambda bloc: bloc.number)
        plan.arguments["blocs"] = blocs
        plan.changes.append(("Blocs", bloc_numbers(sat.values()), bloc_numbers(blocs)))
    plan.act = "update" if plan.changes else "same"
    plan.target = enrolment
