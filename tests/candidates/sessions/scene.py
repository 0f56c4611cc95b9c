"""A session with its interview, in any state."""

from tests.factories import make_enrolment, make_evaluator, make_interview, make_session


def planned(referentiel, state="deposit", interview_state="planned", **fields):
    """A session with one candidate on one bloc, handed in, with an interview by two evaluators. Return that."""
    session = make_session(referentiel, state=state, **fields)
    row = make_enrolment(session, blocs=[1]).enrolment_blocs.get()
    return make_interview(row, [make_evaluator(session), make_evaluator(session)], state=interview_state)


def ready(referentiel, state):
    """A session in `state` whose forward guard finds nothing."""
    if state in ("interviews", "jury"):
        return planned(referentiel, state, "finished").enrolment_bloc.enrolment.session
    if state == "deposit":
        return planned(referentiel).enrolment_bloc.enrolment.session
    session = make_session(referentiel, state=state)
    make_enrolment(session)
    return session


def texts(refused) -> list[str]:
    return [missing.text for missing in refused.value.missing]
