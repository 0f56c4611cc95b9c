"""A person who has just entered, without the pages of the entrance."""

import time

from django.test import Client

from cqp.models import User


def enter_as(client: Client, user: User) -> Client:
    """Log a person in with a proof that is fresh: `force_login` gives a bare session, as a stolen one is."""
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
