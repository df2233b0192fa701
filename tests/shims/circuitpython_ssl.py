"""CircuitPython's ssl made of CPython's: it has the same face, and uses the socket below it alike.

CircuitPython's SSLSocket takes any object with `type` and nine methods, and connects through it.
It hands the object memoryviews of its own stack, which nobody may touch after the call has
returned. Here they are released then, and the next call notices if their memory was written to.
Errors of mbedtls are OSErrors with its number and words.
"""

import contextlib
import ssl as real
import time

_NO_CHECK_TIME = real.VerifyFlags(0x200000)  # of OpenSSL: mbedtls has no dates there

METHODS = "accept bind close connect listen recv_into send settimeout setsockopt".split()


def delay():
    """Wait between two attempts to shake hands."""
    time.sleep(0.001)


class SSLSocket:
    """Like ssl.SSLSocket: recv_into() and send() move what one record holds."""

    def __init__(self, context, sock, name):
        if sock.type != 1:
            raise RuntimeError("Invalid socket for TLS")
        for method in METHODS:
            assert callable(getattr(sock, method))
        self._sock = sock
        self._in, self._out = real.MemoryBIO(), real.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        self._lent = bytearray()

    @contextlib.contextmanager
    def _lend(self, memory):
        """A memoryview of memory that nobody may touch later."""
        assert bytes(self._lent) == b"\xa5" * len(self._lent), "written to after its call"
        with memoryview(memory) as view:
            yield view
        self._lent = memory

    def _pump(self, function, *args):
        while True:
            try:
                result = function(*args)
                self._flush()
                return result
            except real.SSLWantReadError:
                self._flush()
                memory = bytearray(512)
                with self._lend(memory) as view:
                    n = self._sock.recv_into(view)
                self._in.write(memory[:n]) if n else self._in.write_eof()
                memory[:] = b"\xa5" * len(memory)
            except real.SSLError as e:
                raise OSError(-0x2700, f"MBEDTLS_ERR_X509_CERT_VERIFY_FAILED {e.reason}") from None

    def _flush(self):
        if self._out.pending:
            memory = bytearray(self._out.read())
            with self._lend(memory) as view:
                self._sock.send(view)
            memory[:] = b"\xa5" * len(memory)

    def connect(self, address):
        self._sock.connect(address)
        while True:  # CircuitPython calls mbedtls again and again while there is nothing to read
            try:
                self._pump(self._tls.do_handshake)
                return
            except BlockingIOError:
                delay()

    def settimeout(self, seconds):
        self._sock.settimeout(seconds)

    def recv_into(self, buffer, nbytes):
        try:
            return self._pump(self._tls.read, nbytes, memoryview(buffer)[:nbytes])
        except real.SSLZeroReturnError:
            return 0

    def send(self, data):
        return self._pump(self._tls.write, data)

    def close(self):
        self._sock.close()


class SSLContext:
    """Like ssl.SSLContext: CAs come as one str of PEM. If it is empty, nothing is verified."""

    def __init__(self):
        self._context = real.SSLContext(real.PROTOCOL_TLS_CLIENT)
        self._context.maximum_version = real.TLSVersion.TLSv1_2
        self._context.verify_flags |= _NO_CHECK_TIME

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is not None or capath is not None:
            raise NotImplementedError
        if not isinstance(cadata, str) or not cadata:
            raise TypeError("can't convert to str implicitly")
        self._context.load_verify_locations(cadata=cadata)

    def wrap_socket(self, sock, *, server_side=False, server_hostname=None):
        return SSLSocket(self._context, sock, server_hostname)


create_default_context = SSLContext
