"""SHA-1 and SHA-256, whichever way the interpreter has them.

MicroPython has sha1() only where it has TLS, CircuitPython has new() alone, and no hashlib on
many boards without Wi-Fi: then in Python, by sha.py.
"""


def sha1(data=b""):
    """As hashlib.sha1(): update(data), digest()."""
    return _make("sha1", data)


def sha256(data=b""):
    """As hashlib.sha256(): update(data), digest()."""
    return _make("sha256", data)


def fingerprint(der):
    """SHA-256 of a certificate, by which it is known: 64 hex digits."""
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
