"""The engines of the host's TLS that run in this process: CPython's, and CircuitPython's.

The latter runs on a stand-in (circuitpython_ssl.py), which is not CircuitPython: it shows only
that the engine uses nothing but that face. The scenarios run MicroPython's engine.
"""

import importlib
import sys

from spwf04.hosttls import cpython as hosttls_cpython
from spwf04.hosttls import stream
from tests.shims import circuitpython_ssl

NAMES = ("cpython", "circuitpython")


def use(monkeypatch, name):
    """Have the driver use this engine until monkeypatch is undone; return the engine's module."""
    module = hosttls_cpython
    if name == "circuitpython":
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "ssl", circuitpython_ssl)
            patch.delitem(sys.modules, "spwf04.hosttls.circuitpython", raising=False)
            module = importlib.import_module("spwf04.hosttls.circuitpython")
    monkeypatch.setattr(stream, "engine", lambda: module.Engine)
    return module
