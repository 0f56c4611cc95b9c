from cqp.views.device import key, person
from cqp.views.home import bad_request, forbidden, home, not_found, server_error
from cqp.views.operations import operations
from cqp.views.verification import verification, verification_document

__all__ = [
    "bad_request",
    "forbidden",
    "home",
    "key",
    "not_found",
    "operations",
    "person",
    "server_error",
    "verification",
    "verification_document",
]
