"""CircuitPython's ssl made of MicroPython's tls: it has the same face, and uses our sockets alike.

CircuitPython's SSLSocket takes any object with `type` and nine methods, and connects through it.
It hands the object memoryviews of its own stack: a write to them after the call has returned
destroys something else. Here it raises.
"""

import io
import time
from binascii import a2b_base64

import tls

_EAGAIN = 11
_METHODS = "accept bind close connect listen recv_into send settimeout setsockopt".split(" ")


class _Stream(io.IOBase):
    def __init__(self, sock):
        self._sock = sock
        self._used = []
        self.waits = True
        self.dry = False  # True if nothing more is there

    def _lend(self, size):
        """A memoryview of memory that nobody may touch later."""
        for memory in self._used:
            if bytes(memory) != b"\xa5" * len(memory):
                raise RuntimeError("a buffer was written to after the call had returned")
        memory = bytearray(size)
        self._used = self._used[-1:] + [memory]
        return memory

    @staticmethod
    def _take_back(memory):
        for i in range(len(memory)):
            memory[i] = 0xA5

    def readinto(self, buffer):
        if self.dry:
            return None
        memory = self._lend(len(buffer))
        try:
            while True:
                try:
                    n = self._sock.recv_into(memoryview(memory))
                    break
                except OSError as e:
                    if e.errno != _EAGAIN:
                        return -e.errno
                    if not self.waits:
                        return None
                    time.sleep(0.001)
            buffer[:n] = memory[:n]
            return n
        finally:
            self._take_back(memory)

    def write(self, data):
        memory = self._lend(len(data))
        memory[:] = data
        try:
            return self._sock.send(memoryview(memory))
        except OSError as e:
            return None if e.errno == _EAGAIN else -e.errno
        finally:
            self._take_back(memory)

    def ioctl(self, request, argument):
        return 0


class SSLSocket:
    """Like CircuitPython's ssl.SSLSocket."""

    def __init__(self, context, sock, name):
        if sock.type != 1:
            raise RuntimeError("Invalid socket for TLS")
        for method in _METHODS:
            getattr(sock, method)
        self._context = context
        self._sock = sock
        self._name = name
        self._tls = None

    def connect(self, address):
        self._sock.connect(address)
        self._stream = _Stream(self._sock)
        try:
            self._tls = self._context.wrap_socket(self._stream, server_hostname=self._name)
        except ValueError as e:
            raise OSError(-0x2700, "MBEDTLS_ERR_X509_CERT_VERIFY_FAILED: " + str(e)) from None
        self._stream.waits = False

    def recv_into(self, buffer, nbytes=0):
        """Read what one record holds, as mbedtls_ssl_read() does."""
        view = memoryview(buffer)[: nbytes or len(buffer)]
        n = self._tls.readinto(view[:1])
        if n is None:
            raise OSError(_EAGAIN)
        if n and len(view) > 1:
            self._stream.dry = True
            n += self._tls.readinto(view[1:]) or 0
            self._stream.dry = False
        return n

    def send(self, data):
        sent = self._tls.write(data)
        if sent is None:
            raise OSError(_EAGAIN)
        return sent

    def settimeout(self, seconds):
        self._sock.settimeout(seconds)

    def close(self):
        if self._tls is not None:
            self._tls.close()
        self._sock.close()


class SSLContext:
    """Like CircuitPython's ssl.SSLContext: CAs come as one str of PEM."""

    def __init__(self):
        self._tls = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
        self._tls.verify_mode = tls.CERT_REQUIRED

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is not None or capath is not None:
            raise NotImplementedError
        if not isinstance(cadata, str):
            raise TypeError("can't convert to str implicitly")
        for block in cadata.split("-----BEGIN CERTIFICATE-----\n")[1:]:
            text = block.split("-----END CERTIFICATE-----\n")[0]
            self._tls.load_verify_locations(a2b_base64(text))

    def wrap_socket(self, sock, *, server_side=False, server_hostname=None):
        return SSLSocket(self._tls, sock, server_hostname)
