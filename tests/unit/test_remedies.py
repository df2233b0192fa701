"""Each error is built with a hint and a remedy, or with neither; each remedy is a known one."""

import ast

import pytest

from spwf04 import errors
from spwf04.at import hints
from spwf04.tls import refusal
from spwf04_cli.advice import SENTENCES
from tests import house

REMEDIES = set(SENTENCES)  # a new one needs its sentence in spwf04_cli/advice.py

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.SPWF04Error)
}
_GENERAL = ("number", "message", "code", "text", "hint", "remedy")
_JOIN = ("reason", "message", "hint", "remedy")


def built(tree):
    """(name of the class, {parameter: node}) of each error of errors.py that a file builds."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in KINDS:
            parameters = _JOIN if name == "JoinError" else _GENERAL
            given = dict(zip(parameters, node.args))
            given.update({word.arg: word.value for word in node.keywords})
            yield name, given


def faults(tree):
    """What is wrong with the errors that a file builds, one line for each."""
    for name, given in built(tree):
        hint, remedy = (_value(given.get(part)) for part in ("hint", "remedy"))
        where = f"{name}: {ast.unparse(given['message'])}"
        if (hint is None) != (remedy is None):
            yield f"{where}: a hint without a remedy, or a remedy without a hint"
        elif isinstance(remedy, str) and remedy not in REMEDIES:
            yield f"{where}: {remedy}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[-1]) == "remedy":
            if isinstance(node.value, ast.Constant) and node.value.value is not None:
                if node.value.value not in REMEDIES:
                    yield f"remedy = {node.value.value}"


def _value(node):
    """The constant that an argument is; None if it is not given; else the node."""
    return node.value if isinstance(node, ast.Constant) else node


@pytest.mark.parametrize("name", house.driver())
def test_an_error_has_a_hint_and_a_remedy_or_neither(name):
    assert list(faults(house.driver()[name].tree)) == []


def test_errors_are_found():
    found = {name for file in house.driver().values() for name, _ in built(file.tree)}
    assert found == set(KINDS)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SPWF04Error(5, 'm', hint='h', remedy='retry')", 0),
        ("SPWF04Error(5, 'm', None, None, 'h', 'retry')", 0),
        ("errors.SPWF04Error(5, 'm')", 0),
        ("errors.SPWF04Error(5, 'm', hint=None, remedy=None)", 0),
        ("ModuleError(5, 'm', 1, 't', hint, remedy)", 0),
        ("ModuleError(5, 'm', 1, 't', hint)", 1),
        ("SPWF04Error(5, 'm', hint='h')", 1),
        ("SPWF04Error(5, 'm', remedy='retry')", 1),
        ("SPWF04Error(5, 'm', hint='h', remedy='nonsense')", 1),
        ("JoinError('r', 'm', 'h')", 1),
        ("JoinError('r', 'm', 'h', 'retry')", 0),
        ("JoinError('r', 'm', None)", 0),
        ("remedy = 'retry'", 0),
        ("remedy = None", 0),
        ("hint = remedy = 'nonsense'", 1),
    ],
)
def test_a_fault_is_found(text, wrong):
    assert len(list(faults(ast.parse(text)))) == wrong


@pytest.mark.parametrize("explain", [hints.explain, refusal.explain])
@pytest.mark.parametrize("number", range(256))
def test_a_number_of_the_module_has_a_hint_and_a_remedy_or_neither(number, explain):
    meaning, hint, remedy = explain(number)
    assert (hint is None) == (remedy is None)
    assert remedy is None or (meaning and remedy in REMEDIES)
