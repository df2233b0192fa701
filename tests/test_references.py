"""Sources in brackets lead to docs/protocol.md.

[g.7] is a section, [k.4] an entry of a numbered list, [T1] a thread, [decision 2] a decision of
the driver."""

import ast
import io
import re
import tokenize

import pytest

from tests.shims.micropython import ROOT

PAGE = (ROOT / "docs" / "protocol.md").read_text()
ANCHORS = set(re.findall(r'<a id="([^"]+)"></a>', PAGE))
FILES = [
    path
    for folder in ("spwf04", "spwf04_sim", "spwf04_cli", "boards")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
_SOURCE = re.compile(r"(?:[a-m](?:\.\d+)*|T\d+|decision \d+)$")


def prose(text):
    """The comments and docstrings of a file."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""


def sources(text):
    """The sources that stand in brackets: each part, as an anchor."""
    for inside in re.findall(r"\[([^\[\]]+)\]", text):
        parts = re.split(r",\s+", inside)
        if any(map(_SOURCE.match, parts)):
            for part in parts:
                yield part.lower().replace(" ", "-")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_sources_lead_to_the_page(path):
    found = {part for text in prose(path.read_text()) for part in sources(text)}
    assert found <= ANCHORS, path.name


def test_what_is_a_source():
    assert list(sources("as said [g.7, k.4], and [decision 2]; not [0] nor [x for x in y]")) == [
        "g.7",
        "k.4",
        "decision-2",
    ]


def test_anchors_are_there_once():
    assert len(re.findall(r'<a id="', PAGE)) == len(ANCHORS)
    assert {"a.1", "g.7", "h.9", "k.20", "l.23", "t26", "decision-10"} <= ANCHORS
