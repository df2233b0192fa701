"""Texts for people are in plain words: the marks and tags of docs/protocol.md are for comments.

A page links there with words instead: "[what is known of it](protocol.md#g.4)".
"""

import ast
import functools
import re
import subprocess

import pytest

from tests.cli import spwf04
from tests.cli.test_app import commands
from tests.shims.micropython import ROOT, tool
from tests.test_references import PAGE, prose, sources

_COMMON = {"OTA", "AN4965"}  # others use these words too
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
    """Find words that stand for a place or a mark of docs/protocol.md."""
    return _TAG.findall(text)


@functools.lru_cache(1)
def literals(path):
    """(line, text, whether it is a docstring) for each str and bytes of a file, a list."""
    return list(_literals(path))


def _literals(path):
    tree = ast.parse(path.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    heads = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and node.body]
    docs = {head.value for head in heads if isinstance(head, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            yield node.lineno, text, node in docs


def name(path):
    """Return the name of a file for a test."""
    return path.relative_to(ROOT).as_posix()


def below(*folders):
    """Return the Python files in these folders."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def without_sources(text):
    """Return a comment without its references in brackets."""
    return re.sub(r"\[[^\[\]]+\]", lambda m: "" if list(sources(m[0])) else m[0], text)


PAGES = [path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "protocol.md"]
PAGES += [ROOT / "README.md", ROOT / "CHANGELOG.md"]
SOURCE_FILES = below("spwf04", "spwf04_cli", "spwf04_sim", "boards", "examples", "bench")


def unlinked(page):
    """Return a page without the addresses of its links."""
    return re.sub(r"\]\([^)\s]*\)", "]", page)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_has_no_tags(path):
    assert tags(unlinked(path.read_text())) == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_brackets_of_a_page_are_links(path):
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.S)
    assert re.findall(r"\[[^\[\]]+\](?!\()", text) == []


@pytest.mark.parametrize("path", SOURCE_FILES, ids=name)
def test_tags_stand_in_brackets_of_comments_and_at_the_ends_of_docstrings_alone(path):
    what_a_program_says_has_no_tags(path)
    a_docstring_has_its_sources_behind_a_sentence(path)
    tags_of_comments_stand_in_brackets(path)


def what_a_program_says_has_no_tags(path):
    said = [(line, text) for line, text, is_doc in literals(path) if not is_doc]
    assert [(line, text) for line, text in said if tags(text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=name)
def test_an_example_has_no_tags(path):
    assert tags(path.read_text()) == []


@pytest.mark.parametrize("path", [(), *[path for path, _ in commands()]], ids=" ".join)
def test_help_of_a_command_has_no_tags(path):
    assert tags(spwf04(*path, "--help").out) == []


@pytest.mark.parametrize("module", ["spwf04_sim", "bench"])
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


def a_docstring_has_its_sources_behind_a_sentence(path):
    for text in [text for _, text, is_doc in literals(path) if is_doc]:
        for found in re.finditer(r"(?<![\w\])])\[[^\[\]]+\]", text):
            if list(sources(found[0])):
                before, after = text[: found.start()].rstrip(), text[found.end() :]
                assert before.endswith((".", ":")) or after[:1] == ".", text
        assert tags(without_sources(text)) == []


def tags_of_comments_stand_in_brackets(path):
    for text in prose(path.read_text()):
        assert set(tags(without_sources(text))) <= {"GUESS"}, text


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
