"""Reads certificates from memory or from a file: PEM and DER here, what else people have in
kinds.py. The same content gives the same result from either.
"""

from binascii import a2b_base64

from ..const import const
from ..hostfile import file_name, opened
from ..payload import payload
from .x509 import Certificate, element

_MOST = const(65536)  # bytes of a file that is not plain PEM, at most
_PIECE = const(1024)  # bytes of a line that are read at once
# How the label of a block with certificates ends, in 11 bytes. kinds.py unpacks the last three
_LABELS = (b"CERTIFICATE", b"PKCS7", b"CMS", b"SIGNED DATA")


def one(source, name):
    """source.load() of what has no der()."""
    der = b""
    with open_source(source, name) as f:
        for _, found in each(f, name):
            if isinstance(found, ValueError):
                raise found
            der = der or found
            if found != der:
                n = len(several(source, name))
                raise ValueError(_kinds(name).SEVERAL % (name, n))
    return der


def several(source, name):
    """source.certificates() of what has no der()."""
    from ..digest import sha256

    blocks = []
    seen = []
    n = 0
    with open_source(source, name) as f:
        for at, found in each(f, name):
            if isinstance(found, ValueError):
                raise found
            digest = sha256(bytes(found)).digest()
            if digest not in seen:
                seen.append(digest)
                blocks.append(Block(source, name, at, n))
            n += 1
    return blocks if len(blocks) > 1 else [source]


class Block:
    """One certificate in a source that holds several; der() reads it.

    at: index of its PEM block; None: it is the nth of all, from 0, and has none of its own.
    """

    def __init__(self, source, name, at, n):
        self._source = source
        self._name = name
        self._at = at
        self._n = n

    def der(self):
        """Its DER, bytes-like."""
        n = self._n
        with open_source(self._source, self._name) as f:
            if self._at is not None:
                f.seek(self._at)
                n = 0
            for at, der in each(f, self._name):
                if n == 0:
                    if at == self._at and not isinstance(der, ValueError):
                        return der
                    break
                n -= 1
        raise ValueError("%s: this file has changed" % self._name)


class _Memory:
    """Bytes as an open file: not every interpreter has io.BytesIO."""

    def __init__(self, data):
        self.data = data
        self._at = 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def seek(self, at):
        self._at = at

    def tell(self):
        return self._at

    def readline(self, size):
        at = self._at
        most = min(at + size, len(self.data))
        self._at = self.data.find(b"\n", at, most) + 1 or most
        return bytes(memoryview(self.data)[at : self._at])


def is_content(text):
    """True if a str is what a file may hold, and not the name of a file."""
    return "-----BEGIN" in text or "\n" in text or (text[:3] == "MII" and len(text) > 255)


def open_source(source, name):
    """Source as an open file."""
    if isinstance(source, str):
        if is_content(source):
            return _Memory(payload(source, name, True))
    elif file_name(source, name) is None:
        return _Memory(payload(source, name))
    return opened(source, name)


def whole(f, name):
    """All of an open file, bytes-like. ValueError if it is too large to be read at once."""
    size = 0
    if isinstance(f, _Memory):
        data = f.data
        size = len(data)
    else:
        f.seek(0)
        data = bytearray()
        while size <= _MOST:
            part = f.read(512)
            if not part:
                break
            data.extend(part)
            size += len(part)
    if size > _MOST:
        raise ValueError("%s: this is larger than 64 KB, without a PEM of what is wanted" % name)
    return data


def blocks(f, name, labels):
    """Yield (index or None, DER) of each PEM block in an open file whose label ends as labels say;
    if there is none, of all that it holds. The DER is a ValueError for a block that is damaged."""
    at = _begin(f, labels)
    plain = at is not None
    if not plain:
        data = whole(f, name)
        try:
            good = element(data, 0, len(data), 0x30)[2] == len(data)
        except ValueError:
            good = False
        if not good:
            data = _kinds(name).plain(data)
            f = _Memory(data)
            at = _begin(f, labels)
        if at is None:
            yield None, data
    while at is not None:
        inside = f.tell()
        yield at if plain else None, _block(f, at, name)
        f.seek(inside)
        at = _begin(f, labels)


def each(f, name):
    """As blocks(), for each certificate in an open file. There is at least one."""
    for at, der in blocks(f, name, _LABELS):
        good = isinstance(der, ValueError)
        if not good:
            try:
                Certificate(der)
                good = True
            except ValueError:
                pass
        if good:
            yield at, der
        else:
            for found in _kinds(name).unpacked(der, name):
                yield None, found


def _kinds(name):
    """kinds.py. ValueError where it is left out: some profiles for small boards do."""
    try:
        from . import kinds

        return kinds
    except ImportError:
        pass
    raise ValueError("%s: neither plain PEM nor DER, or damaged; pki/kinds.py would tell" % name)


def _begin(f, labels):
    """Where the next line is that begins a block of these kinds, or None. It is read."""
    first = True
    while True:
        at = f.tell()
        line = f.readline(_PIECE)
        if not line:
            return None
        if first and _label(line)[-11:] in labels:
            return at
        first = line[-1:] == b"\n"


def _label(line):
    """What a line begins, or b"". The BEGIN stands alone on its line, but for blanks."""
    line = line.strip()
    if line[:3] == b"\xef\xbb\xbf":  # byte order mark
        line = line[3:].strip()
    if line[:11] == b"-----BEGIN " and line.find(b"-----", 11) == len(line) - 5:
        return line[11:-5]
    return b""


def _block(f, at, name):
    """DER of the PEM block at index `at`, whose first line is read. It is read line by line, to
    have little in memory. ValueError, returned, if it is damaged."""
    der = bytearray()
    rest = b""
    padded = False
    while len(der) <= _MOST:
        line = f.readline(_PIECE)
        if not line:
            break
        text = line.strip()
        end = text[:9] == b"-----END " and text[-5:] == b"-----"
        if not end:
            rest += b"".join(line.split())
        n = len(rest) & ~3
        part = None
        if not (padded and rest) and not (end and rest[n:]):
            part = _decoded(rest[:n])
        if part is None:
            break
        der.extend(part)
        padded = rest.find(b"=", 0, n) >= 0
        rest = rest[n:]
        if end:
            return der
    return ValueError("%s: %s" % (name, _kinds(name).damage(f, at)))


def _decoded(data):
    """The bytes of base64 in whole groups of four; None if it is damaged."""
    try:
        der = a2b_base64(data)
        body = data.rstrip(b"=")
        pads = len(data) - len(body)
        # a2b_base64() skips what is no base64
        if len(der) == len(data) // 4 * 3 - pads and pads < 3 and body.find(b"=") < 0:
            return der
    except MemoryError:
        raise
    except Exception:  # a binascii in Python may raise anything
        pass
    return None


def to_pem(der, what=b"CERTIFICATE"):
    """PEM, bytes, of DER. what: its kind, as it stands in the first and last line."""
    from binascii import b2a_base64

    lines = [b"-----BEGIN " + what + b"-----\n"]
    for at in range(0, len(der), 48):
        lines.append(b2a_base64(der[at : at + 48]))
    lines.append(b"-----END " + what + b"-----\n")
    return b"".join(lines)
