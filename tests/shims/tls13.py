"""A server of TLS 1.3 that sends what a scenario says, record by record.

OpenSSL does the handshake, and reads what the client sends. From then on the server's records are
made here, because OpenSSL sends tickets only when it likes, and no empty records or new keys.
"""

import ssl
import struct
import tempfile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from spwf04_sim import Peer
from tests.shims.servers import pattern, servers

HOST = "tls13.example"
_ALERT, _HANDSHAKE, _DATA = 21, 22, 23
_HASHES = {"TLS_AES_256_GCM_SHA384": hashes.SHA384(), "TLS_AES_128_GCM_SHA256": hashes.SHA256()}


class _Sealer:
    """Makes the records of one direction, beginning with a secret of its traffic."""

    def __init__(self, secret, cipher):
        self._hash = _HASHES[cipher]
        self._key_size = 32 if "256_GCM" in cipher else 16
        self._secret = secret
        self._begin()

    def _expand(self, label, size):
        name = b"tls13 " + label
        info = struct.pack(">HB", size, len(name)) + name + b"\0"
        return HKDFExpand(self._hash, size, info).derive(self._secret)

    def _begin(self):
        self._aead = AESGCM(self._expand(b"key", self._key_size))
        self._iv = int.from_bytes(self._expand(b"iv", 12), "big")
        self.number = 0  # of the next record

    def next_key(self):
        """Go on with the next key."""
        self._secret = self._expand(b"traffic upd", self._hash.digest_size)
        self._begin()

    def record(self, kind, content, padding=0):
        """Return a record."""
        inner = content + bytes([kind]) + bytes(padding)
        head = struct.pack(">BHH", _DATA, 0x303, len(inner) + 16)
        nonce = (self._iv ^ self.number).to_bytes(12, "big")
        self.number += 1
        return head + self._aead.encrypt(nonce, inner, head)


def _ticket(size=100):
    body = struct.pack(">IIB", 7200, 17, 8) + bytes(8) + struct.pack(">H", size) + bytes(size)
    body += b"\0\0"  # no extensions
    return b"\4" + len(body).to_bytes(3, "big") + body


class Server(Peer):
    """Answers each line of a client as `steps` say, a list of words:

    ticket, ticket:2000       a NewSessionTicket of 100 bytes, or of so many
    tickets                   two of them in one record
    cut                       one of them in two records
    data:50                   the next 50 bytes of pattern(), in one record
    bytes:5                   the next 5 bytes, each in a record of its own
    padded:50                 as data, with 100 bytes of padding
    empty                     a record without a byte
    key, key?                 the keys change; the client is to change its own, too
    wait:300                  all that follows is sent so many ms later
    end, close                close_notify; the end of the TCP connection

    tickets: how many OpenSSL sends behind the handshake. later(ms, function) calls it then.
    """

    def __init__(self, certificate, steps, tickets, later):
        super().__init__()
        self.steps = steps
        self.got = b""
        self.said = 0  # bytes of data that were sent
        self._later = later
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = tickets
        certificate.configure_cert(context)
        with tempfile.NamedTemporaryFile() as secrets:
            context.keylog_filename = self._secrets = secrets.name
            self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = context.wrap_bio(self._in, self._out, server_side=True)
            self._file = open(secrets.name)  # it stays readable when its name is gone
        self._sealer = None

    def on_data(self, data):
        self._in.write(data)
        try:
            if self._sealer is None:
                self._tls.do_handshake()
                self._begin()
            while part := self._tls.read(4096):
                self.got += part
                if part.endswith(b"\n"):
                    self.says(self.steps)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:  # the client refused this server, or has ended
            pass
        if self._sealer is None:
            self.send(self._out.read())

    def _begin(self):
        """Take over from OpenSSL, which may have sent tickets."""
        with self._file as file:
            words = [line.split() for line in file if line.startswith("SERVER_TRAFFIC_SECRET_0")]
        self._sealer = _Sealer(bytes.fromhex(words[0][2]), self._tls.cipher()[0])
        sent = self._out.read()
        at = 0
        while at < len(sent):
            at += 5 + int.from_bytes(sent[at + 3 : at + 5], "big")
            self._sealer.number += 1
        self.send(sent)

    def says(self, steps):
        """Do what a list of steps says."""
        for at, step in enumerate(steps):
            word, _, n = step.partition(":")
            if word == "wait":
                self._later(int(n), self.says, steps[at + 1 :])
                return
            if word == "close":
                self.close()
            else:
                self.send(b"".join(self._records(word, int(n or 0))))

    def _records(self, word, n):
        seal = self._sealer.record
        if word == "ticket":
            yield seal(_HANDSHAKE, _ticket(n or 100))
        elif word == "tickets":
            yield seal(_HANDSHAKE, _ticket() + _ticket())
        elif word == "cut":
            yield seal(_HANDSHAKE, _ticket()[:20])
            yield seal(_HANDSHAKE, _ticket()[20:])
        elif word in ("data", "padded"):
            yield seal(_DATA, self._next(n), 100 if word == "padded" else 0)
        elif word == "bytes":
            for _ in range(n):
                yield seal(_DATA, self._next(1))
        elif word == "empty":
            yield seal(_DATA, b"")
        elif word in ("key", "key?"):
            yield seal(_HANDSHAKE, b"\x18\0\0\1" + bytes([word == "key?"]))
            self._sealer.next_key()
        elif word == "end":
            yield seal(_ALERT, b"\1\0")
        else:
            raise ValueError(word)

    def _next(self, n):
        self.said += n
        return pattern(self.said)[self.said - n :]


class Modern:
    """The part of a Controller that has this server, tls13.example. later(ms, function, ...)
    calls a function then."""

    def modern(self, steps, tickets=0, segment=None):
        """What it does from the next connection on. segment: bytes that TCP carries at once."""

        def connected():
            self.server13 = Server(servers().tls13, steps, tickets, self.later)
            self.server13.segment = segment
            return self.server13

        self.world.route(HOST, 443, connected)

    def modern_says(self, steps):
        """Have it send something at once."""
        self.server13.says(steps)

    def modern_got(self):
        """Return what it got."""
        return self.server13.got
