"""The jury: its members with the undertaking signed, and the branch, once the session is before the jury."""

from tests.permissions.row import JURY____, MEMBERS_, Row

ROWS = (
    #                                                     anon  str cnd oth evl col oth jur adm oth
    Row("jury:home", "none",                             MEMBERS_),
    Row("jury:undertaking", "juror",                     "login 404 404 404 404 404 404 ok  404 404", "POST"),
    Row("jury:session", "session",                       JURY____),
    Row("jury:open", "session",                          JURY____, "POST"),
    Row("jury:attendance", "session",                    JURY____, "POST"),
    Row("jury:together", "session",                      JURY____),
    Row("jury:together", "session",                      JURY____, "POST"),
    Row("jury:withdraw", "jury-withdraw",                JURY____, "POST"),
    Row("jury:candidate", "jury-candidate",              JURY____),
    Row("jury:sheet", "jury-sheet",                      JURY____),
    Row("jury:decide", "jury-bloc",                      JURY____, "POST"),
)  # fmt: skip
