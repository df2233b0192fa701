"""SHA-1 and SHA-256 by the names that all interpreters understand."""

try:
    from hashlib import sha1, sha256  # pyright: ignore
except ImportError:  # CircuitPython has hashlib.new() alone
    from hashlib import new

    def sha1(data=b""):  # pyright: ignore
        """As in CPython's hashlib."""
        return new("sha1", data)

    def sha256(data=b""):  # pyright: ignore
        """As in CPython's hashlib."""
        return new("sha256", data)
