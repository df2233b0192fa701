"""Functions whose call frames do not fit on the C stack.

MicroPython puts a frame of at most 11 words (locals and value stack) there; for a larger one each
call takes heap and gives it back, unless the heap is locked or full: then the C stack after all.
"""

import ast

from bench import board

LIMIT = 11
_SCOPES = {ast.Lambda: "lambda", ast.ListComp: "[…]", ast.GeneratorExp: "(…)", ast.DictComp: "{…}"}


class _Reader:
    def __init__(self, data):
        self._data = data
        self._at = 0

    def byte(self):
        self._at += 1
        return self._data[self._at - 1]

    def number(self):
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value

    def take(self, n):
        self._at += n
        return self._data[self._at - n : self._at]


def _names(reader, count):
    """The qstr table; those that every interpreter has are numbers."""
    names = []
    for _ in range(count):
        n = reader.number()
        if n & 1:
            names.append(f"<{n >> 1}>")
        else:
            names.append(reader.take(n >> 1).decode())
            reader.byte()
    return names


def _skip_object(reader):
    kind = reader.byte()
    if kind <= 4:  # none, false, true, …: no content
        return
    if kind == 10:  # tuple
        for _ in range(reader.number()):
            _skip_object(reader)
        return
    reader.take(reader.number())
    if kind in (5, 6):  # str, bytes: a NUL follows
        reader.byte()


def _code(reader, names, found):
    """A function and those in it: the prelude of its bytecode tells its words."""
    kind = reader.number()
    prelude = _Reader(reader.take(kind >> 3))
    byte = prelude.byte()
    words = byte >> 3 & 0xF
    n = 0
    while byte & 0x80:
        byte = prelude.byte()
        words |= (byte & 0x30) << 2 * n
        n += 1
    while prelude.byte() & 0x80:
        pass
    found.append((names[prelude.number()], words + 1))
    if kind & 4:
        for _ in range(reader.number()):
            _code(reader, names, found)


def _defined(node):
    """The names of what becomes bytecode of its own, in its order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield child.name
        elif type(child) in _SCOPES:
            yield _SCOPES[type(child)]
        yield from _defined(child)


def frames(stem):
    """[(function, words of its frame)] of a file of the driver."""
    reader = _Reader((board.folder() / "spwf04" / f"{stem}.mpy").read_bytes())
    reader.take(4)  # M, version, architecture, bits of a small integer
    qstrs, objects = reader.number(), reader.number()
    names = _names(reader, qstrs)
    for _ in range(objects):
        _skip_object(reader)
    found = []
    _code(reader, names, found)
    source = board.HERE.parent / "spwf04" / f"{stem}.py"
    defined = ["", *_defined(ast.parse(source.read_text()))]
    if len(defined) == len(found):  # it knows the names that are only numbers in the file
        found = [(name, words) for name, (_, words) in zip(defined, found)]
    return found


def large():
    """[(file, function, words)] of the frames above LIMIT."""
    return [
        (stem, name, words)
        for stem in board.sizes()
        for name, words in frames(stem)
        if words > LIMIT
    ]
