"""MicroPython's tls over a plain socket of the module."""

from io import IOBase

from ..errors import CertificateError, errno
from .native import native

tls = native("tls")


class _Stream(IOBase):
    """What tls reads from and writes to. None: nothing there yet; below 0: -errno."""

    waits = True  # while the hands are shaken
    dry = False  # nothing more is given to tls, though more may have arrived

    def __init__(self, layer):
        self._layer = layer

    def readinto(self, buffer):
        if self.dry:
            return None
        try:
            return self._layer.receive(buffer, self.waits)
        except OSError as e:
            return -(e.errno or errno.EIO)

    def write(self, data):
        try:
            # the buffer is tls's own: send() has copied it when it returns
            return self._layer.transmit(data)
        except OSError as e:
            return -(e.errno or errno.EIO)

    def ioctl(self, request, argument):
        return 0 if request == 4 else -1


class Engine:
    """See stream.Layer; one per connection."""

    without_name = False

    def __init__(self, layer, terms):
        _check_clock()
        self._layer = layer
        own = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        own.verify_mode = tls.CERT_REQUIRED
        layer.give(own.load_verify_locations, ValueError)
        identity = terms.identity()
        if identity is not None:
            own.load_cert_chain(*identity)
        self._own = own
        self._name = terms.name
        self._tls = None
        self._blocking = self.shaken = layer.sock.timeout_ms != 0

    def handshake(self):
        # Without waiting, the hands are shaken in the first reads and writes
        self._stream = stream = _Stream(self._layer)
        self._tls = self._own.wrap_socket(
            stream,
            server_hostname=self._name,
            do_handshake_on_connect=self._blocking,
        )
        self._own = None
        stream.waits = False  # readinto() would wait for all that it was asked for

    def recv_into(self, buffer, n):
        # readinto() reads on until it has n bytes. An end after data would be lost with that: it
        # returns the data, and the next call finds nothing, for tls has the end behind it. So one
        # byte is asked for, which shows the end as 0; then the rest of its record.
        while True:
            got = self._tls.readinto(buffer, 1)  # pyright: ignore
            if got is not None:
                break
            if not self._layer.wait():
                return None
        self.shaken = True
        if got and n > 1:
            self._stream.dry = True
            try:
                got += self._tls.readinto(memoryview(buffer)[1:n], n - 1) or 0  # pyright: ignore
            finally:
                self._stream.dry = False
        return got

    def send(self, data):
        sent = self._tls.write(data)
        self.shaken = self.shaken or sent is not None
        return sent

    def close(self):
        self._tls.close()

    def version(self):
        cipher = self.cipher()
        return cipher and cipher[1]

    def cipher(self):
        # cipher() of a connection whose hands are not shaken crashes some versions
        return self._tls.cipher() if self.shaken else None

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
            "the clock of this board is not set",
            hint="The host's TLS compares certificates with it: machine.RTC().datetime(…), for "
            "instance from radio.time()",
        )
