"""Changes DER as a tree, so that the lengths around a change fit: a reader that checks lengths
first would refuse nearly every other change at once."""

_DEEPEST = 12
_TAGS = bytes.fromhex("0102030405060a0c1314161718011c1e3031a0a1a2a380818284868700")
_PARTS = (
    bytes.fromhex("0101ff"),
    bytes.fromhex("020101"),
    bytes.fromhex("300f0603551d130101ff040530030101ff"),  # basic constraints
    bytes.fromhex("300e0603551d0f0101ff040403020106"),  # key usage
    bytes.fromhex("30130603551d25040c300a06082b06010505070301"),  # extended key usage
    bytes.fromhex("300d0603551d0e0406040401020304"),  # subject key identifier
    bytes.fromhex("300f0603551d2304083006800401020304"),  # authority key identifier
    bytes.fromhex("300e0603551d1104073005820378782e"),  # alternative names
    bytes.fromhex("310b300906035504030c022a2e"),  # a part of a name
)


def parsed(data, depth=0):
    """[[tag, content]] of DER; content is bytes, or such a list. None if it is no DER."""
    found = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            return None
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            n = length & 0x7F
            if not 0 < n < 4 or at + n > len(data):
                return None
            length = int.from_bytes(data[at : at + n], "big")
            at += n
        if at + length > len(data):
            return None
        content = data[at : at + length]
        at += length
        inner = None
        if (tag & 0x20 or tag == 4) and content and depth < _DEEPEST:
            inner = parsed(content, depth + 1)
        found.append([tag, content if inner is None else inner])
    return found


def made(nodes):
    """DER of what parsed() returns."""
    out = bytearray()
    for tag, content in nodes:
        content = content if isinstance(content, bytes) else made(content)
        n = len(content)
        size = bytes([n]) if n < 128 else b""
        if not size:
            size = n.to_bytes((n.bit_length() + 7) // 8, "big")
            size = bytes([0x80 | len(size)]) + size
        out += bytes([tag]) + size + content
    return bytes(out)


def changed(data, chance, mutate):
    """DER with a change in one element; None if data are no DER. chance: a random.Random. mutate:
    a function that changes bytes."""
    nodes = parsed(data)
    if not nodes:
        return None
    places = list(_places(nodes))
    for _ in range(1 + chance.randrange(3)):
        row, n = chance.choice(places)
        if n < len(row):
            _change(row, n, chance, mutate)
    return made(nodes)


def _places(nodes):
    for n, (_, content) in enumerate(nodes):
        yield nodes, n
        if isinstance(content, list):
            yield from _places(content)


def _change(row, n, chance, mutate):
    tag, content = row[n]
    what = chance.randrange(8)
    if what == 0:
        row[n] = [chance.choice(_TAGS), content]
    elif what == 1:
        del row[n]
    elif what == 2:
        row.insert(n, [tag, content])
    elif what == 3:
        row.insert(n, parsed(chance.choice(_PARTS))[0])
    elif what == 4 and len(row) > 1:
        other = chance.randrange(len(row))
        row[n], row[other] = row[other], row[n]
    elif isinstance(content, list):
        _change(content, chance.randrange(len(content)), chance, mutate) if content else None
    else:
        row[n] = [tag, mutate(content)]
