"""CPython's ssl over a plain connection of the module, through MemoryBIO."""

from ..pki.pem import to_pem
from .native import native

ssl = native("ssl")


class Engine:
    """See stream.py."""

    can_skip_name = True  # check_hostname = False is possible

    def __init__(self, below, terms):
        self._below = below
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # CERT_REQUIRED and the name's check
        own.minimum_version = ssl.TLSVersion.TLSv1_2
        own.options |= ssl.OP_NO_RENEGOTIATION  # a write would have to wait for the server
        own.check_hostname = terms.check_name
        # A CA of the store is trusted by itself, as on the module, root or not
        own.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
        below.load_cas(lambda der: own.load_verify_locations(cadata=der), ssl.SSLError)
        identity = terms.identity()
        if identity is not None:
            _load_identity(own, *identity)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = own.wrap_bio(self._in, self._out, server_hostname=terms.name)
        self._buffer = bytearray(2048)

    def _pump(self, function, *args):
        """Call function again until it has the bytes that it needs; None if they have not come."""
        while True:
            try:
                result = function(*args)
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                n = self._below.receive(self._buffer)
                if n is None:
                    return None
                if n:
                    self._in.write(memoryview(self._buffer)[:n])
                else:
                    self._in.write_eof()
            except ssl.SSLEOFError:
                self._out.read()  # the alert: nobody is there to hear it
                raise
            except ssl.SSLError:
                try:
                    self._flush()  # the alert
                except OSError:
                    pass
                raise

    def _flush(self):
        if self._out.pending:
            self._below.transmit(self._out.read())

    def handshake(self):
        return self._pump(self._shake)

    def _shake(self):
        self._tls.do_handshake()
        return True

    def read(self, buffer, n):
        try:
            return self._pump(self._tls.read, n, memoryview(buffer)[:n])
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def write(self, data):
        return self._pump(self._tls.write, data)

    def close(self):
        try:
            self._tls.unwrap()
        except (ssl.SSLError, ValueError):
            pass
        self._flush()

    def version(self):
        return self._tls.version()

    def cipher(self):
        return self._tls.cipher()

    @staticmethod
    def all_cas(roots):
        """All CAs of a bundle, which fit into memory here."""
        return list(roots.all())

    @staticmethod
    def text_of(error):
        """The TLS library's words, None for an exception that is not its own."""
        if not isinstance(error, ssl.SSLError):
            return None
        return getattr(error, "verify_message", None) or error.reason or str(error)

    @staticmethod
    def blames_certificate(words):
        return "_" not in words or "CERTIFICATE" in words


def _load_identity(own, certificate, key):
    """Load a client certificate (PEM or DER) and its key (DER). ssl takes them from files only, so
    they are in a private folder for a moment."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        if not certificate.startswith(b"-----"):
            certificate = to_pem(certificate)
        kind = b"RSA" if key[4:7] == b"\x02\x01\x00" else b"EC"
        files = []
        for name, text in (("cert", certificate), ("key", to_pem(key, kind + b" PRIVATE KEY"))):
            path = os.path.join(folder, name)
            with open(path, "wb") as f:
                f.write(text)
            files.append(path)
        own.load_cert_chain(*files)
