"""The driver's advice is for a program; the command line has its own sentence for each."""

import ast
import re

import pytest

from spwf04.at import hints
from spwf04.errors import JoinError, ModuleError, SPWF04Error
from spwf04.tls import refusal
from spwf04_cli.advice import NAMES, SENTENCES, sentence, told
from spwf04_cli.app import COMMANDS
from spwf04_cli.reference import advice, certificate
from tests import house
from tests.unit.test_remedies import built

NUMBERS = range(1, 256)


def literals(node):
    """The strings that an expression may give."""
    if isinstance(node, ast.Constant):
        return {node.value} - {None}
    if isinstance(node, ast.IfExp):
        return literals(node.body) | literals(node.orelse)
    return set()


def assigned(files):
    """The strings that a variable `remedy` gets, or that are the last in a tuple with a hint."""
    for file in files.values():
        for node in file.nodes:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[-1]) == "remedy":
                yield from literals(node.value)
            elif isinstance(node, ast.Tuple) and len(node.elts) > 1:
                hint, remedy = node.elts[-2:]
                words = " ".join(n.value for n in ast.walk(hint) if _is_text(n))
                for name in literals(remedy):
                    if isinstance(name, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", name):
                        if " " in words:
                            yield name


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


FILES = house.driver()
REMEDIES = {
    name
    for file in FILES.values()
    for _, given in built(file.tree)
    for name in literals(given.get("remedy"))
}
REMEDIES |= {hints.explain(n)[2] for n in NUMBERS} | {refusal.explain(n)[2] for n in NUMBERS}
REMEDIES |= set(assigned(FILES))
REMEDIES -= {None}


def test_every_remedy_of_the_driver_has_a_sentence_and_no_other_has():
    assert sorted(SENTENCES) == sorted(REMEDIES)


@pytest.mark.parametrize("remedy", SENTENCES)
def test_a_sentence_is_for_a_person(remedy):
    said = sentence(remedy)
    assert said[0].isupper() or said.startswith("spwf04 ")
    assert not said.endswith(".")
    assert "radio." not in said
    assert not re.search(r"\w\(\w*\)", said)
    for command in re.findall(r"spwf04 (\w+)", said):
        assert command in COMMANDS


def test_what_the_command_knows_is_filled_in():
    assert "spwf04 trust HOST" in sentence("install_ca")
    assert "spwf04 trust a.example:8883" in sentence("install_ca", host="a.example:8883")
    assert set(re.findall(r"{(\w+)}", "".join(SENTENCES.values()))) == set(NAMES)


def test_message_and_advice_are_told_apart():
    error = ModuleError(5, "h:443 was not trusted", 23, "no CA", "radio.x()", "install_ca")
    assert told(error, host="h") == ("h:443 was not trusted", sentence("install_ca", host="h"))
    assert told(SPWF04Error(5, "it failed")) == ("it failed", "")
    assert told(JoinError(JoinError.TIMEOUT, "too late", "Try again", "of_a_later_driver")) == (
        "too late",
        "Try again",
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_of_the_module_is_explained_to_a_person(number):
    said = [advice(number) or "", certificate(number, "h.example")]
    assert not [text for text in said if "radio." in text or "HOST" in text]
