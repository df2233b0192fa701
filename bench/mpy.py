"""Reads .mpy files (version 6): the names in them, and how many words their functions need."""


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
    """Return the table of names; a name that every interpreter has is a number."""
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
    """Add a function and those in it to found; the prelude of its bytecode has its words."""
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


def _opened(file):
    """Return (reader behind the names, names, count of constant objects)."""
    reader = _Reader(file.read_bytes())
    reader.take(4)  # M, version, architecture, bits of a small integer
    qstrs, objects = reader.number(), reader.number()
    return reader, _names(reader, qstrs), objects


def functions(file):
    """Return [(name, words of its frame)] of a file's functions, the module itself first."""
    reader, known, objects = _opened(file)
    for _ in range(objects):
        _skip_object(reader)
    found = []
    _code(reader, known, found)
    return found
