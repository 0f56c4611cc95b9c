"""What is inside the walls, wherever the project is."""

import subprocess
import tempfile
from pathlib import Path

from cqp.sandbox import walls


def test_a_project_below_tmp_is_there_beside_the_box_s_own_tmp(settings):
    inside = "import sys; open('/tmp/own', 'w').write('x'); print(open(sys.argv[1]).read())"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        settings.BASE_DIR = Path(folder)
        for code in walls.code_folders():
            code.mkdir()
        module = Path(folder) / "cqp" / "module.py"
        module.write_text("it is read")
        walls.bubblewrap.cache_clear()
        try:
            command = [*walls.around(2**20), walls.python(), "-I", "-S", "-c", inside, str(module)]
            ended = subprocess.run(command, check=False, capture_output=True, text=True, env={})
        finally:
            walls.bubblewrap.cache_clear()
            Path("/tmp/own").unlink(missing_ok=True)  # without walls, the host's
    assert ended.stdout.strip() == "it is read", ended.stderr
