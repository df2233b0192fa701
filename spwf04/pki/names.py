"""Names in certificates: as people read them, as they are compared, and whether they are a host's.

A name is never shown as it came. What could move a cursor, turn the direction of the text around,
or be invisible becomes "?".
"""

from ..const import const
from ..digest import sha256
from .x509 import element

LONGEST = const(1024)  # bytes of a name at most that is read; a longer one is compared as it is

# Strings that are text: UTF-8, numeric, printable, Teletex, IA5, visible, universal, BMP
_TEXTS = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1C, 0x1E)


def _shown(code):
    """True if a character, by its number, may be shown; -1 stands for damaged bytes."""
    if code < 128:
        return 32 <= code < 127
    from ..strings import is_hidden

    return not is_hidden(code)


def printable(text):
    """Text (str) as it may be shown: see above."""
    return "".join([c if _shown(ord(c)) else "?" for c in text])


def decoded(tag, raw):
    """The content of a string in DER, by its type, as it may be shown: str."""
    return "".join([chr(c) if _shown(c) else "?" for c in _codes(tag, raw)])


def _codes(tag, raw):
    """The numbers of the characters of a string in DER: a list; -1 for what is damaged.

    Strings whose types have ASCII alone are read as UTF-8, which some authorities write there.
    """
    if tag not in (0x14, 0x1C, 0x1E) and (not raw or max(raw) < 128):
        return list(raw)
    from ..strings import codes

    return codes(tag, raw)


def read_name(raw):
    """(what to call the owner of a Name, its common name or None, SHA-256 of its loose form).

    raw: the content of the Name in DER, bytes. The owner is called by its common name, else
    organization, else unit, else "". ValueError: it is damaged.

    Two names have the same loose form if they are the same by RFC 5280 7.1: case, blanks and types
    of strings make no difference. Letters that are not ASCII are compared with their case.
    """
    best = common = None
    rank = 3
    at = 0
    digest = sha256()
    while at < len(raw):
        _, first, stop = element(raw, at, len(raw), 0x31)
        at = stop
        digest.update(b"\x31")
        while first < stop:
            _, start, first = element(raw, first, stop, 0x30)
            _, oid, value = element(raw, start, first, 6)
            kind = raw[oid:value]
            tag, start, last = element(raw, value, first)
            text = raw[start:last]
            digest.update(_part(kind) + _loose(tag, text))
            if len(kind) == 3 and kind[:2] == b"\x55\x04" and kind[2] in (3, 10, 11):
                found = (3, 10, 11).index(kind[2])
                if found < rank:
                    rank = found
                    best = decoded(tag, text)
                    if rank == 0:
                        common = best
    return best or "", common, digest.digest()


def same(one, other):
    """True if two Names (the content in DER, bytes) are the same, as read_name() compares them."""
    if one == other or max(len(one), len(other)) > LONGEST:
        return one == other
    try:
        return read_name(one)[2] == read_name(other)[2]
    except ValueError:
        return False


def _part(data):
    """Data with their length, so that what follows cannot be taken for a part of them."""
    return bytes((len(data) >> 8 & 255, len(data) & 255)) + data


def _loose(tag, raw):
    """A value of a name for comparison. What is no text, or damaged, is compared as it is."""
    codes = _codes(tag, raw) if tag in _TEXTS else [-1]
    if -1 in codes:
        return bytes((tag,)) + _part(raw)
    words = "".join([chr(c) for c in codes]).encode().lower().split()
    return b"\0" + _part(b" ".join(words))


def is_address(host):
    """True if a host is an IPv4 address and not a name."""
    parts = host.split(".")
    return len(parts) == 4 and all([p.isdigit() for p in parts])


def lower(name):
    """A name (str) in lower case: ASCII alone, as names of hosts are compared."""
    return name.encode().lower().decode()


def matches(host, name):
    """True if a name in a certificate, which may have a wildcard, is that of host (lower case)."""
    name = lower(name)
    if "?" in name:  # it stands for something else, see above
        return False
    if name[:2] != "*." or is_address(host):
        return name == host
    return host.find(".") > 0 and host[host.find(".") :] == name[1:] and name.count(".") > 1
