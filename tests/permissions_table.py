"""Who may open what: every address of the site and every kind of person.

To add an address, add one line: its name; the key of its arguments in `World.arguments` (`permissions_world.py`); one
word per person, in the order of PEOPLE; and "POST" where a GET is not answered.

    ok      the page is shown, or the post reaches what the person may do (accepted, or refused for another reason)
    404     for this person it does not exist
    403     it exists, and is closed to them
    401     the JSON endpoint's answer to whoever is not logged in
    login   sent to the login page
"""

from dataclasses import dataclass

PEOPLE = (
    "anonymous",
    "stranger",  # logged in, without a role
    "candidate",
    "other_candidate",  # of the same session
    "evaluator",
    "colleague",  # the other evaluator of the same interview: neither has signed
    "other_evaluator",  # of the same session, not assigned to the interview
    "juror",
    "admin",
    "other_admin",  # of another branch
)


@dataclass(frozen=True)
class Row:
    name: str
    key: str
    words: str
    method: str = "GET"

    @property
    def expected(self) -> dict[str, str]:
        words = self.words.split()
        assert len(words) == len(PEOPLE), f"{self.name}: {len(words)} words for {len(PEOPLE)} people"
        return dict(zip(PEOPLE, words, strict=True))


EVERYONE = "ok    ok  ok  ok  ok  ok  ok  ok  ok  ok "
MEMBERS_ = "login ok  ok  ok  ok  ok  ok  ok  ok  ok "
NOBODY__ = "404   404 404 404 404 404 404 404 404 404"
NOBODY_IN = "login 404 404 404 404 404 404 404 404 404"
ADMIN___ = "login 404 404 404 404 404 404 404 ok  404"
JURY____ = "login 404 404 404 404 404 404 ok  ok  404"

TABLE = (
    #                                                     anon  str cnd oth evl col oth jur adm oth
    Row("home", "none",                                  "login ok  ok  ok  ok  ok  ok  ok  ok  ok "),
    Row("operations", "own-sheet",                       "401   404 404 404 ok  404 404 404 404 404", "POST"),
    Row("operations", "preparation",                     "401   404 404 404 ok  404 404 404 404 404", "POST"),
    Row("operations", "own-dossier",                     "401   404 ok  404 404 404 404 404 404 404", "POST"),
    Row("operations", "unknown-stream",                  "401   404 404 404 404 404 404 404 404 404", "POST"),
    Row("admin:index", "none",                           "login login login login login login login login login login"),
    # The accounts: allauth's pages, each about the person who asks. A page of entrance sends home whoever is in.
    Row("account_login", "none",                         EVERYONE),
    Row("account_logout", "none",                        EVERYONE),
    Row("account_inactive", "none",                      EVERYONE),
    Row("account_signup", "none",                        EVERYONE),
    Row("account_reauthenticate", "none",                MEMBERS_),
    Row("account_email", "none",                         MEMBERS_),
    Row("account_email_verification_sent", "none",       EVERYONE),
    Row("account_confirm_email", "key",                  EVERYONE),
    Row("account_change_password", "none",               MEMBERS_),
    Row("account_set_password", "none",                  MEMBERS_),
    Row("account_reset_password", "none",                EVERYONE),
    Row("account_reset_password_done", "none",           EVERYONE),
    Row("account_reset_password_from_key", "reset-key",  EVERYONE),
    Row("account_reset_password_from_key_done", "none",  EVERYONE),
    Row("account_request_login_code", "none",            EVERYONE),
    Row("account_confirm_login_code", "none",            EVERYONE),
    # Passkeys: one's own. Whoever has a password is asked for it first, whatever the key's number.
    Row("mfa_login_webauthn", "none",                    EVERYONE),
    Row("mfa_list_webauthn", "none",                     MEMBERS_),
    Row("mfa_add_webauthn", "none",                      MEMBERS_),
    Row("mfa_remove_webauthn", "passkey",                MEMBERS_),
    # The référentiel.
    Row("referentiel:list", "none",                      MEMBERS_),
    Row("referentiel:detail", "referentiel",             "login 404 ok  ok  ok  ok  ok  ok  ok  404"),
    # A référentiel to be written, by the administrators of its branch.
    Row("branch:referentiel_start", "none",              "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:referentiel_start_by", "way",            "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:criteria_template", "none",              "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:draft", "draft-referentiel",             ADMIN___),
    Row("branch:draft", "referentiel",                   NOBODY_IN),
    Row("branch:draft_settings", "draft-referentiel",    ADMIN___),
    Row("branch:draft_settings", "referentiel",          NOBODY_IN),
    Row("branch:draft_bloc", "draft-bloc",               ADMIN___),
    Row("branch:draft_bloc_add", "draft-referentiel",    ADMIN___, "POST"),
    Row("branch:draft_bloc_remove", "draft-bloc",        ADMIN___, "POST"),
    Row("branch:draft_comparison", "draft-referentiel",  ADMIN___),
    Row("branch:draft_comparison", "referentiel",        ADMIN___),
    Row("branch:criteria_xlsx", "draft-referentiel",     ADMIN___),
    Row("branch:draft_seal", "draft-referentiel",        ADMIN___, "POST"),
    Row("branch:draft_seal", "referentiel",              NOBODY_IN, "POST"),
    Row("branch:draft_discard", "draft-referentiel",     ADMIN___, "POST"),
    Row("branch:draft_discard", "referentiel",           NOBODY_IN, "POST"),
    Row("branch:criteria", "criteria",                   ADMIN___),
    Row("branch:criteria_columns", "criteria",           ADMIN___, "POST"),
    Row("branch:criteria_apply", "criteria",             ADMIN___, "POST"),
    Row("branch:criteria_errors", "criteria",            ADMIN___),
    # Whoever has a document in hand verifies it, without an account.
    Row("verification", "none",                          EVERYONE),
    Row("verification_document", "verified",             EVERYONE),
    Row("verification_document", "key",                  NOBODY__),
    Row("branch:minutes_approve", "minutes",             ADMIN___, "POST"),
    Row("branch:minutes_signed", "minutes",              ADMIN___, "POST"),
    Row("branch:appeals", "enrolment",                   ADMIN___),
    Row("branch:appeal_receive", "enrolment-bloc",       ADMIN___, "POST"),
    Row("branch:appeal_answer", "appeal",                ADMIN___, "POST"),
    Row("branch:jury_rules", "session",                  ADMIN___),
    Row("branch:jury_rules", "session",                  ADMIN___, "POST"),
    Row("branch:appointment_seat", "juror",              ADMIN___, "POST"),
    Row("branch:certifier", "branch",                    ADMIN___),
    Row("branch:certifier", "branch",                    ADMIN___, "POST"),
    Row("branch:seal_make", "branch",                    ADMIN___, "POST"),
    Row("branch:accrochage", "none",                     "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:accrochage_holder", "holder",            ADMIN___),
    Row("branch:accrochage_holder", "holder",            ADMIN___, "POST"),
    Row("branch:accrochage_sender", "branch",            ADMIN___, "POST"),
    Row("branch:accrochage_make", "branch",              ADMIN___, "POST"),
    Row("branch:accrochage_receipt", "branch",           ADMIN___, "POST"),
    Row("branch:accrochage_abandon", "flow",             ADMIN___, "POST"),
    Row("branch:accrochage_flow", "flow",                ADMIN___),
    Row("branch:registration", "referentiel",            ADMIN___, "POST"),
    Row("branch:register_issue", "branch",               ADMIN___, "POST"),
    Row("branch:register_document", "register",          ADMIN___),
    Row("branch:void", "document",                       ADMIN___, "POST"),
    # An invitation opens for whoever has its link, and says nothing where there is none.
    Row("candidate:invitation", "invitation",            EVERYONE),
    Row("candidate:invitation", "key",                   NOBODY__),
    Row("candidate:invitation-new", "invitation",        EVERYONE, "POST"),
    Row("candidate:invitation-new", "key",               EVERYONE, "POST"),
    # The candidate, about their own dossiers.
    #                                                     anon  str cnd oth evl col oth jur adm oth
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
    # The completeness check.
    Row("branch:dossiers", "session",                    ADMIN___),
    Row("branch:dossier", "dossier",                     ADMIN___),
    Row("branch:dossier_accept", "dossier",              ADMIN___, "POST"),
    Row("branch:dossier_return", "dossier",              ADMIN___, "POST"),
    Row("branch:dossier_extend", "draft",                ADMIN___, "POST"),
    Row("branch:dossier_receipt", "dossier",             ADMIN___),
    Row("branch:dossier_pages", "dossier",               ADMIN___),
    Row("branch:dossier_pages", "draft",                 NOBODY_IN),
    Row("branch:page_withdraw", "dossier-page",          ADMIN___),
    Row("branch:page_withdraw", "dossier-cover",         NOBODY_IN),
    # The branch's administrators, about what is theirs.
    #                                                     anon  str cnd oth evl col oth jur adm oth
    Row("branch:sessions", "none",                       MEMBERS_),
    Row("branch:session_create", "none",                 "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:session", "session",                     ADMIN___),
    Row("branch:session_edit", "session",                ADMIN___),
    Row("branch:session_transition", "session-step",     ADMIN___, "POST"),
    Row("branch:together", "session",                    ADMIN___, "POST"),
    Row("branch:mails", "session",                       ADMIN___),
    Row("branch:mail_again", "mail",                     ADMIN___, "POST"),
    Row("branch:texts", "branch",                        ADMIN___),
    Row("branch:text", "text",                           ADMIN___),
    Row("branch:plan_room_days", "room",                 ADMIN___),
    Row("branch:timeline", "enrolment",                  ADMIN___),
    Row("branch:timeline_xlsx", "enrolment",             ADMIN___),
    Row("branch:register", "none",                       "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:register_xlsx", "none",                  "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:planning_day", "planning-day",           ADMIN___),
    Row("branch:interview_place", "coming",              ADMIN___, "POST"),
    Row("branch:enrol", "session",                       ADMIN___),
    Row("branch:figures_pdf", "session",                 ADMIN___),
    Row("branch:figures_centre", "published-centre",     ADMIN___),
    Row("branch:figures_centre", "centre",               NOBODY_IN),
    Row("branch:figures_several", "referentiel",         ADMIN___),
    Row("branch:figures_several_xlsx", "referentiel",    ADMIN___),
    Row("branch:figures_several_pdf", "referentiel",     ADMIN___),
    Row("branch:figures", "session",                     ADMIN___),
    Row("branch:figures_xlsx", "session",                ADMIN___),
    Row("branch:incidents", "session",                   ADMIN___),
    Row("branch:incident", "incident",                   ADMIN___),
    Row("branch:incident_move", "incident-move",         ADMIN___, "POST"),
    Row("branch:live", "session",                        ADMIN___),
    Row("branch:candidates_xlsx", "session",             ADMIN___),
    Row("branch:planning_xlsx", "session",               ADMIN___),
    Row("branch:day_paper", "day-paper",                 ADMIN___),
    Row("branch:convocations", "session",                ADMIN___),
    Row("branch:convocations_send", "session",           ADMIN___, "POST"),
    Row("branch:convocation", "convoked",                ADMIN___),
    Row("branch:plan_search", "session",                 ADMIN___),
    Row("branch:plan_hours", "session",                  ADMIN___, "POST"),
    Row("branch:plan_room", "session",                   ADMIN___, "POST"),
    Row("branch:plan_rules", "session",                  ADMIN___, "POST"),
    Row("branch:plan_start", "session",                  ADMIN___, "POST"),
    Row("branch:plan_stop", "plan-run",                  ADMIN___, "POST"),
    Row("branch:plan_apply", "plan-run",                 ADMIN___, "POST"),
    Row("branch:plan_room_remove", "room",               ADMIN___, "POST"),
    Row("branch:plan_evaluator", "appointment",          ADMIN___),
    Row("branch:plan_absence", "appointment",            ADMIN___),
    Row("branch:interview_lock", "interview",            ADMIN___, "POST"),
    Row("branch:import_start", "import-kind",            ADMIN___),
    Row("branch:import_template", "import-kind",         ADMIN___),
    Row("branch:import", "import",                       ADMIN___),
    Row("branch:import_errors", "import",                ADMIN___),
    Row("branch:import_columns", "import",               ADMIN___, "POST"),
    Row("branch:import_settle", "import",                ADMIN___, "POST"),
    Row("branch:import_apply", "import",                 ADMIN___, "POST"),
    Row("branch:enrolment", "enrolment",                 ADMIN___),
    Row("branch:enrolment_edit", "enrolment",            ADMIN___),
    Row("branch:enrolment_address", "enrolment",         ADMIN___),
    Row("branch:invite", "enrolment",                    ADMIN___, "POST"),
    Row("branch:invite_all", "session",                  ADMIN___, "POST"),
    Row("branch:enrolment_withdraw", "enrolment",        ADMIN___, "POST"),
    Row("branch:accommodation_proof", "enrolment",       ADMIN___, "POST"),
    Row("branch:accommodation_grant", "enrolment",       ADMIN___, "POST"),
    Row("branch:accommodation_refuse", "enrolment",      ADMIN___, "POST"),
    Row("branch:recruitment", "enrolment-bloc",          ADMIN___, "POST"),
    Row("branch:settings", "none",                       "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:retention", "branch",                    ADMIN___, "POST"),
    Row("branch:erasures", "none",                       "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:erase", "person",                        ADMIN___),
    Row("branch:appoint", "session",                     ADMIN___),
    Row("branch:appointment", "appointment",             ADMIN___),
    Row("branch:appointment_remove", "appointment",      ADMIN___, "POST"),
    Row("branch:conflict_declare", "appointment",        ADMIN___, "POST"),
    Row("branch:planning", "session",                    ADMIN___),
    Row("branch:plan", "enrolment-bloc",                 ADMIN___),
    Row("branch:interview", "interview",                 ADMIN___),
    Row("branch:interview_cancel", "interview",          ADMIN___, "POST"),
    Row("branch:interview_absent", "interview",          ADMIN___, "POST"),
    Row("branch:interview_excuse", "interview",          ADMIN___, "POST"),
    Row("branch:evaluator_replace", "assignment",        ADMIN___),
    Row("branch:sheet", "signed-sheet",                  ADMIN___),
    Row("branch:sheet_reopen", "signed-sheet",           ADMIN___, "POST"),
    Row("branch:scan", "sheet",                          ADMIN___),
    Row("branch:paper_code", "none",                     "login 404 404 404 404 404 404 404 ok  ok "),
    Row("branch:paper_code", "code",                     ADMIN___, "POST"),
    Row("branch:paper", "session",                       ADMIN___),
    Row("branch:paper_day", "paper-day",                 ADMIN___),
    # Evaluators: their own sheet, the joint one once both have signed theirs, nothing of the other's before.
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
    # The jury: its members with the undertaking signed, and the branch, once the session is before the jury.
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
    # Documents: the branch's; the candidate's own once published.
    Row("branch:documents", "session",                   ADMIN___),
    Row("branch:issue_minutes", "session",               ADMIN___, "POST"),
    Row("branch:publish", "session",                     ADMIN___),
    Row("branch:document", "document",                   ADMIN___),
    Row("candidate:document", "document",                "login 404 ok  404 404 404 404 404 404 404"),
    # Files: what was sent, for its owner and the branch; the assembled dossier, for whoever may read it.
    Row("files:original", "file",                        "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:original", "draft-file-key",              "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:page", "page",                            "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:original", "assembly",                    "login 404 ok  404 ok  ok  404 ok  ok  404"),
    Row("files:page", "assembly-page",                   "login 404 ok  404 ok  ok  404 ok  ok  404"),
    # The demonstration's pages: outside the demonstration, they do not exist.
    Row("demo:accounts", "none",                         NOBODY__),
    Row("demo:enter", "none",                            NOBODY__, "POST"),
    Row("demo:mails", "none",                            NOBODY__),
)  # fmt: skip
