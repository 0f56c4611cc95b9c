"""What a file is that is not what it should be, so that the cause is said as it is. Nothing of it is opened."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The streams of an OLE container by which its program is known (MS-CFB 2.6.1, MS-OFFCRYPTO 2.3), the deciding ones first.
STREAMS = (
    ("locked", "EncryptedPackage"),
    ("word", "WordDocument"),
    ("excel", "Workbook"),
    ("excel", "Book"),
    ("powerpoint", "PowerPoint Document"),
    ("message", "__properties_version1.0"),
)
# Each entry of its directory has this size, and begins at a multiple of it.
ENTRY = 128

WEB_MARKS = (b"<html", b"<!doctype html", b"<svg", b"<table", b"<body", b"mime-version:")


# Photos of phones that begin by a box of ISO 14496-12: HEIC and AVIF, by their brand.
PHOTO_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def is_photo(head: bytes) -> bool:
    """Tell whether a file begins as a JPEG, PNG, WebP, HEIC or AVIF."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    return (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or (head[4:8] == b"ftyp" and head[8:12] in PHOTO_BRANDS)


def ole_kind(content: bytes) -> str:
    """Return what an OLE container is: `word`, `excel`, `powerpoint`, `message`, `locked` (encrypted by Office), or ""."""
    return next((kind for kind, name in STREAMS if _has_entry(content, name)), "")


def _has_entry(content: bytes, name: str) -> bool:
    mark = name.encode("utf-16-le") + b"\0\0"
    at = content.find(mark)
    while at >= 0:
        if at % ENTRY == 0:
            return True
        at = content.find(mark, at + len(mark))
    return False


def is_web_page(head: bytes) -> bool:
    """Tell whether a file begins as a web page does, in one byte or two for each character."""
    text = head[:8192].replace(b"\0", b"").lower()
    return any(mark in text for mark in WEB_MARKS[:-1]) or text.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(WEB_MARKS[-1])
