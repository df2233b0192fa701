"""What a person reads speaks in words: the marks and tags of docs/protocol.md are for comments.

A page links there with words instead: "[what is known of it](protocol.md#g.4)".
"""

import ast
import re
import subprocess

import pytest

from tests.cli import spwf04
from tests.cli.test_app import commands
from tests.shims.micropython import ROOT, tool
from tests.test_references import PAGE

_COMMON = {"OTA", "AN4965"}  # words of others too
MARKS = {"CONFIRMED", "SINGLE", "GUESS"}
SOURCES = {
    tag
    for cell in re.findall(
        r"^\| ([^|]+) \|", PAGE[PAGE.index("| tag | what |") : PAGE.index("### Threads")], re.M
    )
    for tag in re.findall(r"[A-Z][A-Z\d]*(?:-[A-Z\d]+)?", cell)
} - _COMMON
_WORDS = "|".join(sorted(map(re.escape, MARKS | SOURCES), key=len, reverse=True))
_TAG = re.compile(
    rf"(?<![\w.-])(?:T\d\d?|[a-m]\.\d\d?(?:\.\d)?|[Dd]ecisions? \d+|{_WORDS})(?![\w-])"
    r"|(?<![\w\])])\[[a-m](?:, [^\[\]]*)?\]"
)


def tags(text):
    """What stands for a place or a mark of docs/protocol.md."""
    return _TAG.findall(text)


def strings(path):
    """(line, text) of the literals of a file that are no docstrings."""
    tree = ast.parse(path.read_text())
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings.add(first.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node not in docstrings:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")


def below(*folders):
    """The Python files in them."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


PAGES = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "protocol.md"]
PAGES += [ROOT / "README.md", ROOT / "CHANGELOG.md"]
SOURCE_FILES = below("spwf04_cli", "spwf04_sim", "boards", "examples", "bench")
name = lambda path: path.relative_to(ROOT).as_posix()  # noqa: E731


def prose(page):
    """A page without the addresses that its links lead to."""
    return re.sub(r"\]\([^)\s]*\)", "]", page)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_no_tags(path):
    assert tags(prose(path.read_text())) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_brackets_of_a_page_are_links(path):
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.S)
    assert re.findall(r"\[[^\[\]]+\](?!\()", text) == []


@pytest.mark.parametrize("path", SOURCE_FILES, ids=name)
def test_what_a_program_says_has_no_tags(path):
    assert [(n, text) for n, text in strings(path) if tags(text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=name)
def test_an_example_has_no_tags(path):
    assert tags(path.read_text()) == []


@pytest.mark.parametrize("path", [(), *[path for path, _ in commands()]], ids=" ".join)
def test_help_of_a_command_has_no_tags(path):
    assert tags(spwf04(*path, "--help").out) == []


@pytest.mark.parametrize("module", ["spwf04_sim", "spwf04_cli.bundle", "bench"])
def test_help_of_a_module_has_no_tags(module):
    done = subprocess.run(
        [tool("python"), "-m", module, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "usage" in done.stdout.lower()
    assert tags(done.stdout) == []


def test_what_a_tag_is():
    assert {"MBED", "RN100", "ST-RM", "C-AP", "GHI-SPI", "UM-7"} <= SOURCES
    for text in (
        "SOCKON hangs [T20]",
        "the one curve known to work (T6)",
        "b.3, l.1: an OK",
        "as MBED has it",
        "see decision 5",
        "[i]",
        "[h, T1]",
        "GUESS: three",
    ):
        assert tags(text), text
    for text in ("SAMD21", "v[k]", 'v["dict"][k]', "TLS 1.2", "ROSE", "the decision", "1.0.0"):
        assert not tags(text), text
