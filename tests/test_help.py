"""What help() says of the driver: every public name says what it is for."""

import ast
import inspect
import pydoc

import pytest

import spwf04
from tests import house

FILES = house.driver()
CLASSES = [
    pytest.param(file, node, id=f"{file.name}.{node.name}")
    for file in FILES.values()
    for node in file.nodes
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
]
# Their methods are documented elsewhere, once for all classes of that kind
TOLD = {
    "Engine": "hosttls/__init__.py",  # a class for each interpreter
    "Raw": "io.RawIOBase",
    "errno": "the module of that name",
}


def undocumented(owner):
    """Public functions of a class without docstring. A setter has its property's."""
    return [
        node.name
        for node in owner.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not any(ast.unparse(d).endswith(".setter") for d in node.decorator_list)
    ]


@pytest.mark.parametrize("file, owner", CLASSES)
def test_classes_and_their_methods_say_what_they_are_for(file, owner):
    if owner.name not in TOLD:
        assert ast.get_docstring(owner)
        assert undocumented(owner) == []


@pytest.mark.parametrize("file", FILES.values(), ids=lambda file: file.name or "spwf04")
def test_files_and_their_functions_say_what_they_are_for(file):
    assert ast.get_docstring(file.tree)
    assert undocumented(file.tree) == []


def test_what_says_nothing_is_found():
    text = "class A:\n    def f(self): pass\n    def _g(self): pass\n    def h(self): 'It does.'"
    assert undocumented(ast.parse(text).body[0]) == ["f"]


@pytest.mark.parametrize("name", spwf04._NAMES)
def test_help_of_a_public_name_says_what_it_is_for(name):
    thing = getattr(spwf04, name)
    page = " ".join(pydoc.plain(pydoc.render_doc(thing)).replace(" |  ", "").split())
    assert " ".join(inspect.getdoc(thing).split()) in page
