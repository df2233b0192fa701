"""Why something failed, and what to do: builds the exceptions. Imported only then.

hints.py holds what the module's numbers mean; if memory is short, the error goes out without.
"""

from .errors import (
    CertificateError,
    JoinError,
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


def no_boot():
    """The exception for a reset after which nothing came."""
    return NotFound(
        errno.ENODEV,
        "the module did not start after a reset",
        hint="Check power and wiring. If the reset line is driven by a push-pull output "
        "it blocks the module's own reset: make it open drain",
    )


def damaged(message):
    """The exception for an upload that did not arrive as it was sent."""
    return SPWF04Error(
        errno.EIO,
        message,
        hint="Bytes were lost on the UART: check flow control, then try again",
    )


def join(ssid, timeout, restarted, no_lease, associated, refusals, searching, scans):
    """The JoinError for a join that did not come to an address."""
    name = '"' + "".join([chr(c) if 32 <= c < 127 else "?" for c in ssid or b""]) + '"'
    if restarted:
        return JoinError(
            JoinError.TIMEOUT, "the module restarted while joining", "Call connect() again"
        )
    if no_lease or (associated and not refusals):
        return JoinError(
            JoinError.NO_LEASE,
            "joined " + name + ", but DHCP gave no address",
            "Check the access point's DHCP server, or set an address with ifconfig()",
        )
    if refusals:
        return JoinError(
            JoinError.REFUSED,
            name + " refused the connection %d times" % refusals,
            "Most likely the password is wrong; else the access point filters stations",
        )
    if searching:
        return JoinError(
            JoinError.NOT_FOUND,
            name + " was not found in %d scans" % scans,
            "Check the name (it is case-sensitive), the distance, and that it is a 2.4 GHz "
            "network; see scan()",
        )
    return JoinError(
        JoinError.TIMEOUT,
        name + " was not joined within %g s" % timeout,
        "Try a longer timeout, or move closer",
    )


def tls(radio, address, number):
    """A server was refused with AT-S.Certificate Error:<number>: raise a CertificateError.

    Returns True instead if the connection is worth another try, because the CAs have been put
    where the module looks for them in another of the attested ways. [decision 4]
    """
    words = "Certificate Error:%d" % number
    message = "%s:%d was not trusted, %s" % (address[0], address[1], words)
    installed = radio.certs.entries()
    advice = None
    if not radio.time_is_set():
        message += ", and the module's clock is not set"
        advice = (
            "Certificates are valid for a span of time only: radio.set_time(seconds since "
            "1970-01-01), or let the module's NTP client do it, which needs internet access"
        )
        if number == 23 and not installed:
            advice = "%s. %s" % (_hint(23, True), advice)
    elif number == 23 and installed:
        from .cafiles import other_form

        if other_form(radio.certs, address):
            return True
        advice = (
            "The CA on the module (%s) is not this server's, or cannot be read there. Install "
            "the root certificate of the server's chain: radio.certs.install(pem)"
        ) % ", ".join([e.subject or e.ski for e in installed])
    raise CertificateError(errno.EIO, message, number, words, advice or _hint(number, True))
