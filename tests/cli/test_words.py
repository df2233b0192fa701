"""Counts are in plain English."""

import ast
import re

import pytest

from spwf04_cli.times import plural
from tests.shims.package import ROOT


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 bytes"), (1, "1 byte"), ("1", "1 byte"), (2, "2 bytes")]
)
def test_one_is_no_plural(n, words):
    assert plural(n, "byte") == words


def test_a_plural_of_its_own():
    assert plural(1, "entry", "entries") == "1 entry"
    assert plural(3, "entry", "entries") == "3 entries"


@pytest.mark.parametrize("path", sorted((ROOT / "spwf04_cli").rglob("*.py")), ids=lambda p: p.name)
def test_no_text_leaves_the_plural_to_its_reader(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"\w\((?:s|es)\)", node.value), node.value
            assert not re.search(r"module hangs|hangs (?:on|at) ", node.value), node.value
