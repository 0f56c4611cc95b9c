"""What is done with a spreadsheet in a box."""

from cqp.sandbox.hooks import MB, Limits, declare
from cqp.spreadsheets.formats import TOO_COMPLEX

declare(
    "cqp.spreadsheets.parsing.parse",
    # 5,000 rows of 200 columns take 3 s and 250 MB, 6 s where a cell holds an error; what they say, 10 MB.
    Limits(cpu=15, wall=90, memory=768 * MB, written=32 * MB),
    lane="people",
    remedy=TOO_COMPLEX,
)
declare(
    "cqp.spreadsheets.annotating.annotate",
    # openpyxl holds each cell as an object, and writes each sheet to a file first: 5,000 rows of 40 columns take 5 s.
    Limits(cpu=30, wall=90, memory=1024 * MB, written=32 * MB, scratch=64 * MB),
    lane="people",
    remedy=TOO_COMPLEX,
)
