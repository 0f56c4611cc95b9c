"""Alix, who prepares an interview."""

import pytest


@pytest.fixture
def as_alix(running, client):
    client.force_login(running.alix)
    return client


@pytest.fixture
def mine(running):
    """Alix's assignment."""
    return running.alix_sheet.assignment
