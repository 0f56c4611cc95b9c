"""The kinds of document that a session gives."""

from cqp.documents import Kind

REPORT = Kind("report", "RC", "report.html", "Rapport de certification")
MINUTES = Kind("minutes", "PV", "minutes.html", "Procès-verbal de délibération")
CERTIFICATE = Kind("certificate", "CQP", "certificate.html", "Certificat de qualification professionnelle")

KINDS = (REPORT, MINUTES, CERTIFICATE)
