"""Everybody: the first page, the accounts, and what several kinds of people open, each their own."""

from tests.permissions.row import ADMIN___, EVERYONE, MEMBERS_, NOBODY__, NOBODY_IN, Row

ROWS = (
    #                                                     anon  str cnd oth evl col oth jur adm oth
    Row("home", "none",                                  "login ok  ok  ok  ok  ok  ok  ok  ok  ok "),
    Row("operations", "own-sheet",                       "401   404 404 404 ok  404 404 404 404 404", "POST"),
    Row("operations", "preparation",                     "401   404 404 404 ok  404 404 404 404 404", "POST"),
    Row("operations", "own-dossier",                     "401   404 ok  404 404 404 404 404 404 404", "POST"),
    Row("operations", "unknown-stream",                  "401   404 404 404 404 404 404 404 404 404", "POST"),
    # Django's admin has no entrance of its own, and is nothing for who is not staff.
    Row("admin:index", "none",                           NOBODY_IN),
    Row("admin:login", "none",                           NOBODY_IN),
    Row("admin:login", "none",                           NOBODY_IN, "POST"),
    # The accounts: allauth's pages, each about the person who asks. A page of entrance sends home whoever is in.
    Row("account_login", "none",                         EVERYONE),
    Row("account_logout", "none",                        EVERYONE),
    Row("account_inactive", "none",                      EVERYONE),
    Row("account_signup", "none",                        EVERYONE),
    Row("account_reauthenticate", "none",                MEMBERS_),
    Row("account_email", "none",                         MEMBERS_),
    Row("account_email_verification_sent", "none",       EVERYONE),
    Row("account_confirm_email", "key",                  EVERYONE),
    Row("account_reauthenticate_by_code", "none",        MEMBERS_),
    Row("account_logins", "none",                        MEMBERS_),
    Row("account_end_login", "key",                      NOBODY_IN, "POST"),
    Row("account_end_all_logins", "none",                MEMBERS_, "POST"),
    Row("account_change_password", "none",               MEMBERS_),
    Row("account_set_password", "none",                  MEMBERS_),
    Row("account_reset_password", "none",                EVERYONE),
    Row("account_reset_password_done", "none",           EVERYONE),
    Row("account_reset_password_from_key", "reset-key",  EVERYONE),
    Row("account_reset_password_from_key_done", "none",  EVERYONE),
    Row("account_request_login_code", "none",            EVERYONE),
    Row("account_confirm_login_code", "none",            EVERYONE),
    Row("account_another_login_code", "none",            EVERYONE, "POST"),
    # Passkeys: one's own. Whoever has a password is asked for it first, whatever the key's number.
    Row("mfa_login_webauthn", "none",                    EVERYONE),
    Row("mfa_list_webauthn", "none",                     MEMBERS_),
    Row("mfa_add_webauthn", "none",                      MEMBERS_),
    Row("mfa_remove_webauthn", "passkey",                MEMBERS_),
    # The référentiel.
    Row("referentiel:list", "none",                      MEMBERS_),
    Row("referentiel:detail", "referentiel",             "login 404 ok  ok  ok  ok  ok  ok  ok  404"),
    # Whoever has a document in hand verifies it, without an account.
    Row("verification", "none",                          EVERYONE),
    Row("verification_document", "verified",             EVERYONE),
    Row("verification_document", "key",                  NOBODY__),
    # Files: what was sent, for its owner and the branch; the assembled dossier, for whoever may read it.
    Row("files:original", "file",                        "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:original", "draft-file-key",              "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:page", "page",                            "login 404 ok  404 404 404 404 404 ok  404"),
    Row("files:original", "assembly",                    "login 404 ok  404 ok  ok  404 ok  ok  404"),
    Row("files:page", "assembly-page",                   "login 404 ok  404 ok  ok  404 ok  ok  404"),
    # Before the jury opens, its members have no dossier.
    Row("files:original", "early-assembly",              ADMIN___),
    Row("files:page", "early-assembly-page",             ADMIN___),
    # The demonstration's pages: outside the demonstration, they do not exist.
    Row("demo:accounts", "none",                         NOBODY__),
    Row("demo:enter", "none",                            NOBODY__, "POST"),
    Row("demo:mails", "none",                            NOBODY__),
)  # fmt: skip
