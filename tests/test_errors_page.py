"""docs/errors.md lists every error that the driver raises, as its source has it."""

import ast

import pytest

from spwf04.at import hints
from spwf04.tls import refusal
from spwf04_cli.advice import SENTENCES
from tests import house
from tools import errors


def test_the_page_is_made_from_the_source():
    assert errors.PAGE.read_text() == errors.page(), "python -m tools.errors"


@pytest.mark.parametrize("name", errors.kinds())
def test_every_place_that_makes_an_error_is_on_the_page(name):
    calls = [
        file.name.replace(".", "/")
        for file in house.driver().values()
        for node in file.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    ]
    assert set(calls) == {error.file for error in errors.made() if error.kind == name}


def test_errors_say_something():
    silent = [error for error in errors.made() if error.message in (None, "", errors.OPEN)]
    # These pass on what another error says, or say only the name of what is missing
    assert {(error.kind, error.file) for error in silent} == {
        ("OSError", "compat/socket"),
        ("OSError", "net/endpoint"),
        ("ValueError", "net/makefile"),
        ("gaierror", "net/pool"),
        ("KeyError", "tls/listing"),
        ("HelloError", "pki/handshake"),
        ("ValueError", "pki/pem"),  # one that kinds.py has made
        ("SPWF04Error", "services/links"),
    }


def test_every_remedy_has_its_sentence_at_the_desk():
    used = {remedy for error in errors.made() for remedy in error.remedies}
    used |= {hints.explain(n)[2] for n in range(256)} | {refusal.explain(n)[2] for n in range(256)}
    assert sorted(used - {None} - set(SENTENCES)) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise OSError(5, 'it failed')", "it failed"),
        ("raise OSError(5, '%d bytes, not %d' % (n, size))", "… bytes, not …"),
        ("text = 'it was ' + word\nraise OSError(5, text)", "it was …"),
        (
            "text = 'it failed'\ntext = '%s: %s' % (name, text)\nraise OSError(5, text)",
            "…: it failed",
        ),
        ("raise OSError(5, 'a b' if x else 'c d')", "a b"),
    ],
)
def test_a_text_is_put_together_from_its_parts(source, message):
    assert errors.made_in(ast.parse(source), "file")[0].message == message
