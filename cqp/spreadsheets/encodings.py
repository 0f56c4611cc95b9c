"""In which encoding a text was written: UTF-8, Windows-1252, or Mac Roman, which Excel for Mac still writes.

Every byte means something in the last two. The right one is that in which the text reads as French.
"""

import re

UTF8 = "utf-8-sig"
# In the order in which they are preferred when they read as well.
ENCODINGS = (UTF8, "cp1252", "mac_roman")

# Every letter beyond ASCII of French names, and of names from elsewhere that are usual in France.
LOWER = "àâäçéèêëîïôöùûüÿœæñáíóúãõøåòìý"
SIGNS = "’‘“”«»°€…–— "
_LIKELY = re.compile(f"[{LOWER}{SIGNS}]")
# A capital is one in a word of capitals, or where a word begins.
_CAPITAL = re.compile(f"(?<![^\\W\\d_])[{LOWER.upper()}]|(?<=[A-Z])[{LOWER.upper()}](?![a-z])")
# What no text has: one letter in the case that its neighbours do not have, a sign or a dead letter inside a word.
_UNLIKELY = re.compile(
    f"(?<=[a-z])[{LOWER.upper()}]|(?<=[A-Z])[{LOWER}](?=[A-Z])"
    r"|(?<=[A-Za-z])[^\w\s!-~’°»…)–—](?=[A-Za-z])"
    f"|[^\\x00-\\x7f{LOWER}{LOWER.upper()}{SIGNS}]"
)
LOST = "\ufffd"
# As long a beginning as a person would read to know.
SAMPLE = 200_000

# What accents become when a text was read in an encoding that it was not written in, or when a program dropped them.
_WRONGLY_READ = re.compile(
    f"{LOST}|[ÃÂ][^\\w\\s]|â€|Å“|√[^\\w\\s]|[^\\W\\d_]\\?[^\\W\\d_]"
    "|[a-z][ÀÂÇÈÉÊËÌÍÎÏÒÓÔÕÖÙÚÛÜÝŽŠŒŸ]|[^\\W\\d_][ƒ‚„†‡ˆ‰‹›√∞§¶¢£¥¤¦©®¬±µ¿¡≈∆∂]"
)


def has_lost_letters(text: str) -> bool:
    """Tell whether a text has signs of an encoding that was lost before it came: `ZoÃ©`, `Fran?ois`, `Zo\ufffd`."""
    return bool(_WRONGLY_READ.search(text))


def encoding_of(content: bytes) -> str:
    """Return one of ENCODINGS: the one in which the bytes read best as French. Bytes of ASCII alone are UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        sample = b"\n".join(line for line in content.splitlines() if not line.isascii())[:SAMPLE]
        return max(ENCODINGS, key=lambda name: _score(sample.decode(name, errors="replace")))
    return UTF8


def _score(text: str) -> int:
    return (
        len(_LIKELY.findall(text))
        + len(_CAPITAL.findall(text))
        - 3 * len(_UNLIKELY.findall(text))
        - 5 * text.count(LOST)
    )
