"""The roles of an evaluator and of a member of the jury."""

from cqp.accounts.hooks import roles
from evaluations.assignments.roles import ROLES

for order, role in enumerate(ROLES, 20):
    roles.register(role, key=role.key, order=order)
