"""The evaluators' operations."""

from evaluations.operations import preparation, sheet  # noqa: F401  registers the handlers
