"""The kinds of document that a session gives."""

from cqp.documents import Kind
from cqp.models import Document

REPORT = Kind("report", "RC", "report.html", "Rapport de certification")
MINUTES = Kind("minutes", "PV", "minutes.html", "Procès-verbal de délibération")


def certificate_lines(document: Document) -> list[tuple[str, str]]:
    """Return what a certificate says, as it is printed."""
    said = document.context
    holder, referentiel = said["holder"], said["referentiel"]
    used = f", nom d'usage {holder['used_name']}" if holder.get("used_name") else ""
    lines = [
        ("Certification", referentiel["title"]),
        ("Code RNCP", referentiel.get("rncp_code") or ""),
        ("Niveau", str(referentiel.get("level") or "")),
        ("Délivrée à", f"{holder['civil_name']}{used}, {holder['birth']}"),
        ("Décision du jury", said["date"]),
        *((f"Bloc {bloc['code']}", f"{bloc['title']}, acquis le {bloc['on']}") for bloc in said["blocs"]),
    ]
    return [(name, value) for name, value in lines if value]


def attestation_lines(document: Document) -> list[tuple[str, str]]:
    """Return what an attestation of blocs says, as it is printed."""
    said = document.context
    holder, referentiel = said["holder"], said["referentiel"]
    lines = [
        ("Certification", referentiel["title"]),
        ("Code RNCP", referentiel.get("rncp_code") or ""),
        ("Délivrée à", f"{holder['civil_name']}, {holder['birth']}"),
        *((f"Bloc {bloc['code']}", f"{bloc['title']}, acquis le {bloc['on']}") for bloc in said["blocs"]),
    ]
    return [(name, value) for name, value in lines if value]


CERTIFICATE = Kind(
    "certificate", "CQP", "certificate.html", "Certificat de qualification professionnelle", certificate_lines
)

ATTESTATION = Kind("attestation", "AB", "attestation.html", "Attestation de blocs de compétences", attestation_lines)
LETTER = Kind("letter", "LR", "letter.html", "Lettre de résultats")
REGISTER = Kind("register", "RG", "register.html", "Registre des titulaires")

KINDS = (REPORT, MINUTES, CERTIFICATE, ATTESTATION, LETTER, REGISTER)
