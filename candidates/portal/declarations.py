"""The roles of an administrator and of a candidate."""

from candidates.portal.roles import ROLES
from cqp.accounts.hooks import roles

for order, role in enumerate(ROLES, 10):
    roles.register(role, key=role.key, order=order)
