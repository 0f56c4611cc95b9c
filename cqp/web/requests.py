"""The request of a person, and where it comes from."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from cqp.models import User

# What one household or company is given of IPv6: each of its addresses would have limits of its own.
IPV6_PREFIX = 64


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in: `cqp.web.middleware.LoginRequiredMiddleware` lets no other reach a view."""

    user: User


def client_address(request: HttpRequest) -> str:
    """Return the address that limits count by: the client's, of IPv6 its network."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if address.version == 6:
        return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)
