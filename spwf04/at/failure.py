"""Why something failed, and what to do: builds the exceptions. Imported only then.

hints.py holds what the module's numbers mean; if memory is short, the error goes out without.
"""

from ..errors import (
    LinkLost,
    ModuleError,
    ModuleRestarted,
    NotFound,
    SPWF04Error,
    errno,
)


def _errno_of(code):
    if code in (72, 76, 78):
        return errno.ENOTCONN
    if code in (44, 63, 64, 65):
        return errno.EHOSTUNREACH
    if code in (75, 91):
        return errno.ENOMEM
    if code in (2, 6, 7, 32, 33):
        return errno.EINVAL
    if code == 74:
        return errno.ECONNREFUSED
    if code == 79:
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
    if code == -3:  # at.py: restarted
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
            "larger receive buffer, or SocketPool.fit()",
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


def damaged(message):
    """The exception for an upload that did not arrive as it was sent."""
    return SPWF04Error(
        errno.EIO,
        message,
        hint="Bytes were lost on the UART: check flow control, then try again",
    )


def restarts():
    """The exception for a module that restarts while certificates are put in place."""
    return ModuleRestarted(
        errno.ECONNRESET,
        "the module restarted while certificates were put in place",
        hint="Try again; if it happens often, look at the power supply",
    )


def changed(ski):
    """The exception for a CA whose file is not what it was when it was read first."""
    return SPWF04Error(
        errno.EIO,
        "the source of the CA %s is another certificate by now" % ski,
        hint="Install the new one: radio.certs.install(pem), or a new SSLContext",
    )


def another():
    """The exception for a client certificate whose files are not what they were."""
    return SPWF04Error(
        errno.EIO,
        "certfile or keyfile holds something else by now than when it was read",
        hint="Call load_cert_chain() of a new SSLContext for the new ones",
    )


def not_noted(name, code):
    """The exception for a context's certificate that cannot be noted on the module."""
    return SPWF04Error(
        errno.EIO,
        "a context's certificate needs a note on the module, and %s was refused (%d)"
        % (name, code),
        hint="Have room on its RAM disk, or install the CA for the whole device: "
        "radio.certs.install(pem)",
    )


def serving():
    """The exception for a change of the CAs while a TLS server listens."""
    return SPWF04Error(
        getattr(errno, "EBUSY", 16),
        "a TLS server is open, and the module has one set of certificates for all",
        hint='Close it before a connection of another context; or engine="host" for that',
    )


def no_room(size, room):
    """The exception for a file that does not fit on the module."""
    return SPWF04Error(
        errno.ENOMEM,
        "a file of %d bytes does not fit on the module's RAM disk, %d are free" % (size, room),
        hint="Remove CAs that are not needed: radio.certs.list(), radio.certs.remove(ski)",
    )
