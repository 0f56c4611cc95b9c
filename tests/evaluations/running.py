"""An interview under way."""

from types import SimpleNamespace

from evaluations.sheets.services import open_sheets
from tests import factories as make
from tests.evaluations.sheets.screen import criteria
from tests.evaluations.sheets.scribe import operation, score_all, send, sign
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


@replayed
def make_both_signed(referentiel, levels, notes):
    """The interview with both sheets signed at 2 everywhere, but for what Béa gave; `joint`: the sheet that they share.

    levels, notes: Béa's, by the rank of the criterion.
    """
    running = make_running(referentiel)
    keys = criteria(running.bea_sheet)
    score_all(running.alix, running.alix_sheet)
    score_all(running.bea, running.bea_sheet)
    scores = [operation("score", criterion=keys[rank], level=level) for rank, level in levels.items()]
    texts = [operation("note", criterion=keys[rank], text=text) for rank, text in notes.items()]
    send(running.bea, running.bea_sheet, *scores, *texts)
    sign(running.alix, running.alix_sheet)
    sign(running.bea, running.bea_sheet)
    running.joint = running.interview.sheets.get(assignment=None)
    return running
