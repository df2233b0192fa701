"""Random numbers of the module, for seeding. [c.1, f.4]

The form of RANDOM's answer is open, and that of the status variable random_number is known. So the
variable is asked, and the command only if the variable gives the same number again. How the module
makes its numbers is not known. SHA-256 mixes what it gives, which makes nothing better than it is.
"""

from ..checks import integer
from ..const import const
from ..digest import sha256
from ..errors import SPWF04Error, errno
from . import filesystem as fs

_BYTES = const(2)  # of chance that one answer counts for; it may have more
_LINES = (b"AT+S.STS=random_number\r", b"AT+S.RANDOM\r")


def random(radio, n):
    """SPWF04.random(), as steps."""
    n = integer(n, "n", 1, 256)
    for line in _LINES:
        pool = yield from _told(radio.channel, line, n)
        if pool:
            out = b""
            while len(out) < n:
                out += sha256(pool + bytes((len(out) >> 5,))).digest()
            return out[:n]
    raise SPWF04Error(
        errno.EIO,
        "the module gives the same random number again and again, or none",
        hint="Take another source of chance, such as os.urandom() of the board",
        remedy="other_chance",
    )


def _told(channel, line, n):
    """Steps: answers for n bytes, mixed to 32; b"" if they do not differ."""
    pool = b""
    last = None
    tries = max(2, (n + _BYTES - 1) // _BYTES)
    while tries:
        tries -= 1
        lines, code = yield from fs.ask(channel, line, None, 3000, (1, 4))
        if code or not lines or lines == last:
            return b""
        last = lines
        pool = sha256(pool + "".join(lines).encode()).digest()
    return pool
