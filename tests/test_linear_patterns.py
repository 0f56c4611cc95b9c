"""Each regular expression of the code takes a time in proportion to the text, whatever the text.

The expressions are read in the source, so that a new one is tried by itself; each gets what is bad for it: long runs of the
characters that it names, alone and in pairs, after each beginning, and an end that does not match.
"""

import ast
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as codes
from re import _parser as parser

import pytest

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = {"compile", "sub", "subn", "match", "fullmatch", "search", "findall", "finditer", "split"}
# Characters, and seconds at most. In proportion these are a few milliseconds, by the square many seconds: a machine ten times
# slower does not matter.
SIZES = {30_000: 0.5, 100_000: 2.0}


def constant(node: ast.expr) -> str | None:
    """Return a pattern as it stands in the source; what an f-string puts in is a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    if isinstance(node, ast.JoinedStr):
        return "".join("nom" if isinstance(part, ast.FormattedValue) else str(part.value) for part in node.values)
    return None


def flags_of(call: ast.Call) -> int:
    names = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute) and node.attr.isupper()]
    return sum(getattr(re, name, 0) for name in set(names))


def calls(source: str) -> Iterator[tuple[int, str, ast.expr, int]]:
    """Yield the line, the function, the pattern and the flags of each use of a regular expression."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        on_re = (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re"
        )
        if (on_re and name in FUNCTIONS) or name in ("RegexValidator", "RegexField"):
            yield node.lineno, name, node.args[0], flags_of(node)


def uses(source: str, line: int, everything: str) -> set[str]:
    """Return how a compiled pattern is used: what stands after its name."""
    name = source.splitlines()[line - 1].partition("=")[0].strip()
    return set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", everything)) & FUNCTIONS or {"search"}


def patterns() -> list:
    apps = ("cqp", "referentiel", "candidates", "evaluations")
    sources = {file: file.read_text() for app in apps for file in sorted((ROOT / app).rglob("*.py"))}
    everything, every = "\n".join(sources.values()), []
    for file, source in sources.items():
        for line, function, pattern, flags in calls(source):
            text = constant(pattern)
            where = f"{file.relative_to(ROOT)}:{line}"
            assert text is not None, f"{where}: a pattern that is not written where it is used cannot be tried."
            functions = uses(source, line, everything) if function == "compile" else {function}
            every.append(pytest.param(sorted(functions), text, flags, id=where))
    return every


def characters(pattern: str, flags: int) -> list[str]:
    """Return characters that the pattern names, or that its classes hold, and some that none does."""
    named = {" ", "a", "0", "\n", "A", "é", "\x00"}

    def walk(parsed) -> None:
        for code, argument in parsed:
            if code in (codes.LITERAL, codes.NOT_LITERAL):
                named.add(chr(argument))
            elif code is codes.RANGE:
                named.update(map(chr, argument))
            elif isinstance(argument, parser.SubPattern):
                walk(argument)
            elif isinstance(argument, tuple | list):
                for part in argument:
                    if isinstance(part, parser.SubPattern):
                        walk(part)
                    elif isinstance(part, list):
                        for item in part:
                            walk(item if isinstance(item, parser.SubPattern) else [item])
                    elif isinstance(part, tuple) and code is codes.IN:
                        walk([part])

    walk(parser.parse(pattern, flags))
    return sorted(named)


def starts(pattern: str) -> list[str]:
    """Return beginnings that may lead into the pattern: what it spells, without its signs."""
    spelled = re.sub(r"\\.|[()\[\]{}|?*+^$]", " ", pattern).split()
    return ["", *spelled[:6], "C1", "1", "{", "<", "p. 1", "pages 1", "a ("]


def texts(pattern: str, flags: int) -> Iterator[Callable[[int], str]]:
    """Yield what makes a bad text of about so many characters."""
    named = characters(pattern, flags)
    for character in named:
        for start in starts(pattern):
            yield lambda size, start=start, character=character: start + character * size + "\x00!"
    for first in named:
        for second in named:
            if first != second:
                yield lambda size, pair=first + second: pair * (size // 2) + "\x00!"


def seconds(function: str, compiled: re.Pattern[str], text: str) -> float:
    start = time.perf_counter()
    if function in ("match", "fullmatch"):
        getattr(compiled, function)(text)
    else:
        compiled.sub("", text)
    return time.perf_counter() - start


@pytest.mark.parametrize(("functions", "pattern", "flags"), patterns())
def test_a_pattern_takes_a_time_in_proportion_to_the_text(functions, pattern, flags):
    compiled = re.compile(pattern, flags)
    for function in functions:
        # Short texts tell which are the worst: those alone are made long.
        timed = [(seconds(function, compiled, make(1_000)), make) for make in texts(pattern, flags)]
        worst = [make for _, make in sorted(timed, key=lambda pair: pair[0])[-8:]]
        for size, most in SIZES.items():
            for make in worst:
                assert seconds(function, compiled, make(size)) < most, f"{function} {pattern!r} on {make(10)!r}"


def test_the_trial_finds_a_pattern_that_takes_the_cube():
    pattern = r"\{\s*([^{}]*?)\s*\}"
    worst = max(seconds("sub", re.compile(pattern), make(400)) for make in texts(pattern, 0))
    assert worst > 50 * seconds("sub", re.compile(r"\{([^{}]*)\}"), "{" + " " * 400)
