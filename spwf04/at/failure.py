"""Builds the exception for a command that failed. Imported only then.

hints.py says what the module's numbers mean; if memory is short, the error goes out without that.
"""

from ..errors import LinkLost, ModuleError, ModuleRestarted, NotFound, SPWF04Error, errno
from .exchange import ASLEEP, RESTARTED


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


def _explained(code):
    try:
        from .hints import explain

        return explain(code)
    except (ImportError, MemoryError):
        return None, None, None


def exchange(done, found):
    """Return the exception for an Exchange that did not end with OK.

    found: whether the module has ever answered. Only the command's name is shown, and a host that
    was not found: other arguments may be secrets.
    """
    code = done.code
    what = done.command[5:].split(b"=")[0].split(b"\r")[0].decode() or "AT"
    if code > 0:
        return _refused(what, done)
    if code == ASLEEP:
        return _asleep(what, done.text)
    if code == RESTARTED:
        return ModuleRestarted(
            errno.ECONNRESET,
            what + ": the module restarted by itself, its sockets are closed",
            hint="Join again with radio.connect(). If it happens often, check the power supply",
            remedy="join_again",
        )
    if done.damaged:
        return LinkLost(
            errno.ETIMEDOUT,
            what + ": the reply was damaged, bytes were lost on the UART",
            hint="The next call looks for the module again. If it happens often: use RTS/CTS, a "
            "larger receive buffer (rxbuf=, receiver_buffer_size=), or SocketPool(radio).fit()",
            remedy="check_line",
        )
    if found:
        return LinkLost(
            errno.ETIMEDOUT,
            what + ": no answer within %d ms" % done.timeout_ms,
            hint="The next call looks for the module again. If that fails, call radio.reset()",
            remedy="reset",
        )
    return NotFound(
        errno.ENODEV,
        "no SPWF04 answers on this UART",
        hint="Check wiring (TX to RX), power, baud rate (115200), flow control (off if RTS/CTS "
        "are not wired), and that nothing holds the reset pin low",
        remedy="check_wiring",
    )


def _refused(what, done):
    """The module's own error."""
    code = done.code
    if code in _NO_NAME:
        what += _host(done.command)
    meaning, hint, remedy = _explained(code)
    text = "%s: AT-S.ERROR:%d:%s" % (what, code, done.text)
    if meaning:
        text += " (%s)" % meaning
    return ModuleError(_errno_of(code), text, code, done.text, hint, remedy)


_NO_NAME = (64, 65)  # a host's name could not be looked up
# Which argument the host is. Of other commands nothing is shown: it may be a secret
_HOSTS = {b"SOCKON": 0, b"HTTPGET": 0, b"HTTPPOST": 0, b"MQTTCONN": 0, b"WSOCKON": 0, b"SMTP": 0}
_HOSTS.update({b"TFTPGET": 0, b"TFTPPUT": 0, b"PING": 2, b"FWUPDATE": 1, b"FSUPDATE": 1})


def _host(command):
    """Words for the host in a command that looks one up; "" if it is not where it should be."""
    name, _, text = command[5:].partition(b"=")
    for c in b"|;~^!\t\r":  # what may separate arguments, see commands/comma.py
        text = text.replace(bytes((c,)), b",")
    fields = text.split(b",")
    n = _HOSTS.get(name, len(fields))
    host = fields[n] if n < len(fields) else b""
    if not host or [c for c in host if not 32 < c < 127]:
        return ""
    return " of " + host.decode()


def _asleep(what, why):
    words = what + ": not sent: " + why
    if "standby" in why:
        return SPWF04Error(
            errno.EIO,
            words,
            hint="radio.wake() waits for the end; radio.reset() ends it, if RESET is wired",
            remedy="wake",
        )
    return SPWF04Error(
        errno.EIO,
        words,
        hint="radio.wake(pin) raises its GPIO6; radio.wake() waits until somebody does",
        remedy="wake",
    )


def late(missing):
    """Words for an answer of which so many bytes have not come in time."""
    if missing:
        return (
            "%d bytes of an answer are missing: a small receive buffer (rxbuf=, "
            "receiver_buffer_size=)?" % missing
        )
    return "the module did not answer in time"


def too_deep(error):
    """Return the exception for calls that nest deeper than the interpreter's stack allows."""
    return SPWF04Error(
        errno.ENOMEM,
        "the interpreter's stack is too small: %s" % error,
        hint="On CircuitPython: CIRCUITPY_PYSTACK_SIZE = 4096 in settings.toml",
        remedy="deeper_stack",
    )
