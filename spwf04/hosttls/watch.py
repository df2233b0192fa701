"""Follows a handshake of TLS 1.2 as the server's bytes pass by, and keeps its certificates.

It is for a TLS that does not show the certificates. It accepts only a plain handshake of TLS 1.2
with one list of certificates, each message once and in its order; all else is an error. A second
handshake is an error too, because its certificates would be encrypted. There are bounds to what
may come, and to what is kept.
"""

from ..const import const
from ..errors import CertificateError, errno

# Most bytes
_KEPT = const(16384)  # of certificates: more than the TLS of a small board takes
_HELLO = const(512)  # of a ServerHello
_MOST = const(32768)  # of the whole handshake
_RECORD = const(18432)  # of a record

# Messages of a handshake in the order in which they may come: ServerHello, Certificate,
# CertificateStatus, ServerKeyExchange, CertificateRequest, ServerHelloDone, NewSessionTicket
_ORDER = b"\x02\x0b\x16\x0c\x0d\x0e\x04"
_DONE = const(5)

# Watch._state
_CLEAR = const(0)
_CIPHER = const(1)  # the server has changed to its cipher: Finished is next
_FINISHED = const(2)
_REFUSED = const(3)


class Watch:
    """The bytes that a server sends on one connection. where: its host and port, for messages.
    Each method raises CertificateError."""

    def __init__(self, where):
        self._where = where
        self._state = _CLEAR
        self._total = 0
        self._record = bytearray(5)  # head of the record that comes
        self._type = 0  # of the record
        self._in_record = 0  # count of bytes in its head
        self._content = 0  # bytes of the record that have not come
        self._message = bytearray(4)  # head of the message that comes
        self._in_message = 0  # count of bytes in its head
        self._body = 0  # bytes of the message that have not come
        self._place = -1  # of the last message in _ORDER
        self._hello = bytearray()  # the ServerHello
        self.kept = bytearray()  # the Certificate message

    def feed(self, data, n):
        """Follow the next n bytes, in data."""
        if self._state == _REFUSED:
            raise self._refused("it did not show its certificates in a handshake of TLS 1.2")
        at = 0
        while at < n:
            if self._content == 0:
                self._record[self._in_record] = data[at]
                self._in_record += 1
                at += 1
                if self._in_record == 5:
                    self._in_record = 0
                    self._begin_record()
            else:
                size = min(self._content, n - at)
                self._content -= size
                if self._state == _CLEAR and self._type == 22:
                    self._handshake(data, at, at + size)
                at += size

    def certificates(self):
        """After the handshake: return the certificates that came, as memoryviews of DER."""
        kept = self.kept
        if self._state != _FINISHED or self._content or self._in_record or len(kept) < 3:
            raise self._refused("it did not show its certificates in a handshake of TLS 1.2")
        self.kept = bytearray()
        view = memoryview(kept)
        end = len(kept)
        found = []
        at = 3
        if _number(kept, 0) != end - 3:
            end = 0
        while at + 3 < end:
            size = _number(kept, at)
            at += 3
            if size == 0:
                break
            found.append(view[at : at + size])
            at += size
        if at != end or not found:
            raise self._refused("its list of certificates is damaged")
        return found

    def _refused(self, words):
        self._state = _REFUSED
        return CertificateError(
            errno.EIO,
            "%s was not trusted: %s" % (self._where, words),
            hint='Use engine="module": the module\'s TLS verifies it itself',
            remedy="use_module_tls",
        )

    # records ---------------------------------------------------------------------------------
    def _begin_record(self):
        head = self._record
        type = self._type = head[0]
        size = self._content = head[3] << 8 | head[4]
        if head[1] != 3 or not 0 < size <= _RECORD:
            raise self._refused("it does not speak TLS 1.2")
        if self._state == _FINISHED:
            if type not in (21, 23):  # alerts and data
                raise self._refused("it began a second handshake")
            return
        self._total += size + 5
        if self._total > _MOST:
            raise self._refused("its handshake is longer than %d bytes" % _MOST)
        if self._state == _CIPHER:
            if type == 22:
                self._state = _FINISHED
            elif type != 21:
                raise self._refused("its handshake did not end")
        elif type == 22:
            pass
        elif self._in_message or self._body:
            raise self._refused("it cut a message of its handshake short")
        elif type == 20 and size == 1 and self._place >= _DONE:
            self._state = _CIPHER
        elif type != 21 or size != 2:
            raise self._refused("it did not show its certificates in a handshake of TLS 1.2")

    # messages --------------------------------------------------------------------------------
    def _handshake(self, data, at, end):
        head = self._message
        while at < end:
            if self._body == 0:
                head[self._in_message] = data[at]
                self._in_message += 1
                at += 1
                if self._in_message < 4:
                    continue
                self._begin_message()
            else:
                size = min(self._body, end - at)
                if head[0] == 2:
                    self._hello.extend(data[at : at + size])
                elif head[0] == 11:
                    self.kept.extend(data[at : at + size])
                self._body -= size
                at += size
            if self._body == 0:
                self._in_message = 0
                if head[0] == 2:
                    self._check_hello()

    def _begin_message(self):
        head = self._message
        place = _ORDER.find(bytes(head[:1]))
        size = self._body = _number(head, 1)
        if place <= self._place or (self._place < 1 and place != self._place + 1):
            raise self._refused("its handshake has a message in the wrong place")
        if (place == _DONE) != (size == 0) or size > (_KEPT if place else _HELLO):
            raise self._refused("a message of its handshake has a wrong length, %d bytes" % size)
        self._place = place

    def _check_hello(self):
        """Check the ServerHello: one of TLS 1.3 names TLS 1.2 too, beside an extension."""
        hello = self._hello
        self._hello = bytearray()
        end = len(hello)
        at = 38 + (hello[34] if end > 37 else end)
        if at > end or bytes(hello[:2]) != b"\3\3":
            raise self._refused("it does not speak TLS 1.2")
        if at < end:  # extensions
            at += 2
            while at + 4 <= end:
                if hello[at] == 0 and hello[at + 1] == 43:
                    raise self._refused("it speaks TLS 1.3, which hides its certificates")
                at += 4 + (hello[at + 2] << 8 | hello[at + 3])
            if at != end:
                raise self._refused("its ServerHello is damaged")


def _number(data, at):
    return data[at] << 16 | data[at + 1] << 8 | data[at + 2]
