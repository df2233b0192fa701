"""Why something failed, and what to do: builds the exceptions. Imported only then.

hints.py holds what the module's numbers mean; if memory is short, the error goes out without.
"""

from ..errors import (
    CertificateError,
    LinkLost,
    ModuleError,
    ModuleRestarted,
    NotFound,
    SPWF04Error,
    errno,
)

_PLACES = ("slot", "file")


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


def _hint(code, tls=False):
    try:
        from .hints import certificate, error

        return certificate(code) if tls else error(code)
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


def not_trusted(radio, address, number, obstacles=()):
    """The CertificateError for a server that the module refused.

    number: of AT-S.Certificate Error. obstacles: why its TLS cannot take the chain, if known.
    """
    words = "Certificate Error:%d" % number
    message = "%s:%d was not trusted, %s" % (address[0], address[1], words)
    hint = _hint(number, True)
    if obstacles:
        hint = "The module's TLS cannot take this server: " + "; ".join(obstacles)
        hint += ". SSLContext uses this board's own TLS for it, where there is one"
    elif number == 23:
        installed = [e.subject or e.ski for e in radio.certs.entries() if e.where in _PLACES]
        if installed:
            hint = (
                "The CA on the module (%s) is not this server's, or cannot be read there. "
                "Install the root certificate of the server's chain: radio.certs.install(pem); "
                "radio.certs.diagnose(host) tells which"
            ) % ", ".join(installed)
    return CertificateError(errno.EIO, message, number, words, hint)


def handshake_broken(code, text, address):
    """The exception for a TLS handshake that ended without a certificate error."""
    return ModuleError(
        errno.ECONNRESET,
        "%s:%d: the server broke off the TLS handshake, AT-S.ERROR:%d:%s"
        % (address[0], address[1], code, text),
        code,
        text,
        "It may ask for a client certificate: SSLContext.load_cert_chain(); or have no cipher "
        "in common with the module",
    )


def clock_not_set():
    """The exception for TLS with a clock that is plainly wrong."""
    return CertificateError(
        errno.EIO,
        "the module's clock is not set, and certificates are valid for a span of time only",
        hint="radio.set_time(seconds since 1970-01-01), or radio.ntp() on a network with "
        "internet access",
    )


def always_verified():
    """The exception for a context that is not to verify."""
    return ValueError(
        "the SPWF04 has no anonymous TLS: it always verifies the server against a CA on the "
        "module. Install the CA once with radio.certs.install(pem)"
    )


def no_ca(address):
    """The exception for the host's TLS without any CA."""
    return CertificateError(
        errno.EIO,
        "%s:%d: there is no CA to verify it with" % address,
        hint="Install the root certificate of the server's chain: radio.certs.install(pem)",
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


def clients_ca():
    """The exception for a TLS server whose clients' CA is not in the slot."""
    return SPWF04Error(
        errno.EIO,
        "for the certificates of clients the module looks at one CA, in its flash slot",
        hint="Give the server's context one CA. If it has one, the slot's note could not be "
        "written: see docs/tls.md",
    )


def no_room(size, room):
    """The exception for a file that does not fit on the module."""
    return SPWF04Error(
        errno.ENOMEM,
        "a file of %d bytes does not fit on the module's RAM disk, %d are free" % (size, room),
        hint="Remove CAs that are not needed: radio.certs.list(), radio.certs.remove(ski)",
    )
