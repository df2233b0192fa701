"""MicroPython's tls over a plain connection of the module."""

from io import IOBase

from ..const import const
from ..errors import CertificateError, SPWF04Error, errno
from .native import lax, native

tls = native("tls")

_AGAIN = const(64)  # most calls of readinto() for one read


class _Stream(IOBase):
    """The stream that tls reads from and writes to. Its methods return None if nothing has come
    yet, and -errno for an error.

    tls does not tell when the handshake is over, and some versions crash when they are asked for
    the cipher before. So this looks at the records that pass by. The handshake is over in TLS 1.2
    when the server has changed to its cipher and sent Finished, in TLS 1.3 when the client has
    sent a record in its cipher.
    """

    paused = False  # tls is told that nothing has come
    dry = False  # tls was told so
    established = False  # the handshake is over

    def __init__(self, below):
        self._below = below
        self._head = bytearray(5)  # head of the record that comes
        self._in_head = 0  # count of bytes in it
        self._body = 0  # bytes of the record that have not come
        self._cipher = False  # the server has changed to its cipher

    def readinto(self, buffer):
        try:
            n = None if self.paused else self._below.receive(buffer, self._below.blocking)
        except OSError as e:
            return -(e.errno or errno.EIO)
        self.dry = n is None
        if n and not self.established:
            self._follow(buffer, n)
        return n

    def _follow(self, data, n):
        """Look at n bytes of data that came."""
        head = self._head
        at = 0
        while at < n:
            if self._in_head < 5:
                head[self._in_head] = data[at]
                self._in_head += 1
                at += 1
                self._body = head[3] << 8 | head[4]
            else:
                size = min(self._body, n - at)
                self._body -= size
                at += size
            if self._in_head == 5 and self._body == 0:
                self._in_head = 0
                if head[0] == 20:
                    self._cipher = True
                elif head[0] == 22 and self._cipher:
                    self.established = True

    def write(self, data):
        if data[0] == 23:
            self.established = True
        try:
            return self._below.transmit(data)
        except OSError as e:
            return -(e.errno or errno.EIO)

    def ioctl(self, request, argument):
        return 0 if request == 4 else -1


class Engine:
    """See stream.py."""

    can_skip_name = False  # it always checks the server's name

    def __init__(self, below, terms):
        _check_clock()
        own = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        own.verify_mode = tls.CERT_REQUIRED
        below.load_cas(own.load_verify_locations, ValueError)
        identity = terms.identity()
        if identity is not None:
            own.load_cert_chain(*identity)
        self._own = own
        self._name = terms.name
        self._below = below
        if lax(terms.name) and hasattr(own, "verify_callback"):  # from MicroPython 1.24 on
            own.verify_callback = self._compare
        self._stream = _Stream(below)
        self._tls = None

    def _compare(self, certificate, depth):
        """What tls calls for each certificate: 0 unless the server's own is for another name."""
        if depth:
            return 0
        from .named import check

        try:
            check(self._below.terms.address, certificate, self._name)
        except Exception as e:
            self._below.raised = e
            return -1
        return 0

    def handshake(self):
        waits = self._below.blocking
        if self._tls is None:
            self._tls = self._own.wrap_socket(
                self._stream,
                server_hostname=self._name,
                do_handshake_on_connect=waits,
            )
            self._own = None
        if waits:
            self._stream.established = True
            return True
        # tls does the handshake in reads
        below = self._below
        got = self._one(below.peek)
        below.peeked = bool(got)
        below.eof = got == 0
        if below.eof and not self._stream.established:
            below.fail(self._broken_off())
        return self._stream.established

    def _broken_off(self):
        where = self._below.terms.address
        return SPWF04Error(
            errno.ECONNRESET,
            "%s:%d broke off the TLS handshake" % where,
            hint="radio.certs.diagnose(%r, %d) tells what this server speaks" % where,
            remedy="diagnose",
        )

    def _one(self, buffer):
        """Read one byte. tls may return None without having asked for more of the line: mbedTLS
        returns to tell of a ticket of TLS 1.3, and the data behind it may be here. Some versions
        take a write in between for an error."""
        stream = self._stream
        got = None
        for _ in range(_AGAIN):
            stream.dry = False
            got = self._tls.readinto(buffer, 1)
            if got is not None or stream.dry:
                break
        return got

    def read(self, buffer, n):
        # readinto() reads until it has n bytes. If the stream ends before, it returns the data,
        # and the next call does not see the end any more. So read one byte first, where the end
        # is 0, and then the rest of its record.
        got = self._one(buffer)
        if got and n > 1:
            self._stream.paused = True
            try:
                got += self._tls.readinto(memoryview(buffer)[1:n], n - 1) or 0
            finally:
                self._stream.paused = False
        return got

    def write(self, data):
        return self._tls.write(data)

    def close(self):
        self._tls.close()

    def version(self):
        cipher = self.cipher()
        return cipher and cipher[1]

    def cipher(self):
        return self._tls.cipher()

    @staticmethod
    def all_cas(roots):
        """No CAs: a whole bundle does not fit into memory."""
        return []

    @staticmethod
    def text_of(error):
        """The TLS library's words, None for an exception that is not its own."""
        if isinstance(error, ValueError):
            return str(error)
        if isinstance(error, OSError) and error.args and error.args[0] < -200:
            # Reads and writes raise the number alone
            return error.args[1] if len(error.args) == 2 else _words(error.args[0])
        return None

    @staticmethod
    def blames_certificate(words):
        return "ertificate" in words or "CA_CHAIN" in words or "X509" in words


def _words(number):
    """What an error of mbedTLS is called there."""
    for known, name in (
        (-0x7780, "FATAL_ALERT_MESSAGE"),
        (-0x7700, "UNEXPECTED_MESSAGE"),
        (-0x7200, "INVALID_RECORD"),
        (-0x7180, "INVALID_MAC"),
    ):
        if number == known:
            return "MBEDTLS_ERR_SSL_" + name
    return "mbedTLS error -0x%x" % -number


def _check_clock():
    """CertificateError if this board's clock is not set, because tls compares dates with it."""
    import time

    if time.gmtime()[0] < 2024:
        raise CertificateError(
            errno.EIO,
            "this board's clock is not set, and the host's TLS compares certificates with it",
            hint="Set it with machine.RTC().datetime(…), for instance from radio.time()",
            remedy="set_board_clock",
        )
