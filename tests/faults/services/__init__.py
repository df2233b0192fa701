"""The exchanges of the module's services in which the tests put faults: a file each.

Each file has EXCHANGES, as tests/faults/exchanges.py has it. The names begin with the service, as
the table of docs/services.md calls it, and "plain" or "TLS": "HTTP, plain: get".
"""

import importlib
import pathlib


def exchanges():
    """All of them, {name: (prepare, act, what the peer sends)}."""
    found = {}
    for file in sorted(pathlib.Path(__file__).parent.glob("[a-z]*.py")):
        found.update(importlib.import_module(f"tests.faults.services.{file.stem}").EXCHANGES)
    return found
