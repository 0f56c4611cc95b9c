"""Evaluators: their own sheet, the joint one once both have signed theirs, nothing of the other's before."""

from tests.permissions.row import EVERYONE, MEMBERS_, Row

ROWS = (
    #                                                     anon  str cnd oth evl col oth jur adm oth
    Row("evaluator:home", "none",                        MEMBERS_),
    Row("evaluator:person", "none",                      "401   ok  ok  ok  ok  ok  ok  ok  ok  ok "),
    Row("evaluator:key", "none",                         "401   404 ok  ok  ok  ok  ok  404 404 404", "POST"),
    Row("evaluator:day", "none",                         "401   ok  ok  ok  ok  ok  ok  ok  ok  ok ", "POST"),
    Row("evaluator:service_worker", "none",              EVERYONE),
    Row("evaluator:manifest", "none",                    EVERYONE),
    Row("evaluator:offline", "none",                     EVERYONE),
    Row("evaluator:undertaking", "session",              "login 404 404 404 ok  ok  ok  404 404 404"),
    Row("evaluator:questions", "none",                   MEMBERS_),
    Row("evaluator:question", "question",                "login 404 404 404 ok  404 404 404 404 404"),
    Row("evaluator:question_delete", "question",         "login 404 404 404 ok  404 404 404 404 404", "POST"),
    Row("evaluator:decline", "coming",                   "login 404 404 404 ok  ok  404 404 404 404"),
    Row("evaluator:prepare", "interview",                "login 404 404 404 ok  ok  404 404 404 404"),
    Row("evaluator:open", "interview",                   "login 404 404 404 ok  ok  404 404 404 404", "POST"),
    Row("evaluator:paper", "interview",                  "login 404 404 404 ok  ok  404 404 404 404"),
    Row("evaluator:grid_pdf", "interview",               "login 404 404 404 ok  ok  404 404 404 404"),
    Row("evaluator:scoring_pdf", "interview",            "login 404 404 404 ok  ok  404 404 404 404"),
    Row("evaluator:paper_code", "none",                  MEMBERS_),
    Row("evaluator:paper_code", "code",                  "login 404 404 404 ok  404 404 404 404 404", "POST"),
    Row("evaluator:copy", "sheet",                       "login 404 404 404 ok  404 404 404 404 404"),
    Row("evaluator:sheet", "sheet",                      "login 404 404 404 ok  404 404 404 404 404"),
    Row("evaluator:state", "sheet",                      "401   404 404 404 ok  404 404 404 404 404"),
    Row("evaluator:course", "sheet",                     "login 404 404 404 ok  404 404 404 404 404", "POST"),
    Row("evaluator:review", "sheet",                     "login 404 404 404 ok  404 404 404 404 404"),
    Row("evaluator:joint", "joint",                      "login 404 404 404 ok  ok  404 404 404 404"),
    # One lends one's device to the colleague: the colleague does not co-sign as themselves.
    Row("evaluator:cosign", "joint-cosign",              "login 404 404 404 ok  404 404 404 404 404", "POST"),
    Row("evaluator:cosign_code", "joint-cosign",         "login 404 404 404 ok  404 404 404 404 404", "POST"),
)  # fmt: skip
