"""The first flight of TLS 1.2 and older: makes a ClientHello, reads ServerHello and Certificate.

All of it travels in clear. Bytes are read by a readinto(buffer) -> n, 0 at the end. There is no
socket here, no clock and no cryptography.
"""

from ..const import const

# What a 2017 embedded TLS 1.2 has: the module's own list is not published [h.9]
_SUITES = b"\xc0\x2b\xc0\x2f\xc0\x23\xc0\x27\x00\x9c\x00\x3c\x00\x2f\x00\x3d\x00\x35"
_EXTENSIONS = (
    b"\x00\x0a\x00\x06\x00\x04\x00\x17\x00\x18"  # curves P-256, P-384
    b"\x00\x0b\x00\x02\x01\x00"  # points uncompressed
    b"\x00\x0d\x00\x12\x00\x10"  # signatures: RSA and ECDSA with SHA-256, 384, 512, 1
    b"\x04\x01\x04\x03\x05\x01\x05\x03\x06\x01\x06\x03\x02\x01\x02\x03"
)
_MOST = const(65536)  # bytes that are read of a server at most

_ALERTS = {
    0: "close notify: it ends the connection",
    40: "handshake failure: no cipher or key in common with the module's TLS 1.2",
    42: "bad certificate",
    70: "protocol version: this server does not speak TLS 1.2",
    71: "insufficient security: it wants better than TLS 1.2 with the module's ciphers",
    80: "internal error",
    112: "unrecognized name: there is no such host on this server",
    116: "certificate required",
}
# Of alerts; others have none
_REMEDIES = {
    40: "use_host_tls",
    70: "use_host_tls",
    71: "use_host_tls",
    112: "check_name",
}


class HelloError(Exception):
    """The server's answer is not a handshake of TLS 1.0 to 1.2 with certificates.

    alert: the number of the TLS alert that it sent instead, or None. This is no ValueError,
    because that stands for a damaged certificate: an answer that ends inside a certificate does
    not damage it. remedy: a short name of what helps, as SPWF04Error.remedy, or None.
    """

    def __init__(self, message, remedy: "str | None" = "ask_owner", alert=None):
        super().__init__(message)
        self.remedy = remedy
        self.alert = alert


def alert_text(number):
    """What a TLS alert of the server means, as a sentence."""
    words = _ALERTS.get(number, "its meaning is in RFC 8446, 6.2")
    return "the server refused with TLS alert %d, %s" % (number, words)


def client_hello(name, random):
    """The bytes of a ClientHello record.

    name: the server's name as bytes, None for an address. random: 32 bytes.
    """
    extensions = _EXTENSIONS
    if name:
        n = len(name)
        head = (n + 5).to_bytes(4, "big") + (n + 3).to_bytes(2, "big") + n.to_bytes(3, "big")
        extensions = head + name + extensions
    n = len(_SUITES)
    hello = b"\x03\x03" + random + n.to_bytes(3, "big") + _SUITES + b"\x01\x00"
    hello = hello + len(extensions).to_bytes(2, "big") + extensions
    n = len(hello)
    return b"\x16\x03\x01" + (n + 4).to_bytes(2, "big") + b"\x01" + n.to_bytes(3, "big") + hello


class Flight:
    """What a server sends first; a source for certificate.read().

    After begin(), next_certificate() gives the size of each certificate in turn, and 0 after the
    last. The caller takes or skips exactly that many bytes in between. version, suite: the
    server's choice, ints. total: bytes read so far. copy: a bytearray that collects what is handed
    out, or None. All methods may raise HelloError, and what readinto raises; the flight is over
    then.
    """

    sha = None
    copy: "bytearray | None" = None

    def __init__(self, readinto, buffer):
        self.readinto = readinto
        self.buffer = memoryview(buffer)
        self._at = self._end = 0  # valid bytes of the buffer
        self._record = 0  # bytes left in this record
        self._certificates = 0  # bytes left in the list of certificates
        self._what = "answer"  # what is being read, for errors
        self.total = 0
        self.version = self.suite = 0

    # bytes -----------------------------------------------------------------------------------
    def _fill(self):
        if self._at == self._end:
            n = self.readinto(self.buffer)
            if not n:
                if self.total:
                    raise HelloError(
                        "the server closed the connection in the middle of its " + self._what,
                        "retry",
                    )
                raise HelloError(
                    "the server closed the connection without an answer", "check_host"
                )
            self._at = 0
            self._end = n
            self.total += n
            if self.total > _MOST:
                raise HelloError("the server sent more than %d bytes" % _MOST)

    def _raw(self, n):
        data = b""
        while len(data) < n:
            self._fill()
            k = min(n - len(data), self._end - self._at)
            data += bytes(self.buffer[self._at : self._at + k])
            self._at += k
        return data

    def _open_record(self):
        while self._record == 0:
            head = self._raw(5)
            if head[1] != 3 or head[0] not in (20, 21, 22, 23):
                raise HelloError("the server does not speak TLS on this port", "check_host")
            length = head[3] << 8 | head[4]
            if head[0] == 21 and length == 2:
                alert = self._raw(2)
                if alert[0] == 1 and alert[1]:
                    continue  # a warning, about the name for example: the server goes on
                raise HelloError(alert_text(alert[1]), _REMEDIES.get(alert[1]), alert[1])
            if head[0] != 22 or length > 18432:
                raise HelloError("the server's answer is not a TLS handshake", "check_host")
            self._record = length

    def _part(self, n):
        """Up to n bytes of the handshake in one piece."""
        self._open_record()
        self._fill()
        n = min(n, self._record, self._end - self._at)
        part = self.buffer[self._at : self._at + n]
        self._at += n
        self._record -= n
        if self.sha is not None:
            self.sha.update(part)
        if self.copy is not None:
            self.copy.extend(part)
        return part

    def take(self, n):
        """The next n bytes of the handshake."""
        if n <= 0:
            return b""
        part = self._part(n)
        if len(part) == n:
            return bytes(part)
        data = bytearray(part)
        while len(data) < n:
            data.extend(self._part(n - len(data)))
        return bytes(data)

    def skip(self, n):
        """Pass over n bytes of the handshake."""
        while n > 0:
            n -= len(self._part(n))

    # messages --------------------------------------------------------------------------------
    def number(self, n):
        """The next n bytes as an int."""
        value = 0
        for c in self.take(n):
            value = value << 8 | c
        return value

    def begin(self):
        """Read up to the first certificate."""
        if self.number(1) != 2:
            raise HelloError("the server's answer is not a TLS handshake", "check_host")
        length = self.number(3)
        self.version = self.number(2)
        if not 0x0301 <= self.version <= 0x0303:  # the module goes down to 1.0 [h.4]
            raise HelloError("the server chose a version of TLS that is none of 1.0 to 1.2")
        self.skip(32)
        session = self.number(1)
        self.suite = self.number(2) if session == 0 else self._suite(session)
        length -= 37 + session
        if session > 32 or length < 0:
            raise HelloError("the server's hello is damaged")
        self.skip(length)
        kind = self.number(1)
        length = self.number(3)
        if kind != 11:
            raise HelloError("the server sent no certificate")
        self._what = "certificates"
        self._certificates = self.number(3)
        if self._certificates + 3 != length:
            raise HelloError("the server's list of certificates is damaged")
        if length == 3:
            raise HelloError("the server sent an empty list of certificates")

    def _suite(self, n):
        self.skip(n)
        return self.number(2)

    def next_certificate(self):
        """The size in bytes of the certificate that follows, 0 after the last."""
        if self._certificates == 0:
            return 0
        size = self.number(3) if self._certificates > 3 else 0
        self._certificates -= size + 3
        if size == 0 or self._certificates < 0:
            raise HelloError("the server's list of certificates is damaged")
        return size
