"""`make demo`: the demonstration, set up once, then served with its task worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from candidates.models import Session
from cqp.demo.accounts import DemoAccount, accounts_file, demo_accounts, write_demo_accounts
from cqp.models import User
from evaluations.demo import story
from evaluations.models import SessionDocument
from referentiel.models import Referentiel

ACCOUNTS = [
    ("claire", "Administratrice de la branche", "Tient les trois sessions, de l'inscription à la publication."),
    ("lea", "Candidate", "A obtenu tout le CQP : ses résultats et ses documents sont en ligne."),
    ("paul", "Candidat", "A obtenu deux blocs ; repasse aujourd'hui le troisième."),
    ("thi", "Candidate", "Son entretien du bloc 1 est en cours."),
    ("sofia", "Candidate", "Ses deux évaluateurs ont signé leurs fiches et doivent s'accorder."),
    ("marc", "Candidat", "Attend son entretien, avec dix minutes de temps supplémentaire."),
    ("ines", "Candidate", "Un dossier déposé, un à reprendre, un commencé en ligne."),
    ("alix", "Évaluatrice", "Un entretien en cours, une fiche à accorder."),
    ("karim", "Évaluateur", "Le second évaluateur des mêmes entretiens."),
    ("bea", "Évaluatrice", "Évalue le bloc 3."),
    ("hugo", "Évaluateur", "Évalue le bloc 3 avec Béatrice Le Goff."),
    ("odile", "Membre du jury", "Collège des employeurs."),
    ("yann", "Membre du jury", "Collège des salariés."),
]


class Command(BaseCommand):
    help = "Sets the demonstration up (once) and serves it with its task worker."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--no-serve", action="store_true", help="Set up, say where things are, and stop.")

    def handle(self, *args: Any, no_serve: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration runs with MODE=demonstration only: use make demo.")
        if not no_serve:
            refuse_taken_port(settings.PORT)
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not accounts_file().exists():
            self.set_up()
        self.say()
        if not no_serve:
            serve(settings.PORT)

    def set_up(self) -> None:
        self.stdout.write("Mise en place de la démonstration, avec ses images et ses documents (une fois, une minute)…")
        call_command("loaddata", "referentiel", verbosity=0)
        referentiel = Referentiel.objects.get(code="CQP-MEV-B2B", version="1")
        # An interrupted set-up is taken up where it stopped; another installation's data is never touched.
        if not User.objects.filter(email=story.email("claire")).exists():
            if Session.objects.exists():
                raise CommandError("This database already holds sessions that are not the demonstration's.")
            with transaction.atomic():
                story.build(referentiel)
        manage("db_worker", "--batch", "--interval", "0.1", "-v0").wait()
        names = {name: " ".join(pair) for name, pair in story.PEOPLE.items()}
        names |= {name: f"{row[1].split(',')[0]} {row[0]}" for name, row in story.CANDIDATES.items()}
        accounts = [DemoAccount(story.email(key), names[key], role, episode) for key, role, episode in ACCOUNTS]
        write_demo_accounts(story.PASSWORD, accounts)

    def say(self) -> None:
        known = demo_accounts()
        width = max(len(account.email) for account in known.accounts)
        self.stdout.write(f"Comptes (mot de passe commun : {known.password})")
        for account in known.accounts:
            self.stdout.write(f"  {account.email:<{width}}  {account.role}, {account.name}. {account.story}")
        self.stdout.write(f"Rapport de certification produit : {self.report_path()}")
        if known.site_url not in ("", settings.SITE_URL):
            self.stdout.write(f"Les documents de la mise en place gardent leur adresse : {known.site_url}")
        self.stdout.write(f"Adresse : http://localhost:{settings.PORT}  (Ctrl+C pour arrêter)")
        self.stdout.flush()

    def report_path(self) -> Path:
        """Write the published session's first certification report beside the database, and return where."""
        row = SessionDocument.objects.filter(document__kind="report").select_related("document").order_by("pk").first()
        if row is None or not row.document.bytes:
            raise CommandError("No certification report was produced: look at the worker's messages above.")
        path = settings.VAR_DIR / "demo" / row.document.file_name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(row.document.bytes))
        return path


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("localhost", port))
        except OSError:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it, or choose another: make demo PORT=8001."
            ) from None


def manage(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR)


def serve(port: int) -> None:
    """Run gunicorn and the worker until one stops or someone interrupts; run `tick` every minute."""
    pid_file = settings.VAR_DIR / "demo.pid"
    pid_file.write_text(str(os.getpid()))
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:cqp.gunicorn", "cqp.wsgi"]
    options = ["--bind", f"localhost:{port}", "--log-level", "warning", "--no-control-socket"]
    processes = [
        subprocess.Popen(gunicorn + options, cwd=settings.BASE_DIR),
        manage("db_worker", "--interval", "1", "-v0"),
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    last_tick = time.monotonic()
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
            if time.monotonic() - last_tick > 60:
                last_tick = time.monotonic()
                call_command("tick")
    except KeyboardInterrupt:
        pass
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        pid_file.unlink(missing_ok=True)
