"""SHA-1 and SHA-256 on every interpreter.

MicroPython has sha1() only where it has TLS. CircuitPython has hashlib.new() alone, and no hashlib
on many boards without Wi-Fi. Where there is nothing, sha.py computes them in Python.
"""


def sha1(data=b""):
    """An object as hashlib.sha1() returns: update(data), digest()."""
    return _make("sha1", data)


def sha256(data=b""):
    """An object as hashlib.sha256() returns: update(data), digest()."""
    return _make("sha256", data)


def fingerprint(der):
    """The SHA-256 of a certificate, by which it is known: 64 hex digits."""
    from binascii import hexlify

    return hexlify(sha256(der).digest()).decode()


def _make(name, data):
    try:
        import hashlib
    except ImportError:
        hashlib = None
    make = getattr(hashlib, name, None)
    if make is not None:
        return make(data)
    if hasattr(hashlib, "new"):
        return hashlib.new(name, data)
    from .sha import algorithms

    return algorithms[name](data)
