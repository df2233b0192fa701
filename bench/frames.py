"""Functions whose call frames do not fit on the C stack.

MicroPython puts a frame of at most 11 words (locals and value stack) on the C stack. For a larger
frame each call takes heap and gives it back. While the heap is locked or full, it uses the C stack
for these frames too.
"""

import ast

from bench import board, mpy

LIMIT = 11
_SCOPES = {ast.Lambda: "lambda", ast.ListComp: "[…]", ast.GeneratorExp: "(…)", ast.DictComp: "{…}"}


def _defined(node):
    """Yield the names of all that has bytecode of its own, in the order of the bytecode."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
        elif type(child) in _SCOPES:
            yield _SCOPES[type(child)]
        yield from _defined(child)


def frames(file):
    """Return [(function, words of its frame)] of a file of the driver."""
    found = mpy.functions(board.folder() / "spwf04" / f"{file}.mpy")
    source = board.HERE.parent / "spwf04" / f"{file}.py"
    defined = ["", *_defined(ast.parse(source.read_text()))]
    if len(defined) == len(found):  # the source has names that are numbers in the .mpy file
        found = [(name, words) for name, (_, words) in zip(defined, found)]
    return found


def large():
    """Return [(file, function, words)] of the frames above LIMIT."""
    return [
        (file, name, words)
        for file in board.sizes()
        for name, words in frames(file)
        if words > LIMIT
    ]
