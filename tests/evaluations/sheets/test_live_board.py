"""The token of a session's board changes when something happens, and only then."""

import pytest

from candidates.convocations.services import convoke
from candidates.sessions.change_token import change_token
from tests import factories as make
from tests.evaluations.sheets.scribe import score_all

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def session(referentiel):
    return make.make_session(referentiel, state="interviews")


def test_it_stays_while_nothing_happens_and_changes_with_what_does(session, run_tasks, mailoutbox):
    from evaluations.sheets.services import open_sheets

    admin = make.make_admin(session.branch)
    evaluators = [make.make_evaluator(session) for _ in range(2)]
    enrolment = make.make_enrolment(session, blocs=[1, 2])
    first, second = enrolment.enrolment_blocs.all()
    interview = make.make_interview(first, evaluators, state="finished")
    open_sheets(interview)
    sheet = interview.sheets.exclude(assignment=None).first()

    def submit() -> None:
        make.submit(second.dossiers.get())

    acts = (
        lambda: score_all(sheet.assignment.appointment.user, sheet),
        submit,
        lambda: make.make_enrolment(session, blocs=[1]),
        lambda: make.make_invitation(enrolment),
        lambda: convoke(session=session, by=admin),
        run_tasks,
        lambda: interview.assignments.filter(appointment=evaluators[0]).update(state="replaced"),
    )
    for act in acts:
        before = change_token(session)
        assert change_token(session) == before
        act()
        assert change_token(session) != before


def test_another_sessions_life_does_not_change_it(session, referentiel):
    before = change_token(session)
    make.make_enrolment(make.make_session(referentiel))
    assert change_token(session) == before


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_as_much_whatever_the_size(client, session, count, django_assert_num_queries):
    for _ in range(count):
        make.make_enrolment(session)
    client.force_login(make.make_admin(session.branch))
    with django_assert_num_queries(16):
        assert client.get(f"/branche/sessions/{session.pk}/suivi/").json()["mark"]
