"""Functions whose call frames do not fit on the C stack.

MicroPython puts a frame of at most 11 words (locals and value stack) there; for a larger one each
call takes heap and gives it back, unless the heap is locked or full: then the C stack after all.
"""

import ast

from bench import board, mpy

LIMIT = 11
_SCOPES = {ast.Lambda: "lambda", ast.ListComp: "[…]", ast.GeneratorExp: "(…)", ast.DictComp: "{…}"}


def _defined(node):
    """The names of what becomes bytecode of its own, in its order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
        elif type(child) in _SCOPES:
            yield _SCOPES[type(child)]
        yield from _defined(child)


def frames(file):
    """[(function, words of its frame)] of a file of the driver."""
    found = mpy.functions(board.folder() / "spwf04" / f"{file}.mpy")
    source = board.HERE.parent / "spwf04" / f"{file}.py"
    defined = ["", *_defined(ast.parse(source.read_text()))]
    if len(defined) == len(found):  # it knows the names that are only numbers in the file
        found = [(name, words) for name, (_, words) in zip(defined, found)]
    return found


def large():
    """[(file, function, words)] of the frames above LIMIT."""
    return [
        (file, name, words)
        for file in board.sizes()
        for name, words in frames(file)
        if words > LIMIT
    ]
