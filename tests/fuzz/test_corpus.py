"""The inputs that fuzzing has found, once more; and the parts of fuzzing that need no atheris."""

import random

import pytest

from spwf04.pki.source import load
from tests import SEED
from tests.fuzz import corpus, der
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS
from tests.unit.test_x509 import DER


@pytest.mark.parametrize("name", TARGETS)
def test_every_reader_keeps_its_promises_on_what_was_found(name):
    kept = corpus.kept(name)
    assert len(kept) > 10
    for data in kept:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_is_small(name):
    kept = corpus.kept(name)
    assert sum(map(len, kept)) <= 2 * corpus.MOST
    assert len(set(kept)) == len(kept)


def test_a_promise_that_is_broken_is_noticed(monkeypatch):
    from spwf04.at.parser import Parser

    data = next(one for one in seeds("parser") if b"AT-S.Reading:31" in one)
    TARGETS["parser"](data)
    whole = Parser._keep
    monkeypatch.setattr(
        Parser, "_keep", lambda self, chunk, at, end: whole(self, chunk, at + 1, end)
    )
    with pytest.raises((AssertionError, IndexError)):
        for data in seeds("parser"):
            TARGETS["parser"](data)


def test_an_input_that_runs_nothing_new_is_not_kept():
    inputs = [b"\0\0AT-S.OK\r\n", b"\0\0AT-S.OK\r\nAT-S.OK\r\n", b"\0\0+WIND:1:x\r\n"]
    found = corpus.smallest(TARGETS["parser"], inputs)
    assert inputs[0] in found and inputs[2] in found and inputs[1] not in found


def test_what_is_kept_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    assert corpus.kept("x") == []
    corpus.keep("x", [b"long", b"\n", b"\n", b"\xff\0"], [])
    assert corpus.kept("x") == [b"\n", b"\xff\0", b"long"]
    corpus.keep("x", [b"short"], [b"broke"])
    assert corpus.kept("x") == [b"short", b"broke"] and corpus.failed("x") == [b"broke"]


def test_changed_der_has_lengths_that_fit():
    assert der.made(der.parsed(DER)) == DER
    assert der.parsed(b"\x30\x05\x02") is None
    chance = random.Random(SEED)
    made = {der.changed(DER, chance, lambda part: part + b"x") for _ in range(100)}
    assert len(made) > 80
    assert all(der.parsed(one) for one in made)
    assert load(DER) == DER
