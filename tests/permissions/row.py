"""Who may open what: every address of the site and every kind of person.

To add an address, add one line to the module of those whom it is for: its name; the key of its arguments in
`World.arguments` (`world.py`); one word per person, in the order of PEOPLE; and "POST" where a GET is not answered.

    ok      the page is shown, or the post reaches what the person may do (accepted, or refused for another reason)
    404     for this person it does not exist
    403     it exists, and is closed to them
    401     the JSON endpoint's answer to whoever is not logged in
    login   sent to the login page
"""

from dataclasses import dataclass

PEOPLE = (
    "anonymous",
    "stranger",  # logged in, without a role
    "candidate",
    "other_candidate",  # of the same session
    "evaluator",
    "colleague",  # the other evaluator of the same interview: neither has signed
    "other_evaluator",  # of the same session, not assigned to the interview
    "juror",
    "admin",
    "other_admin",  # of another branch
)


@dataclass(frozen=True)
class Row:
    name: str
    key: str
    words: str
    method: str = "GET"

    @property
    def expected(self) -> dict[str, str]:
        words = self.words.split()
        assert len(words) == len(PEOPLE), f"{self.name}: {len(words)} words for {len(PEOPLE)} people"
        return dict(zip(PEOPLE, words, strict=True))


EVERYONE = "ok    ok  ok  ok  ok  ok  ok  ok  ok  ok "
MEMBERS_ = "login ok  ok  ok  ok  ok  ok  ok  ok  ok "
NOBODY__ = "404   404 404 404 404 404 404 404 404 404"
NOBODY_IN = "login 404 404 404 404 404 404 404 404 404"
ADMIN___ = "login 404 404 404 404 404 404 404 ok  404"
JURY____ = "login 404 404 404 404 404 404 ok  ok  404"
