"""An interview under way."""

from types import SimpleNamespace

from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.replay import replayed


@replayed
def make_running(referentiel):
    """An interview on bloc 1 under way: two evaluators, Alix and Béa, each with an open sheet."""
    session = make.make_session(referentiel, state="interviews")
    enrolment = make.make_enrolment(session, blocs=[1])
    alix, bea = make.make_evaluator(session), make.make_evaluator(session)
    interview = make.make_interview(enrolment.enrolment_blocs.get(), [alix, bea], state="running")
    open_sheets(interview)
    sheets = {sheet.assignment.appointment_id: sheet for sheet in interview.sheets.select_related("assignment")}
    return SimpleNamespace(
        session=session,
        enrolment=enrolment,
        interview=interview,
        alix=alix.user,
        bea=bea.user,
        alix_sheet=sheets[alix.pk],
        bea_sheet=sheets[bea.pk],
        admin=make.make_admin(session.branch),
    )
