"""What a candidate has to do next in a session: one thing, and until when.

Reads what was fetched; asks the database nothing, except between a deadline and the end of its grace.
"""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse

from candidates.dossiers.deposit import deadline, deposit_refusal
from candidates.models import Dossier, Enrolment, EnrolmentBloc, Interview, Session
from candidates.sessions import dates
from candidates.sessions.queries import contact_text


@dataclass(frozen=True)
class Step:
    """`title` in a few words, `text` in a sentence, and the page where it is done ("" when there is only to wait)."""

    title: str
    text: str
    url: str = ""
    label: str = ""
    urgent: bool = False


def current_dossier(enrolment_bloc: EnrolmentBloc) -> Dossier | None:
    """Return the last version of the bloc's dossier."""
    return max(enrolment_bloc.dossiers.all(), key=lambda dossier: dossier.version, default=None)


def current_interview(enrolment_bloc: EnrolmentBloc) -> Interview | None:
    """Return the interview that is neither cancelled nor closed by an absence."""
    return next((i for i in enrolment_bloc.interviews.all() if i.state not in Interview.CLOSED), None)


def next_step(enrolment: Enrolment, now: dt.datetime) -> Step:
    """Return the candidate's next step at `now`. The enrolment comes with its blocs, dossiers and interviews."""
    session, blocs = enrolment.session, list(enrolment.enrolment_blocs.all())
    if session.published_at is not None and session.published_at <= now:
        return Step("Vos résultats sont publiés", "Le jury a décidé. Retrouvez ses décisions et vos documents.",
                    f"#resultats-{enrolment.pk}", "Voir mes résultats")  # fmt: skip
    drafts = [d for b in blocs if (d := current_dossier(b)) and d.state == Dossier.State.DRAFT]
    refusals = [deposit_refusal(session, now, dossier, finishing=True) for dossier in drafts]
    expected = [dossier for dossier, refusal in zip(drafts, refusals, strict=True) if not refusal]
    if expected:
        return _deposit(min(expected, key=lambda dossier: deadline(dossier, session)), len(expected), session, now)
    refusal = refusals[0] if refusals else deposit_refusal(session, now)
    if now < session.deposit_opens_at or session.state == Session.State.PREPARATION:
        return Step("Préparez vos dossiers", f"{refusal} Vous pouvez déjà lire ce qui est attendu.")
    if drafts:
        return Step("Votre dossier n'a pas été déposé", refusal, urgent=True)
    return _afterwards(enrolment, blocs, now)


def _deposit(dossier: Dossier, count: int, session: Session, now: dt.datetime) -> Step:
    number = dossier.enrolment_bloc.bloc.number
    closes = deadline(dossier, session)
    more = f" Il y a {count} dossiers à déposer." if count > 1 else ""
    text = dates.deadline_text(closes, now, session.zone)
    return Step(
        f"{'Reprenez' if dossier.version > 1 else 'Déposez'} votre dossier du bloc {number}",
        f"{text[0].upper()}{text[1:]}.{more}",
        reverse("candidate:dossier", args=[dossier.pk]),
        f"Ouvrir le dossier du bloc {number}",
        urgent=closes - now < dt.timedelta(days=2),
    )


def _afterwards(enrolment: Enrolment, blocs: list[EnrolmentBloc], now: dt.datetime) -> Step:
    """What is next once every dossier is handed in: the interview, then the jury."""
    session = enrolment.session
    interviews = [i for b in blocs if (i := current_interview(b))]
    coming = [i for i in interviews if i.state in (Interview.State.PLANNED, Interview.State.RUNNING)]
    if coming:
        first = min(coming, key=lambda interview: interview.start)
        when = f"{dates.moment_text(first.start, now, session.zone)}, {dates.zone_text(session.zone)}"
        place = ", ".join(filter(None, (session.place, first.room.name)))
        return Step(
            f"Présentez-vous à l'entretien du bloc {first.enrolment_bloc.bloc.number}",
            f"Le {when}. Lieu : {place}. Venez avec une pièce d'identité.",
        )
    today = now.astimezone(session.zone).date()
    if len(interviews) < len(blocs):
        first_day, last_day = (dates.day_text(day, today) for day in (session.interviews_from, session.interviews_to))
        period = f"le {first_day}" if first_day == last_day else f"entre le {first_day} et le {last_day}"
        return Step(
            "Attendez la date de votre entretien",
            f"Vos dossiers sont déposés. Les entretiens ont lieu {period} ; la date et l'heure s'afficheront ici. "
            f"Une question : {contact_text(session)}.",
        )
    return Step(
        "Attendez la décision du jury",
        f"Vos entretiens sont passés. Le jury se réunit le {dates.day_text(session.jury_on, today)} ; ses décisions "
        "s'afficheront ici.",
    )
