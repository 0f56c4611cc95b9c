"""The scene of a candidate who writes: sets it, and reads afterwards what the server holds, in a process of its own."""

from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.site import Site

LEA = "lea@example.org"


class Desk:
    """A candidate's draft for bloc 1."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.pk = self._ask("make")

    def _ask(self, act: str) -> Any:
        return self.site.call(ACTS[act])

    @property
    def url(self) -> str:
        return f"/candidat/dossiers/{self.pk}/"

    def held(self) -> dict[str, Any]:
        """Return `{"texts": {position: text}, "applied": n, "refused": [text, …]}`."""
        return self._ask("held")

    def hand_in(self) -> None:
        """Hand the dossier in, as from another device."""
        self._ask("hand_in")


def surface(page: Page, position: int = 1) -> Locator:
    return page.locator(f"#rubrique-{position} .answer-surface")


def state(page: Page, position: int = 1) -> Locator:
    return page.locator(f"#rubrique-{position} .answer-state")


# --- On the other side, in Django -----------------------------------------------------------------------------------


def _dossier() -> Any:
    from candidates.models import Dossier

    return Dossier.objects.get(enrolment_bloc__enrolment__candidate__user__email=LEA)


def _make() -> int:
    from referentiel.models import Referentiel
    from tests import factories as make

    referentiel = Referentiel.objects.with_content().get(code="CQP-MEV-B2B")
    candidate = make.make_candidate(referentiel.branch, user=make.make_user(LEA))
    make.make_enrolment(make.make_session(referentiel), candidate=candidate, blocs=[1])
    return _dossier().pk


def _held() -> dict[str, Any]:
    from cqp.models import Operation

    operations = Operation.objects.filter(user__email=LEA).order_by("pk")
    return {
        "texts": {
            answer.trame_item.position: answer.text for answer in _dossier().answers.select_related("trame_item")
        },
        "applied": operations.filter(status="applied").count(),
        "refused": [operation.payload["text"] for operation in operations.filter(status="refused")],
    }


def _hand_in() -> None:
    from tests import factories as make

    make.submit(_dossier())


ACTS = {"make": _make, "held": _held, "hand_in": _hand_in}
