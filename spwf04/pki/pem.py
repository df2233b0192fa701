"""Reads certificates in PEM or DER, from memory or from a file. The same content gives the same
result from either.
"""

from binascii import a2b_base64

from ..hostfile import file_name, opened
from ..payload import payload

_BEGIN = b"-----BEGIN CERTIFICATE-----"


def load(source, name="certificate"):
    """Return one certificate in DER, bytes-like.

    source: DER or PEM as bytes-like, PEM as str, the name of a file as str or as path, or an
    object with der(): a bundle.Root, a Block. Text around a PEM block is ignored. name: what the
    errors call the argument.
    ValueError: it holds no certificate, or more than one. TypeError. OSError: the file cannot be
    read.
    """
    if hasattr(type(source), "der"):
        return source.der()
    with _file(source, name) as f:
        der = _next(f, name)
        if der is None:
            return _whole(f, name)
        if _next_begins(f):
            raise ValueError(
                "%s: this PEM holds several certificates: install them one by one" % name
            )
        return der


def certificates(source, name="certificate"):
    """A list of all certificates in source, each as load() takes it. source, errors: as load()'s,
    but it may hold several."""
    if hasattr(type(source), "der"):
        return [source]
    found = []
    with _file(source, name) as f:
        while True:
            at = _next_begins(f)
            if at is None:
                break
            f.seek(at)
            _next(f, name)
            found.append(Block(source, at))
        if not found:
            _whole(f, name)
    return found if len(found) > 1 else [source]


class Block:
    """One certificate in a PEM that holds several; der() reads it."""

    def __init__(self, source, at):
        self._source = source
        self._at = at

    def der(self):
        """Its DER, bytes-like."""
        with _file(self._source, "certificate") as f:
            f.seek(self._at)
            der = _next(f, "certificate")
        if der is None:
            raise ValueError("certificate: this PEM has changed")
        return der


class _Memory:
    """Bytes as an open file: not every interpreter has io.BytesIO."""

    def __init__(self, data):
        self._data = data
        self._at = 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def seek(self, at):
        self._at = at

    def tell(self):
        return self._at

    def readline(self):
        at = self._at
        self._at = self._data.find(b"\n", at) + 1 or len(self._data)
        return bytes(memoryview(self._data)[at : self._at])

    def read(self):
        return self._data


def _file(source, name):
    """Source as an open file."""
    if isinstance(source, str):
        if "-----BEGIN" in source:
            return _Memory(payload(source, name, True))
    elif file_name(source, name) is None:
        return _Memory(payload(source, name))
    return opened(source, name)


def _whole(f, name):
    """All of a file without a PEM certificate: it is one in DER."""
    f.seek(0)
    der = f.read()
    if b"-----BEGIN" in der:
        raise ValueError("%s: this PEM holds no certificate; is it a key?" % name)
    return der


def _next_begins(f):
    """Where the line of the next BEGIN CERTIFICATE starts, or None."""
    while True:
        at = f.tell()
        line = f.readline()
        if not line:
            return None
        if line.find(_BEGIN) >= 0:
            return at


def _next(f, name):
    """DER of the next PEM block, or None. It is read line by line, to have little in memory."""
    at = _next_begins(f)
    if at is None:
        return None
    f.seek(at)
    line = f.readline()
    line = line[line.find(_BEGIN) + 27 :]
    der = bytearray()
    rest = b""
    end = -1
    while end < 0:
        end = line.find(b"-----END")
        rest += b"".join((line if end < 0 else line[:end]).split())
        n = len(rest) & ~3
        if rest.find(b"=", 0, n - 2) >= 0 or (end >= 0 and len(rest) != n):
            n = 1  # data after the padding, or too few: _decode() refuses them
        der.extend(_decode(rest[:n], name))
        rest = rest[n:]
        if end < 0:
            line = f.readline()
            if not line:
                raise ValueError("%s: the PEM has no END CERTIFICATE line" % name)
    return der


def _decode(data, name):
    try:
        der = a2b_base64(data)
        # a2b_base64() skips what is no base64
        if len(der) == len(data) // 4 * 3 - data.count(b"=") and len(data) & 3 == 0:
            return der
    except MemoryError:
        raise
    except Exception:  # a binascii in Python may raise anything
        pass
    raise ValueError("%s: the PEM's base64 is damaged" % name)


def to_pem(der, what=b"CERTIFICATE"):
    """PEM, bytes, of DER. what: its kind, as it stands in the first and last line."""
    from binascii import b2a_base64

    lines = [b"-----BEGIN " + what + b"-----\n"]
    for at in range(0, len(der), 48):
        lines.append(b2a_base64(der[at : at + 48]))
    lines.append(b"-----END " + what + b"-----\n")
    return b"".join(lines)


def load_same(source, sha256, ski):
    """load() of the certificate that has this SHA-256 (hex). SPWF04Error if the source holds
    another by now: files and buffers change. ski: what the error calls it."""
    from .digest import fingerprint

    try:
        der = load(source)
        if fingerprint(der) == sha256:
            return der
    except ValueError:
        pass
    from ..errors import SPWF04Error, errno

    raise SPWF04Error(
        errno.EIO,
        "the source of the CA %s is another certificate by now" % ski,
        hint="Install the new one: radio.certs.install(pem), or make a new SSLContext",
        remedy="install_ca",
    )
