"""The candidate, about what is theirs."""

from tests.permissions.row import EVERYONE, MEMBERS_, NOBODY__, Row

ROWS = (
    #                                                     anon  str cnd oth evl col oth jur adm oth
    # An invitation opens for whoever has its link, and says nothing where there is none.
    Row("candidate:invitation", "invitation",            EVERYONE),
    Row("candidate:invitation", "key",                   NOBODY__),
    Row("candidate:invitation-new", "invitation",        EVERYONE, "POST"),
    Row("candidate:invitation-new", "key",               EVERYONE, "POST"),
    # Their own enrolment, dossiers and data; documents once published.
    Row("candidate:home", "none",                        MEMBERS_),
    Row("candidate:communes", "none",                    "401   ok  ok  ok  ok  ok  ok  ok  ok  ok "),
    Row("candidate:convocation", "enrolment",            "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:agenda", "enrolment",                 "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:civil-status", "enrolment",           "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:civil-status-confirm", "enrolment",   "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:accommodation", "enrolment",          "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:accommodation-withdraw", "enrolment", "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:evaluators", "enrolment",             "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:evaluator-known", "enrolment-evaluator", "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:evaluator-unknown", "enrolment-evaluator", "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:my-data", "none",                     "login 404 ok  ok  404 404 404 404 404 404"),
    Row("candidate:my-data-ask", "none",                 "login 404 ok  ok  404 404 404 404 404 404", "POST"),
    Row("candidate:my-data-copy", "data-export",         "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:dossier", "draft",                    "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:expected", "draft",                   "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:add-file", "heading",                 "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:remove-file", "draft-file",           "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:move-file-up", "draft-file",          "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:move-file-down", "draft-file",        "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:answer", "heading",                   "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:answers", "draft",                    "401   404 ok  404 404 404 404 404 404 404"),
    Row("candidate:template-docx", "draft",              "login 404 ok  404 404 404 404 404 ok  404"),
    Row("candidate:template-odt", "draft",               "login 404 ok  404 404 404 404 404 ok  404"),
    Row("candidate:order-files", "heading",              "401   404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:uploads", "draft",                    "401   404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:upload", "draft-upload",              "401   404 ok  404 404 404 404 404 404 404", "HEAD"),
    Row("candidate:abandon-upload", "draft-upload",      "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:submit", "draft",                     "login 404 ok  404 404 404 404 404 404 404", "POST"),
    Row("candidate:receipt", "dossier",                  "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:receipt_pdf", "dossier",              "login 404 ok  404 404 404 404 404 404 404"),
    Row("candidate:document", "document",                "login 404 ok  404 404 404 404 404 404 404"),
)  # fmt: skip
