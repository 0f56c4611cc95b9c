"""What the database is asked for: nothing acknowledged is lost by a power cut."""

import os
import subprocess
import sys


def test_on_sqlite_a_commit_is_on_the_disk_before_it_is_acknowledged(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as cursor: print(cursor.execute('PRAGMA synchronous').fetchone()[0])"
    )
    env = os.environ | {
        "MODE": "demonstration",
        "DJANGO_SETTINGS_MODULE": "cqp.settings",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
    }
    answer = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "2"  # FULL
