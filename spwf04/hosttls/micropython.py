"""MicroPython's tls over a plain socket of the module."""

from io import IOBase

from ..errors import CertificateError, SPWF04Error, errno
from .native import native

tls = native("tls")


class _Stream(IOBase):
    """What tls reads from and writes to. None: nothing there yet; below 0: -errno.

    tls does not tell when the hands are shaken, and to ask it for the cipher before crashes some
    versions. So `shaken` is told by the records that pass by: TLS 1.2 is ready when the server has
    changed to its cipher and sent Finished, TLS 1.3 when we have sent something in its cipher.
    """

    dry = False  # nothing more is given to tls, though more may have arrived
    shaken = False

    def __init__(self, below):
        self._below = below
        self._head = bytearray(5)  # of a record that comes
        self._in_head = 0  # bytes of it
        self._body = 0  # bytes of its content to come
        self._cipher = False  # the server has changed to its cipher

    def readinto(self, buffer):
        if self.dry:
            return None
        try:
            n = self._below.receive(buffer, self._below.waits)
        except OSError as e:
            return -(e.errno or errno.EIO)
        if n and not self.shaken:
            self._follow(buffer, n)
        return n

    def _follow(self, data, n):
        """The next n bytes that came, in data."""
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
                    self.shaken = True

    def write(self, data):
        if data[0] == 23:
            self.shaken = True
        try:
            return self._below.transmit(data)
        except OSError as e:
            return -(e.errno or errno.EIO)

    def ioctl(self, request, argument):
        return 0 if request == 4 else -1


class Engine:
    """See stream.py."""

    without_name = False

    def __init__(self, below, terms):
        _check_clock()
        own = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        own.verify_mode = tls.CERT_REQUIRED
        below.give(own.load_verify_locations, ValueError)
        identity = terms.identity()
        if identity is not None:
            own.load_cert_chain(*identity)
        self._own = own
        self._name = terms.name
        self._below = below
        self._stream = _Stream(below)
        self._tls = None

    def handshake(self):
        waits = self._below.waits
        if self._tls is None:
            self._tls = self._own.wrap_socket(
                self._stream,
                server_hostname=self._name,
                do_handshake_on_connect=waits,
            )
            self._own = None
        if waits:
            self._stream.shaken = True
            return True
        # the hands are shaken in reads
        below = self._below
        got = self._tls.readinto(below.peek, 1)
        below.peeked = bool(got)
        below.ended = got == 0
        if below.ended and not self._stream.shaken:
            below.fail(self._broken_off())
        return self._stream.shaken

    def _broken_off(self):
        where = self._below.terms.address
        return SPWF04Error(
            errno.ECONNRESET,
            "%s:%d broke off the TLS handshake" % where,
            hint="radio.certs.diagnose(%r, %d) tells what this server speaks" % where,
            remedy="diagnose",
        )

    def read(self, buffer, n):
        # readinto() reads on until it has n bytes. An end after data would be lost with that: it
        # returns the data, and the next call finds nothing, for tls has the end behind it. So one
        # byte is asked for, which shows the end as 0; then the rest of its record.
        got = self._tls.readinto(buffer, 1)
        if got and n > 1:
            self._stream.dry = True
            try:
                got += self._tls.readinto(memoryview(buffer)[1:n], n - 1) or 0
            finally:
                self._stream.dry = False
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
    def all_of(roots):
        """A whole bundle does not fit in memory."""
        return []

    @staticmethod
    def words(error):
        """What the TLS library says; None if it is not its exception."""
        if isinstance(error, ValueError):
            return str(error)
        if isinstance(error, OSError) and len(error.args) == 2 and error.args[0] < -200:
            return error.args[1]
        return None

    @staticmethod
    def blames_certificate(words):
        return "ertificate" in words or "CA_CHAIN" in words or "X509" in words


def _check_clock():
    """TLS compares dates with this board's clock, not with the module's."""
    import time

    if time.gmtime()[0] < 2024:
        raise CertificateError(
            errno.EIO,
            "this board's clock is not set, and the host's TLS compares certificates with it",
            hint="Set it with machine.RTC().datetime(…), for instance from radio.time()",
            remedy="set_board_clock",
        )
