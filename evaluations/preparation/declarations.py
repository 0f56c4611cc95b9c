"""The stream of an evaluator's preparation."""

from cqp.operations.hooks import handlers
from evaluations.preparation.operations import PreparationHandler

handlers.register(PreparationHandler, key=PreparationHandler.kind)
