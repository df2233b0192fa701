"""For all tests here."""

import pytest

from spwf04.at import task
from tests.hardware import options


def pytest_ignore_collect(collection_path, config):
    """Without a module there is no run on one."""
    return (
        True if collection_path.name == "test_module.py" and not options.wanted(config) else None
    )


@pytest.fixture(autouse=True)
def drops(monkeypatch):
    """As in tests/scenarios: code that is needed for one call is dropped, as on a board."""
    monkeypatch.setattr(task, "drops", True)
    monkeypatch.setattr(task, "collect", lambda: None)
