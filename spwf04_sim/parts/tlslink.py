"""TLS over a link. [h]

OpenSSL does the handshake, limited to what the module offers. The server's certificates are read
from the handshake while it goes on. So a refusal comes when the module's comes: in the middle of
the handshake, with the alert certificate_unknown. [T7]
"""

import base64
import contextlib
import pathlib
import ssl
import tempfile
from dataclasses import dataclass

from ..tls.certificate import Refused

# What a 2017 embedded TLS 1.2 stack offers. GUESS: the module's list is not published.
_ECDHE_GCM = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
_ECDHE = "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:"
_RSA_GCM = "AES128-GCM-SHA256:"
_RSA = "AES128-SHA256:AES128-SHA:AES256-SHA256:AES256-SHA"
_DHE = ":DHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA"
_ANY_STRENGTH = ":@SECLEVEL=0"  # which keys and hashes are too weak is said by verify()
_LEGACY_SERVER = 4  # ssl.OP_LEGACY_SERVER_CONNECT, from Python 3.12 on
_PIECES = 64  # most that is read from the link below at once: a server may never stop
_OWN = 1475  # bytes of an own certificate at most [T6]
_HANDSHAKE, _CERTIFICATE = 22, 11
_ALERT = bytes((0, 2, 2, 46))  # the rest of a record: fatal, certificate_unknown


@dataclass(frozen=True)
class Offer:
    """What the module's TLS offers. ciphers: as OpenSSL writes them. oldest: "1.0" or "1.2".
    renegotiates: it does so if the server wants to. pkcs8: it takes such private keys."""

    ciphers: str = _ECDHE_GCM + _ECDHE + _RSA_GCM + _RSA
    oldest: str = "1.0"
    renegotiates: bool = False
    pkcs8: bool = False

    @classmethod
    def of(cls, quirks, only_rsa=False):
        """Return the Offer of a firmware under a reading of the open points.

        only_rsa: it has RSA key exchange alone, as firmware 1.0.0. [h.4]
        """
        gcm = quirks.suites != "no_gcm"
        ciphers = (_RSA_GCM if gcm else "") + _RSA
        if not only_rsa:
            ciphers = (_ECDHE_GCM if gcm else "") + _ECDHE + ciphers
            ciphers += _DHE if quirks.suites == "with_dhe" else ""
        return cls(
            ciphers,
            quirks.tls_versions,
            quirks.renegotiation == "done",
            quirks.own_key == "pkcs8",
        )


def own_identity(flash):
    """Return (certificate, key) that the module shows, or None. One in a file that is too large
    is not shown. [T6]"""
    own = flash.own()
    return None if own is None or len(own[0]) > _OWN else own


class TlsClients:
    """The TLS connections of a SimulatedModule to servers.

    loaded: it has read its certificates since the last boot, and since they changed.
    """

    def __init__(self):
        self._links = []
        self.loaded = False

    def add(self, link):
        """Count a TlsLink until it is closed. For its handshake the certificates were read."""
        self._links.append(link)
        self.loaded = True

    @property
    def count(self):
        """How many connections are open."""
        return sum(not link.closed for link in self._links)


class TlsLink:
    """TLS over another link, as a client. server() makes the other end.

    verify(chain) gets the server's certificates, a list of DER, and raises Refused unless they
    are to be trusted. own: (certificate, private key) in PEM or DER, or None. offer: an Offer.
    done: the handshake is complete. failed: it has failed. closed: close() was called.
    authorities: how many CA certificates the server sent.
    """

    failed = done = closed = False
    authorities = 0

    def __init__(self, under, name, verify, own=None, offer=None):
        self._under = under
        self._verify = verify
        self._records = bytearray()  # from the server, until its certificates have come
        self._messages = bytearray()
        self._watching, self._at_end = True, False
        context = _context(ssl.PROTOCOL_TLS_CLIENT, own, offer or Offer())
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        except (ValueError, TypeError):  # not a host's name: the server is not told any
            self._tls = context.wrap_bio(self._in, self._out)

    @classmethod
    def server(cls, under, own, client_cas=None, offer=None):
        """Make the server's end, with the module's own certificate.

        client_cas: the CAs (a list of PEM or DER) of which one must have issued a client's
        certificate; None if clients need no certificate.
        """
        made = cls.__new__(cls)
        made._under, made._verify = under, None
        made._watching, made._at_end = False, False
        context = _context(ssl.PROTOCOL_TLS_SERVER, own, offer or Offer())
        if client_cas is not None:
            context.verify_mode = ssl.CERT_REQUIRED
        for ca in client_cas or ():
            with contextlib.suppress(ssl.SSLError, ValueError):  # unusable: it vouches for nobody
                context.load_verify_locations(cadata=_text(ca, "CERTIFICATE"))
        made._in, made._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        made._tls = context.wrap_bio(made._in, made._out, server_side=True)
        return made

    def handshake(self):
        """Go on with the handshake; return True when it is complete. Raises Refused."""
        self._pull()
        if not self.failed and not self.done:
            try:
                self._tls.do_handshake()
                self.done = not self._watching  # without certificates nobody is trusted
                self.failed = self._watching
            except ssl.SSLWantReadError:
                pass
            except (ssl.SSLError, OSError):
                self.failed = True
        self._push()
        return self.done

    def _pull(self):
        for _ in range(0 if self._at_end else _PIECES):
            data = self._under.receive(65536)
            if data is None:
                return
            if data == b"":
                self._at_end = True
                self._in.write_eof()
                if not self.done:
                    self.failed = True
                return
            if self._watching:
                self._watch(data)
            self._in.write(data)

    def _watch(self, data):
        """Look for the server's certificates, and have them verified."""
        self._records += data
        while self._watching and len(self._records) >= 5:
            kind, version = self._records[0], bytes(self._records[1:3])
            end = 5 + int.from_bytes(self._records[3:5], "big")
            if len(self._records) < end:
                return
            if kind == _HANDSHAKE:  # others, as warnings, may come before it
                self._messages += self._records[5:end]
            del self._records[:end]
            self._look(version)

    def _look(self, version):
        messages = self._messages
        while self._watching and len(messages) >= 4:
            end = 4 + int.from_bytes(messages[1:4], "big")
            if len(messages) < end:
                return
            if messages[0] == _CERTIFICATE:
                self._watching = False
                chain = _certificates(bytes(messages[4:end]))
                self.authorities = len(chain) - 1
                try:
                    self._verify(chain)
                except Refused:
                    self._under.send(b"\x15" + version + _ALERT)
                    raise
            del messages[:end]

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

    @property
    def was_reset(self):
        """True if the peer has reset the connection below."""
        return self._under.was_reset

    @property
    def unanswered(self):
        """True if the peer is gone, and nothing has told of it."""
        return self._under.unanswered

    def hang_up(self):
        """End the stream as if the peer had closed."""
        self._under.hang_up()

    def close(self):
        """Send close_notify and close the link below."""
        self.closed = True
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


def _load_own(context, certificate, key, pkcs8):
    """Give OpenSSL the module's own certificate, in files.

    A key in PKCS#8 is taken in one reading alone, because nobody has shown which forms the module
    takes.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = []
        try:
            for kind, text in (
                ("cert", _text(certificate, "CERTIFICATE")),
                ("key", _text(key, _kind(key))),
            ):
                file = pathlib.Path(folder) / kind
                file.write_text(text)
                files.append(file)
            if pkcs8 or "BEGIN PRIVATE KEY" not in files[1].read_text():
                # Without a password OpenSSL asks for one on the terminal
                context.load_cert_chain(*files, password=b"")
        except (ssl.SSLError, ValueError):
            pass  # unusable: the server reports it


def _kind(key):
    """The label of a private key in DER, by its second element: a modulus follows the version of
    PKCS#1, an algorithm that of PKCS#8, and SEC1 has no other."""
    start = bytes(key)[:12]
    at = start.find(b"\x02\x01\x00")
    if at < 0:
        return "EC PRIVATE KEY"
    return "PRIVATE KEY" if start[at + 3 : at + 4] == b"\x30" else "RSA PRIVATE KEY"


def _text(data, kind):
    """Return a certificate or key (PEM or DER) as PEM text."""
    data = bytes(data)
    if data.lstrip().startswith(b"-----"):
        return data.decode("ascii", "backslashreplace")  # OpenSSL skips what is around it
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(data).decode()}-----END {kind}-----\n"


def _context(protocol, own, offer):
    """Return an SSLContext that offers what the module's TLS does, with its own certificate."""
    context = ssl.SSLContext(protocol)
    if protocol == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the module's own verification is verify()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if offer.oldest == "1.0":
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED  # SSL 3.0 is off by default
    context.options |= _LEGACY_SERVER
    if not offer.renegotiates:
        context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(offer.ciphers + _ANY_STRENGTH)
    if own is not None:
        _load_own(context, own[0], own[1], offer.pkcs8)
    return context
