from cqp.views.home import forbidden, home, not_found, server_error
from cqp.views.operations import operations

__all__ = ["forbidden", "home", "not_found", "operations", "server_error"]
