"""Handlers of the evaluators' operations."""
