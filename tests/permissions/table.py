"""The rows of every audience, joined."""

from tests.permissions import branch, candidate, evaluator, everyone, jury

TABLE = everyone.ROWS + branch.ROWS + candidate.ROWS + evaluator.ROWS + jury.ROWS
