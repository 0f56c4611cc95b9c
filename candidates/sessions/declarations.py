"""The states of a session, and its mails that a branch may word itself, each with an example."""

import datetime as dt

from candidates.models import Session
from candidates.sessions.workflow import SESSION
from cqp.evidence.hooks import checkpoint_reasons, declare_evident
from cqp.mail.hooks import Editable, declare_editable
from cqp.workflow import declare_workflows

declare_workflows(SESSION)

BRANCH = "Branche du commerce entre professionnels"
_PERSON = {"name": "Léa N'Guessan", "session": "Session de printemps 2027", "path": "/candidat/"}
_CONTACT = "certification@branche.example, 01 23 45 67 89"
_ROW = {"hours": "de 9 h à 9 h 30", "bloc": 1, "room": "Salle 1", "access": "2e étage", "link": ""}

declare_editable(
    Editable(
        "invitation",
        "Invitation d'un candidat à entrer dans son espace",
        _PERSON
        | {
            "title": "Manager d'équipe de vendeurs B to B",
            "branch": BRANCH,
            "blocs": ["bloc 1 : Piloter l'activité commerciale"],
            "opens": "",
            "deadline": "il vous reste 20 jours, jusqu'au lundi 3 mai à 18 h, heure de Paris",
            "until": "lundi 3 mai à 18 h, heure de Paris",
            "code_path": "/compte/",
        },
    ),
    Editable(
        "deposit_reminder",
        "Rappel avant la date limite de dépôt (7 jours, puis 1 jour)",
        _PERSON
        | {"contact": _CONTACT, "blocs": [[1, "il vous reste 6 jours, jusqu'au lundi 3 mai à 18 h, heure de Paris"]]},
    ),
    Editable(
        "convocation",
        "Convocation aux entretiens",
        _PERSON
        | {
            "again": False,
            "candidate": True,
            "days": [["mardi 18 mai", [_ROW]]],
            "zone": "heure de Paris",
            "place": "12 rue des Entrepreneurs, 75015 Paris",
            "to_bring": "une pièce d'identité en cours de validité",
            "measures": [],
            "contact": _CONTACT,
            "branch": BRANCH,
        },
    ),
    Editable(
        "interview_reminder",
        "Rappel avant les entretiens (2 jours)",
        _PERSON
        | {
            "rows": [{"when": "mardi 18 mai à 9 h", "bloc": 1, "room": "Salle 1", "link": ""}],
            "zone": "heure de Paris",
            "place": "12 rue des Entrepreneurs, 75015 Paris",
            "to_bring": "une pièce d'identité en cours de validité",
            "contact": _CONTACT,
        },
    ),
    Editable("results_published", "Publication des résultats", _PERSON),
    Editable(
        "appointed",
        "Nomination d'un évaluateur ou d'un membre du jury",
        _PERSON
        | {
            "name": "Alix Rouvière",
            "role": "évaluateur",
            "branch": BRANCH,
            "title": "Manager d'équipe de vendeurs B to B",
            "interviews_from": "18 mai",
            "interviews_to": "21 mai",
            "place": "12 rue des Entrepreneurs, 75015 Paris",
            "path": "/evaluateur/",
        },
    ),
)

declare_evident(
    "candidates.Session",
    "branch referentiel title time_zone deposit_opens_at deposit_closes_at deposit_grace_minutes interviews_from "
    "interviews_to jury_on state jury_rules published_at announced_at created_at",
)


def has_published(after: dt.datetime, until: dt.datetime) -> bool:
    """Return whether results came out in between."""
    return Session.objects.filter(published_at__gt=after, published_at__lte=until).exists()


checkpoint_reasons.register(has_published)
