"""SHA-1 and SHA-256, with hashlib and without it."""

import hashlib
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04 import digest
from spwf04.sha import algorithms


@pytest.mark.parametrize("name", ["sha1", "sha256"])
@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1300])
def test_in_python_they_are_what_hashlib_makes(name, size):
    data = bytes(i * 7 % 251 for i in range(size))
    assert algorithms[name](data).digest() == hashlib.new(name, data).digest()


@settings(deadline=None)
@given(st.sampled_from(["sha1", "sha256"]), st.lists(st.binary(max_size=100), max_size=5))
def test_pieces_may_be_given_one_after_the_other(name, pieces):
    made = algorithms[name](b"")
    for piece in pieces:
        made.update(memoryview(piece))
    assert made.digest() == hashlib.new(name, b"".join(pieces)).digest()


@pytest.mark.parametrize(
    "names",
    [
        {"sha1": hashlib.sha1, "sha256": hashlib.sha256},  # MicroPython with TLS
        {"sha256": hashlib.sha256},  # MicroPython without TLS: most STM32 boards
        {"new": hashlib.new},  # CircuitPython
        None,  # CircuitPython on boards without Wi-Fi of their own
    ],
    ids=["both", "sha256", "new", "none"],
)
def test_they_are_there_whatever_the_interpreter_has(names, monkeypatch):
    module = None
    if names is not None:
        module = types.ModuleType("hashlib")
        vars(module).update(names)
    monkeypatch.setitem(sys.modules, "hashlib", module)
    one, other = digest.sha1(b"abc").digest(), digest.sha256(b"abc").digest()
    assert one.hex() == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert other.hex().startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")
