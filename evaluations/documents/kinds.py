"""The kinds of document that a session gives."""

from cqp.models import Document
from cqp.models.documents import Kind

REPORT = Kind("report", "RC", "report.html", "Rapport de certification")
MINUTES = Kind("minutes", "PV", "minutes.html", "Procès-verbal de délibération")


def certificate_lines(document: Document) -> list[tuple[str, str]]:
    """Return what a certificate says, as it is printed."""
    context = document.context
    holder, referentiel = context["holder"], context["referentiel"]
    used = f", nom d'usage {holder['used_name']}" if holder.get("used_name") else ""
    lines = [
        ("Certification", referentiel["title"]),
        ("Code RNCP", referentiel.get("rncp_code") or ""),
        ("Niveau", str(referentiel.get("level") or "")),
        ("Délivrée à", f"{holder['civil_name']}{used}, {holder['birth']}"),
        ("Décision du jury", context["date"]),
        *((f"Bloc {bloc['code']}", f"{bloc['title']}, acquis le {bloc['on']}") for bloc in context["blocs"]),
    ]
    return [(name, value) for name, value in lines if value]


def attestation_lines(document: Document) -> list[tuple[str, str]]:
    """Return what an attestation of blocs says, as it is printed."""
    context = document.context
    holder, referentiel = context["holder"], context["referentiel"]
    lines = [
        ("Certification", referentiel["title"]),
        ("Code RNCP", referentiel.get("rncp_code") or ""),
        ("Délivrée à", f"{holder['civil_name']}, {holder['birth']}"),
        *((f"Bloc {bloc['code']}", f"{bloc['title']}, acquis le {bloc['on']}") for bloc in context["blocs"]),
    ]
    return [(name, value) for name, value in lines if value]


CERTIFICATE = Kind(
    "certificate", "CQP", "certificate.html", "Certificat de qualification professionnelle", certificate_lines
)

ATTESTATION = Kind("attestation", "AB", "attestation.html", "Attestation de blocs de compétences", attestation_lines)
LETTER = Kind("letter", "LR", "letter.html", "Lettre de résultats")
REGISTER = Kind("register", "RG", "register.html", "Registre des titulaires")

KINDS = (REPORT, MINUTES, CERTIFICATE, ATTESTATION, LETTER, REGISTER)
