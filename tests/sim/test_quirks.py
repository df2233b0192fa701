"""The switches: each exists, and the page has each."""

import ast
import pathlib
import re

from spwf04_sim import Quirks, each_alone, random_quirks
from spwf04_sim.parts import quirks
from tests.test_references import sources
from tools import points

PAGE = points.PAGE


def test_every_switch_is_in_the_document_with_an_experiment():
    assert PAGE.read_text() == points.page(PAGE.read_text()), "python -m tools.points"
    listed = re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", PAGE.read_text(), re.M)
    assert sorted(listed) == sorted(Quirks.choices())


def test_the_table_of_the_points_has_the_readings_of_the_switches():
    table = {name: list(map(repr, point.readings)) for name, point in points.points().items()}
    assert table == {name: list(map(repr, found)) for name, found in Quirks.choices().items()}


def test_every_switch_has_a_description_and_two_readings():
    for name, choices in Quirks.choices().items():
        assert len(choices) >= 2, name
        assert Quirks.points()[name], name
        assert getattr(Quirks(), name) == choices[0], name


def test_every_switch_has_a_source():
    text = pathlib.Path(quirks.__file__).read_text()
    lines = text.splitlines()
    switches = {
        node.target.id: lines[node.end_lineno - 1]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.AnnAssign)
    }
    assert switches.keys() == Quirks.choices().keys()
    for name, line in switches.items():
        assert list(sources(line)), name


def test_each_alone_changes_one_switch():
    for name, value, reading in each_alone():
        changed = [n for n in Quirks.choices() if getattr(reading, n) != getattr(Quirks(), n)]
        assert changed == [name]
        assert getattr(reading, name) == value


def test_a_seed_always_gives_the_same_combination():
    assert random_quirks(7) == random_quirks(7)
    assert random_quirks(7) != random_quirks(8)
