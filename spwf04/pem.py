"""Reads one certificate, PEM or DER, from memory or from a file."""

from binascii import a2b_base64

_BEGIN = b"-----BEGIN CERTIFICATE-----"


def load(source):
    """Return the DER bytes of one certificate.

    source: DER or PEM as bytes-like, PEM as str, the name of a file as str, or a bundle.Root.
    Text around a PEM block is ignored. ValueError if there is no certificate in it, or more
    than one.
    """
    if hasattr(source, "der"):
        return source.der()
    if isinstance(source, str):
        name = source
        source = source.encode()
        if b"-----BEGIN" not in source:
            with open(name, "rb") as f:
                return _read(f)
    if not isinstance(source, (bytes, bytearray)):
        source = bytes(source)
    begin = source.find(_BEGIN)
    if begin < 0:
        if b"-----BEGIN" in source:
            raise ValueError("this PEM holds no certificate (a key, perhaps?)")
        return source
    end = source.find(b"-----END", begin)
    if end < 0:
        raise ValueError("the PEM has no END CERTIFICATE line")
    if source.find(_BEGIN, end) >= 0:
        raise ValueError("this PEM holds several certificates: install them one by one")
    return _decode(memoryview(source)[begin + 27 : end])


def _decode(data):
    try:
        return a2b_base64(data)
    except ValueError:
        raise ValueError("the PEM's base64 is damaged") from None


def _read(f):
    """Read a file; the usual PEM line by line, so that only its DER is in memory, in one piece."""
    der = bytearray(f.seek(0, 2) * 3 // 4)
    f.seek(0)
    line = f.readline()
    while line[:1] == b"#" or line in (b"\n", b"\r\n"):
        line = f.readline()
    if line.strip() != _BEGIN:
        f.seek(0)
        return load(f.read())
    at = 0
    while True:
        line = f.readline().strip()
        if line[:8] == b"-----END":
            break
        if not line:
            raise ValueError("the PEM has no END CERTIFICATE line")
        line = _decode(line)
        der[at : at + len(line)] = line
        at += len(line)
    if f.readline():
        f.seek(0)
        return load(f.read())  # says what is wrong with it, if anything
    der[at:] = b""
    return der


def check(source):
    """Return (DER, subject key identifier) of a CA's certificate; source: as load() takes it.

    ValueError for what is none, or is a server's.
    """
    from .x509 import Certificate

    der = load(source)
    info = Certificate(der)
    if info.is_ca is False and not info.self_issued:
        raise ValueError("a server's certificate, not a CA's: install the root that signed it")
    return der, info.ski
