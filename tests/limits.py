"""Says where the code is too long to fit in a head: `python -m tests.limits`, part of `make check`.

At most 300 lines a file, 50 a function, 8 parameters; migrations, which are generated, are not counted.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = (".py", ".js", ".css", ".html", ".sh")
FILE, FUNCTION, PARAMETERS = 300, 50, 8


def list_files() -> list[Path]:
    """Return the files that people write and git keeps."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = (ROOT / name for name in names.split("\0") if name.endswith(KINDS))
    return [file for file in files if file.is_file() and "migrations" not in file.parts and "data" not in file.parts]


def count_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many a caller may give: neither `self` nor `cls`."""
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    own = bool(names) and names[0] in ("self", "cls")
    return len(names) + bool(arguments.vararg) + bool(arguments.kwarg) - own


def list_excesses(file: Path) -> Iterator[str]:
    """Yield a line for each limit that a file exceeds."""
    text = file.read_text()
    place = file.relative_to(ROOT)
    if (lines := text.count("\n")) > FILE:
        yield f"{place}: {lines} lines, at most {FILE}"
    for node in ast.walk(ast.parse(text)) if file.suffix == ".py" else ():
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION:
            yield f"{place}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION}"
        if (number := count_parameters(node)) > PARAMETERS:
            yield f"{place}:{node.lineno}: {node.name} has {number} parameters, at most {PARAMETERS}"


def main() -> int:
    excesses = [excess for file in list_files() for excess in list_excesses(file)]
    for excess in excesses:
        print(excess, file=sys.stderr)
    return 1 if excesses else 0


if __name__ == "__main__":
    sys.exit(main())
