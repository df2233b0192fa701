"""docs/tour.md: what a person types against the bench, and what is seen."""

import re

import pytest

from tests.cli import tour

PAGE = tour.PAGE.read_text()


def words(page):
    """The words of the page. Where its lines break, and how long the rules of its tables are,
    depends on the length of a path."""
    return re.sub("─+", "─", page).split()


@pytest.fixture(scope="module")
def now():
    """The page as the commands print it now."""
    return tour.run(PAGE)


def test_the_page_shows_what_the_commands_print(now):
    assert words(now) == words(PAGE), "docs/tour.md is out of date: make cli-docs"


def test_the_page_has_every_command_that_the_bench_names():
    (begin,) = [block for block in tour.BLOCK.findall(PAGE) if block.startswith("$ spwf04 sim\n")]
    named = re.findall(r"^  (spwf04 .*)$", begin, re.M)
    typed = re.findall(r"^\$ (.*)$", PAGE, re.M)
    assert len(named) > 8
    assert [command for command in named if command not in typed] == []
