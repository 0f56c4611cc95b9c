r"""The text of an answer: plain text with marks for bold and lists.

`static/js/dossier/markup.js` does the same on the device.

- A blank line parts two paragraphs; inside one, each line stays a line.
- Lines beginning `- ` make a list. Lines beginning `1. `, then `2. ` and so on, make a numbered one.
- `**words**` on one line are bold.
- A backslash before `\`, `*`, `-` or `.` takes its meaning away: `\- not a list`, `\*\*not bold\*\*`.

No text is refused: what makes no mark is read as it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LIMIT = 20_000

type Kind = Literal["p", "ul", "ol"]
# A piece of a line, and whether it is bold.
type Run = tuple[str, bool]
type Line = list[Run]

_SPACE = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_LINE_END = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_NUMBERED = re.compile(r"([1-9][0-9]{0,4})\. ")
_TOKENS = re.compile(r"\\[\\*.\-]|\*\*|[^\\*]+|[\\*]")
_TO_ESCAPE = re.compile(r"\\(?=[\\*.\-]|\Z)|\*+")


@dataclass
class Block:
    """A paragraph with its lines (`p`), a list or a numbered list with its items (`ul`, `ol`). Never empty."""

    kind: Kind
    lines: list[Line]


def parse(text: str) -> list[Block]:
    """Return the paragraphs and lists of a text. Two lists of one kind with only blank lines between them are one."""
    blocks: list[Block] = []
    goes_on = False
    for raw in _LINE_END.split(text):
        last = blocks[-1] if blocks else None
        kind, content = _kind(_UNPRINTABLE.sub("", raw).strip(_SPACE), last)
        line = _line(content)
        if not line:
            goes_on = False
            continue
        if last and kind == last.kind and (kind != "p" or goes_on):
            last.lines.append(line)
        else:
            blocks.append(Block(kind, [line]))
        goes_on = True
    return blocks


def _kind(raw: str, last: Block | None) -> tuple[Kind, str]:
    """Return what a line is, after the block `last`, and its content without the mark of a list."""
    if raw.startswith("- "):
        return "ul", raw[2:]
    if (match := _NUMBERED.match(raw)) and int(match[1]) in (1, _next_number(last)):
        return "ol", raw[match.end() :]
    return "p", raw


def _next_number(last: Block | None) -> int:
    return len(last.lines) + 1 if last and last.kind == "ol" else 1


def _line(content: str) -> Line:
    tokens = _TOKENS.findall(content)
    marks = tokens.count("**")
    runs: Line = []
    bold = False
    for token in tokens:
        # The last of an odd number of marks closes nothing: it is read as it stands.
        if token == "**" and (bold or marks > 1):
            bold, marks = not bold, marks - 1
        else:
            text = token[1] if len(token) == 2 and token[0] == "\\" else token
            runs[-1:] = [(runs[-1][0] + text, bold)] if runs and runs[-1][1] == bold else [*runs[-1:], (text, bold)]
    return _trimmed(runs)


def _trimmed(runs: Line) -> Line:
    while runs and not runs[0][0].strip(_SPACE):
        runs = runs[1:]
    while runs and not runs[-1][0].strip(_SPACE):
        runs = runs[:-1]
    if runs:
        runs[0] = (runs[0][0].lstrip(_SPACE), runs[0][1])
        runs[-1] = (runs[-1][0].rstrip(_SPACE), runs[-1][1])
    return runs


def normalise(text: str) -> str:
    """Return the one way of writing what `text` says: what is kept, and compared between devices."""
    blocks = parse(text)
    before = [None, *blocks]
    return "\n\n".join("\n".join(_marked(block, last)) for last, block in zip(before, blocks, strict=False))


def _marked(block: Block, last: Block | None) -> Iterator[str]:
    for rank, line in enumerate(block.lines):
        text = "".join(f"**{_escaped(piece)}**" if bold else _escaped(piece) for piece, bold in line)
        if block.kind != "p":
            yield f"- {text}" if block.kind == "ul" else f"{rank + 1}. {text}"
        else:
            yield _not_an_item(text, None if rank else last)


def _escaped(piece: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        alone = match[0] == "*" and match.start() > 0 and match.end() < len(piece)
        return match[0] if alone else "".join(f"\\{sign}" for sign in match[0])

    return _TO_ESCAPE.sub(escaped, piece)


def _not_an_item(text: str, last: Block | None) -> str:
    kind, _ = _kind(text, last)
    if kind == "p":
        return text
    return f"\\{text}" if kind == "ul" else text.replace(".", "\\.", 1)


def to_html(text: str) -> SafeString:
    """Return the text as `p`, `br`, `strong`, `ul`, `ol` and `li`, all the rest escaped; "" for a blank one."""
    return mark_safe("".join(_html(block) for block in parse(text)))


def _html(block: Block) -> str:
    lines = [
        "".join(f"<strong>{escape(t)}</strong>" if bold else escape(t) for t, bold in line) for line in block.lines
    ]
    if block.kind == "p":
        return f"<p>{'<br>'.join(lines)}</p>"
    return f"<{block.kind}>{''.join(f'<li>{line}</li>' for line in lines)}</{block.kind}>"


def plain(text: str) -> str:
    """Return the text without its marks of bold and its backslashes; items keep `- ` and their numbers."""
    return "\n\n".join("\n".join(_plain_lines(block)) for block in parse(text))


def _plain_lines(block: Block) -> Iterator[str]:
    for rank, line in enumerate(block.lines, 1):
        text = "".join(piece for piece, _ in line)
        yield {"p": text, "ul": f"- {text}", "ol": f"{rank}. {text}"}[block.kind]
