"""The exceptions of the driver.

Every class is an OSError with (errno, message). The message ends with the hint, because the
tracebacks of small interpreters show args and ignore __str__. A wrong argument raises TypeError or
ValueError before a byte is sent.
"""

from .const import const

try:
    import errno  # pyright: ignore[reportAssignmentType]
except ImportError:  # small CircuitPython builds: its numbers

    class errno:  # pyright: ignore[reportAssignmentType]
        EIO = 5
        EOPNOTSUPP = 95
        EADDRINUSE = 112
        EAGAIN = 11
        ENOMEM = 12
        ENODEV = 19
        EINVAL = 22
        ECONNRESET = 104
        ENOTCONN = 128
        ECONNREFUSED = 111
        EHOSTUNREACH = 118
        EINPROGRESS = 119
        ETIMEDOUT = 116


TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    _Base = ConnectionError
else:
    try:
        _Base = ConnectionError  # what CircuitPython's wifi.Radio and CPython raise
    except NameError:
        _Base = OSError


class SPWF04Error(_Base):
    """Anything that went wrong with the module or its network.

    errno: number of the interpreter's own errno module. code: the module's number, or None.
    text: the module's own words, or None. hint: what the author of a program does about it, or
    None. remedy: a short name of the hint, "join" or "install_ca", for programs that have their
    own words for it; None if there is no hint. docs/errors.md lists them.
    """

    def __init__(
        self,
        number,
        message: str,
        code: "int | None" = None,
        text: "str | None" = None,
        hint: "str | None" = None,
        remedy: "str | None" = None,
    ):
        if hint:
            message = message + ". " + hint
        super().__init__(number, message)
        self.code = code
        self.text = text
        self.hint = hint
        self.remedy = remedy


class ModuleError(SPWF04Error):
    """The module answered AT-S.ERROR:<code>:<text>. [e]"""


class CertificateError(ModuleError):
    """The module's TLS refused a server: AT-S.Certificate Error:<code>, no CA to verify it with,
    or a clock that is not set. [h.2]"""


class DiscoveryError(SPWF04Error):
    """A server did not show its certificates. alert: number of its TLS alert, or None."""

    alert: "int | None" = None


class JoinError(SPWF04Error):
    """The network was not joined. reason: one of the constants below."""

    NOT_FOUND = "no such network"
    REFUSED = "refused by the access point"
    SECURITY = "other security"
    NO_LEASE = "no address from DHCP"
    WPS = "nobody answered by WPS"
    TIMEOUT = "timed out"

    def __init__(self, reason: str, message: str, hint: "str | None", remedy: "str | None" = None):
        super().__init__(errno.ETIMEDOUT, message, hint=hint, remedy=remedy)
        self.reason = reason


class LinkLost(SPWF04Error):
    """The module does not answer, or bytes of its reply were lost.

    The next call looks for the module again. If that fails too, call radio.reset().
    """


class NotFound(LinkLost):
    """Nothing has answered on the UART since the driver was made, or after a reset."""


class ModuleRestarted(SPWF04Error):
    """The module restarted by itself: its sockets and unsaved settings are gone. [k.8]"""
