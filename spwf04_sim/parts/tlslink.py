"""TLS over a link. [h]

OpenSSL does the TLS 1.2 handshake, limited to what the module offers. The server's certificates
are read from the handshake while it goes on. So a refusal comes when the module's comes: in the
middle of the handshake, with the alert certificate_unknown. [T7]
"""

import base64
import contextlib
import pathlib
import ssl
import tempfile

# What a 2017 embedded TLS 1.2 stack offers. GUESS: the module's list is not published.
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA256:"
    "ECDHE-RSA-AES128-SHA256:AES128-GCM-SHA256:AES128-SHA256:AES128-SHA:AES256-SHA256:AES256-SHA"
)
_ALERT = bytes((21, 3, 3, 0, 2, 2, 46))  # fatal, certificate_unknown


class Refused(Exception):
    """The module refuses a certificate: AT-S.Certificate Error:<number>."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


class TlsLink:
    """TLS 1.2 over another link, as a client. server() makes the other end.

    verify(chain) gets the server's certificates, a list of DER, and raises Refused unless they
    are to be trusted. own: (certificate, private key) in PEM or DER, or None. done: the handshake
    is complete. failed: it has failed. authorities: how many CA certificates the server sent.
    """

    def __init__(self, under, name, verify, own=None):
        self._under = under
        self._verify = verify
        self._records = bytearray()  # from the server, until its certificates have come
        self._messages = bytearray()
        self._watching = True
        self.failed = False
        self.done = False
        self.authorities = 0
        context = _context(ssl.PROTOCOL_TLS_CLIENT, own)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        except ValueError:  # not a host's name: the server is not told any
            self._tls = context.wrap_bio(self._in, self._out)

    @classmethod
    def server(cls, under, own, client_ca=None):
        """Make the server's end, with the module's own certificate.

        client_ca: the CA (PEM or DER) that must have issued a client's certificate; None if
        clients need no certificate.
        """
        made = cls.__new__(cls)
        made._under, made._verify, made._watching = under, None, False
        made.failed, made.done, made.authorities = False, False, 0
        context = _context(ssl.PROTOCOL_TLS_SERVER, own)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            with contextlib.suppress(ssl.SSLError, ValueError):  # unusable: no client is accepted
                context.load_verify_locations(cadata=_text(client_ca, "CERTIFICATE"))
        made._in, made._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        made._tls = context.wrap_bio(made._in, made._out, server_side=True)
        return made

    def handshake(self):
        """Go on with the handshake; return True when it is complete. Raises Refused."""
        self._pull()
        if not self.failed and not self.done:
            try:
                self._tls.do_handshake()
                self.done = True
            except ssl.SSLWantReadError:
                pass
            except (ssl.SSLError, OSError):
                self.failed = True
        self._push()
        return self.done

    def _pull(self):
        while (data := self._under.receive(65536)) is not None:
            if data == b"":
                self._in.write_eof()
                if not self.done:
                    self.failed = True
                return
            if self._watching:
                self._watch(data)
            self._in.write(data)

    def _watch(self, data):
        self._records += data
        while len(self._records) >= 5:
            length = int.from_bytes(self._records[3:5], "big")
            if len(self._records) < 5 + length:
                return
            if self._records[0] != 22:
                self._watching = False
                return
            self._messages += self._records[5 : 5 + length]
            del self._records[: 5 + length]
            while len(self._messages) >= 4:
                size = int.from_bytes(self._messages[1:4], "big")
                if len(self._messages) < 4 + size:
                    break
                if self._messages[0] == 11:
                    self._watching = False
                    chain = _certificates(bytes(self._messages[4 : 4 + size]))
                    self.authorities = len(chain) - 1
                    try:
                        self._verify(chain)
                    except Refused:
                        self._under.send(_ALERT)
                        raise
                    return
                del self._messages[: 4 + size]

    def _push(self):
        if self._out.pending:
            return self._under.send(self._out.read())
        return True

    def send(self, data):
        """Send data; False if the connection is gone."""
        try:
            self._tls.write(data)
        except (ssl.SSLError, OSError):
            return False
        return self._push()

    def receive(self, limit):
        """Return bytes, b"" at the end of the stream, None if nothing is there."""
        self._pull()
        try:
            data = self._tls.read(min(limit, 4096))
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLError, OSError):
            return b""
        finally:
            self._push()
        return data

    def hang_up(self):
        """End the stream as if the peer had closed."""
        self._under.hang_up()

    def close(self):
        """Send close_notify and close the link below."""
        try:
            self._tls.unwrap()
        except (ssl.SSLError, OSError):
            pass
        self._push()
        self._under.close()

    def fileno(self):
        """Return the file descriptor of the link below, or None."""
        return self._under.fileno()


def _certificates(body):
    """Return the certificates, a list of DER, of a Certificate message of TLS 1.2."""
    chain = []
    at = 3
    while at + 3 <= len(body):
        size = int.from_bytes(body[at : at + 3], "big")
        chain.append(body[at + 3 : at + 3 + size])
        at += 3 + size
    return chain


def _load_own(context, certificate, key):
    """Give OpenSSL the module's own certificate, in files.

    A key in PKCS#8 is not taken: nobody knows which forms the module takes, so that only the older
    ones are.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = []
        try:
            for kind, text in (
                ("cert", _text(certificate, "CERTIFICATE")),
                ("key", _text(key, "RSA PRIVATE KEY" if _is_pkcs1(key) else "EC PRIVATE KEY")),
            ):
                file = pathlib.Path(folder) / kind
                file.write_text(text)
                files.append(file)
            if "BEGIN PRIVATE KEY" not in files[1].read_text():
                context.load_cert_chain(
                    *files, password=b""
                )  # without one OpenSSL asks on the terminal
        except (ssl.SSLError, ValueError):
            pass  # unusable: the server reports it


def _is_pkcs1(key):
    return bytes(key)[4:7] == b"\x02\x01\x00"


def _text(data, kind):
    """Return a certificate or key (PEM or DER) as PEM text."""
    data = bytes(data)
    if data.lstrip().startswith(b"-----"):
        return data.decode()
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(data).decode()}-----END {kind}-----\n"


def _context(protocol, own):
    """Return an SSLContext that offers what the module's TLS does, with its own certificate."""
    context = ssl.SSLContext(protocol)
    if protocol == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the module's own verification is verify()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    if own is not None:
        _load_own(context, *own)
    return context
