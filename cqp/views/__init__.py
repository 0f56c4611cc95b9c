from cqp.views.device import key, person
from cqp.views.home import bad_request, forbidden, home, not_found, server_error
from cqp.views.operations import operations

__all__ = ["bad_request", "forbidden", "home", "key", "not_found", "operations", "person", "server_error"]
