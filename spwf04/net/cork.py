"""Holds back the small writes of HTTP and MQTT clients until they are worth a command.

Libraries write a request in a dozen pieces; each would be an SOCKW of its own. Imported when the
first bytes of a connection look like an HTTP request or an MQTT CONNECT, then:

- HTTP: bytes are held until the head is complete, and the body of which it tells the length.
- MQTT: bytes are held until the packet is complete, by the length that it begins with.

So what is held is always the beginning of something whose rest must come. Should it not, it goes
out before this socket reads, is polled, closes or stops blocking, and before any other socket
waits for data or begins to hold. What does not go on as HTTP or MQTT is not held any more.
setsockopt(IPPROTO_TCP, TCP_NODELAY, 1) ends it.

A Cork is a stream over a stream, see stream.py. What is held goes out in one command, or, if the
line is not free, is kept by the stream below until it is; so nothing here waits.
"""

from ..const import const

_METHODS = (b"GET", b"POST", b"PUT", b"HEAD", b"PATCH", b"DELETE", b"OPTIONS")
_CONNECT = (b"\0\4MQTT", b"\0\6MQIsdp")  # 3.1.1 and 5, 3.1

_BETWEEN = const(0)  # HTTP: nothing has begun
_LINE = const(1)  # in a request line
_HEAD = const(2)
_BODY = const(3)
_FIRST = const(4)  # MQTT: in what should be a CONNECT
_PACKETS = const(5)


def begin(sock, data):
    """Before the first bytes of a connection: have a Cork over the socket's stream, if they look
    as if it were of use."""
    mqtt = data[0] == 0x10
    if mqtt or _is_request(data):
        sock.cork = Cork(sock, _FIRST if mqtt else _BETWEEN)


def _is_request(data):
    for method in _METHODS:
        n = len(method)
        if bytes(data[:n]) == method:
            return len(data) == n or data[n] == 32
    return False


class Cork:
    """The stream of a socket while small writes are held back. Bytes are copied: callers may reuse
    their buffers."""

    def __init__(self, sock, state):
        self._pool = sock.pool
        self._state = state
        self._buffer = bytearray(min(self._pool.chunk, 1024))
        self._n = 0  # bytes held
        self._left = 0  # bytes of the body still to come, -1: not known
        self._past = 0  # bytes of an MQTT packet that go by without being held
        self._on = True
        self._under = sock.stream
        sock.stream = self
        # these are as below
        self.stop = self._under.stop
        self.interrupted = self._under.interrupted
        self.arriving = self._under.arriving
        self.is_open = self._under.is_open
        self.closed = self._under.closed
        self.confirm = self._under.confirm
        self.writable = self._under.writable
        self.sent = self._under.sent

    # as a Stream's ---------------------------------------------------------------------------
    def read(self, buffer, n):
        """Send what is held, then read."""
        if self._n:
            self.flush()
        if self._state < _FIRST:
            self._state = _BETWEEN
        return self._under.read(buffer, n)

    def readable(self):
        """Send what is held, then look."""
        if self._n:
            self.flush()
        return self._under.readable()

    def write(self, data, at, copy):
        """Hold bytes of data, or send them with what is held; how many."""
        if not copy and not self._under.sent():
            return None  # what went before, in one command
        total = len(data)
        if self._state == _BETWEEN:
            if not self._on or copy or not _is_request(data[at:] if at else data):
                return self._under.write(data, at, copy)
            self._state = _LINE
        if self._past or not self._on:
            # below first: what has not been taken there is not past
            n = self._under.write(data, at, copy)
            if n:
                self._past = max(0, self._past - n)
            return n
        buffer = self._buffer
        if self._n == 0:
            if self._pool.holds is not None:
                self._pool.holds.flush()  # one socket at a time
            self._pool.holds = self
        n = min(total - at, len(buffer) - self._n)
        new = data[at : at + n]
        buffer[self._n : self._n + n] = new
        self._n += n
        if self._state >= _FIRST:
            self._packets()
        else:
            self._request(new)
            if self._n == len(buffer):
                if self._state == _HEAD:
                    self._state = _BODY  # a long one; an HTTP client reads in the end
                    self._left = -1
                self.flush()
        return n

    def close(self, now=True):
        """Send what is held, then close."""
        if self._n and now:
            self.flush()
        self._under.close(now)

    def end(self):
        """Hold nothing back from now on."""
        self._on = False
        if self._n:
            self.flush()

    # holding ---------------------------------------------------------------------------------
    def flush(self):
        """Send what is held. An error is for the next call on this socket: this one may be
        another's."""
        n = self._n
        self._n = 0
        self._pool.holds = None
        if n:
            data = bytes(memoryview(self._buffer)[:n])
            try:
                n = self._under.write(data, 0, False) or 0
                if n < len(data):  # the line is not free
                    self._under.keep(data[n:])
            except OSError as e:
                self._under.error = e

    def _request(self, new):
        """Send the request if it is complete; `new` are its latest bytes."""
        if self._state == _BODY:
            if self._left > 0:
                self._left -= len(new)
                whole = self._left <= 0
            else:  # chunked
                whole = bytes(self._buffer[max(0, self._n - 5) : self._n]) == b"0\r\n\r\n"
        elif bytes(new).find(b"\n") < 0:
            return
        else:
            held = bytes(memoryview(self._buffer)[: self._n])
            if self._state == _LINE:
                if held[: held.find(b"\n")].find(b" HTTP/1.") < 0:
                    self.end()
                    return
                self._state = _HEAD
            end = held.find(b"\r\n\r\n")
            if end < 0:
                return
            self._state = _BODY
            self._left = _length(held[:end].lower())
            if self._left > 0:
                self._left = max(0, self._left - (self._n - end - 4))
            whole = self._left == 0
        if whole:
            self._state = _BETWEEN
            self.flush()

    def _packets(self):
        """Send the packets that are complete."""
        buffer = self._buffer
        while self._n:
            length = i = 0
            while i < 4 and i + 1 < self._n:
                i += 1
                length |= (buffer[i] & 127) << 7 * (i - 1)
                if buffer[i] < 128:
                    break
            else:
                if i == 4:
                    self.end()  # no length is so long
                return
            i += 1
            length += i
            if self._state == _FIRST:
                said = bytes(buffer[i : min(i + 6, self._n, length)])
                if not any([protocol.startswith(said) for protocol in _CONNECT]):
                    self.end()
                    return
            if length > self._n:
                if length > len(buffer):  # it never fits: let it go by
                    self._past = length - self._n
                    self._state = _PACKETS
                    self.flush()
                return
            self._state = _PACKETS
            rest = self._n - length
            self._n = length
            self.flush()
            if rest:
                buffer[:rest] = buffer[length : length + rest]
                self._n = rest
                self._pool.holds = self


def _length(head):
    """Bytes that follow a request's head (lower case), -1 if it does not say."""
    if head.find(b"\ntransfer-encoding:") >= 0:
        return -1
    at = head.find(b"\ncontent-length:")
    if at < 0:
        return 0
    try:
        return int(head[at + 16 :].split(b"\r")[0])
    except ValueError:
        return -1
