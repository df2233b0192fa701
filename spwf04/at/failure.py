"""Why something failed, and what to do: builds the exceptions. Imported only then.

hints.py holds what the module's numbers mean; if memory is short, the error goes out without.
"""

from ..errors import LinkLost, ModuleError, ModuleRestarted, NotFound, SPWF04Error, errno


def _errno_of(code):
    if code in (44, 63, 64, 65):
        return errno.EHOSTUNREACH
    if code in (75, 91):
        return errno.ENOMEM
    if code in (2, 6, 7, 32, 33):
        return errno.EINVAL
    if code == 74:
        return errno.ECONNREFUSED
    if code in (72, 76, 78, 79):
        return errno.ECONNRESET
    return errno.EIO


def _hint(code):
    try:
        from .hints import error

        return error(code)
    except (ImportError, MemoryError):
        return None


def exchange(done, found):
    """The exception for an at.Exchange that did not end with OK.

    found: whether the module has ever answered. Only the command's name is shown: its
    arguments may be secrets.
    """
    code = done.code
    what = done.command[5:].split(b"=")[0].split(b"\r")[0].decode() or "AT"
    if code > 0:
        text = "%s: AT-S.ERROR:%d:%s" % (what, code, done.text)
        return ModuleError(_errno_of(code), text, code, done.text, _hint(code))
    if code == -3:  # restarted, see channel.py
        return ModuleRestarted(
            errno.ECONNRESET,
            what + ": the module restarted by itself",
            hint="Its sockets are closed; join again with radio.connect(). If it happens "
            "often, look at the power supply",
        )
    if done.text is None:
        return LinkLost(
            errno.ETIMEDOUT,
            what + ": the reply was damaged, bytes were lost on the UART",
            hint="The next call looks for the module again. If it happens often: use RTS/CTS, a "
            "larger receive buffer, or SocketPool(radio).fit()",
        )
    if found:
        return LinkLost(
            errno.ETIMEDOUT,
            what + ": no answer within %d ms" % done.timeout_ms,
            hint="The next call looks for the module again; if that fails: radio.reset()",
        )
    return NotFound(
        errno.ENODEV,
        "no SPWF04 answers on this UART",
        hint="Check wiring (TX to RX), power, baud rate (115200), flow control (RTS/CTS not "
        "wired: off), and that the reset pin is not held low",
    )


def too_deep(error):
    """The exception for calls that nest more deeply than the interpreter's stack allows."""
    return SPWF04Error(
        errno.ENOMEM,
        "the interpreter's stack is too small: %s" % error,
        hint="On CircuitPython: CIRCUITPY_PYSTACK_SIZE = 4096 in settings.toml",
    )
