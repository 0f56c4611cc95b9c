"""The scene of a candidate who has things to say: sets it, and reads afterwards what the server holds."""

from typing import Any

from tests.browser.site import Site

LEA = "lea@example.org"
CLAIRE = "claire@example.org"


class Enrolled:
    """Léa, enrolled in a session with two evaluators; Claire administers it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pk = self._ask("make")

    def _ask(self, act: str) -> Any:
        return self.site.call(ACTS[act])

    def url(self, page: str) -> str:
        return f"/candidat/inscriptions/{self.pk}/{page}/"

    def held(self) -> dict[str, Any]:
        """Return `{"born": [place, code, country], "confirmed": bool, "measures": [code], "known": [name]}`."""
        return self._ask("held")


# --- On the other side, in Django -----------------------------------------------------------------------------------


def _make() -> int:
    from referentiel.models import Referentiel
    from tests import factories as make

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    referentiel.branch.telephone = "01 99 00 12 34"
    referentiel.branch.save()
    session = make.make_session(referentiel)
    user = make.make_user(LEA, first_name="Léa", last_name="N'Guessan")
    candidate = make.make_candidate(
        session.branch, user=user, birth_name="N'Guessan", birth_place="Abidjan", birth_country="Côte d'Ivoire"
    )
    session.branch.administrators.add(make.make_user(CLAIRE, first_name="Claire", last_name="Delmas"))
    for first, last in (("Alix", "Rouvière"), ("Karim", "Benali")):
        make.make_evaluator(session, first_name=first, last_name=last)
    return make.make_enrolment(session, candidate=candidate, blocs=[1, 2]).pk


def _held() -> dict[str, Any]:
    from candidates.models import AccommodationWish, Conflict, Enrolment

    enrolment = Enrolment.objects.select_related("candidate").get()
    candidate, wish = enrolment.candidate, AccommodationWish.objects.first()
    return {
        "born": [candidate.birth_place, candidate.birth_insee, candidate.birth_country],
        "confirmed": enrolment.identity_confirmed_at is not None,
        "measures": wish.measures if wish else [],
        "known": [str(one.appointment.user) for one in Conflict.objects.select_related("appointment__user")],
    }


ACTS = {"make": _make, "held": _held}
