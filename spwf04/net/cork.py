"""Holds small writes of HTTP and MQTT clients back, and sends them in one command.

Libraries write a request in a dozen pieces, and each would be an SOCKW of its own. This file is
imported when the first bytes of a connection look like an HTTP request or an MQTT CONNECT. Then

- HTTP: bytes are held until the head and the body, whose length the head tells, are complete;
- MQTT: bytes are held until the packet is complete, whose length stands at its beginning.

So the rest of what is held must come. If it does not, the bytes are sent before this socket reads,
is polled, closes or gets time-out 0, and before another socket waits for data or holds some. Once
the bytes are not HTTP or MQTT, nothing is held any more. setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
ends it too.

A Cork is a stream over a stream, see stream.py. Nothing here waits: if the line is not free, the
stream below queues the bytes.
"""

from ..const import const

_METHODS = (b"GET", b"POST", b"PUT", b"HEAD", b"PATCH", b"DELETE", b"OPTIONS")
_CONNECT = (b"\0\4MQTT", b"\0\6MQIsdp")  # MQTT 3.1.1 and 5, MQTT 3.1

# Cork._state
_BETWEEN = const(0)  # HTTP: between two requests
_LINE = const(1)  # in a request line
_HEAD = const(2)
_BODY = const(3)
_FIRST = const(4)  # MQTT: in the first packet, which must be a CONNECT
_PACKETS = const(5)


def begin(sock, data):
    """Before the first bytes of a connection: put a Cork over the socket's stream if they look
    like HTTP or MQTT."""
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
    """The stream of a socket whose small writes are held back. It copies what it holds."""

    def __init__(self, sock, state):
        self._pool = sock.pool
        self._state = state
        self._buffer = bytearray(min(self._pool.chunk, 1024))
        self._held = 0  # count of bytes in _buffer
        self._body_left = 0  # bytes of the body that have not come, -1: not known
        self._passing = 0  # bytes that have not come of an MQTT packet too long to be held
        self._active = True
        self._below = sock.stream
        sock.stream = self
        # The same as of the stream below
        self.free_buffers = self._below.free_buffers
        self.interrupted = self._below.interrupted
        self.arriving = self._below.arriving
        self.is_open = self._below.is_open
        self.closed = self._below.closed
        self.confirm = self._below.confirm
        self.writable = self._below.writable
        self.sent = self._below.sent
        self.release = self._below.release
        self.die = self._below.die

    # As a Stream's ---------------------------------------------------------------------------
    def read(self, buffer, n):
        """As Stream.read(): sends what is held first."""
        if self._held:
            self.flush()
        if self._state < _FIRST:
            self._state = _BETWEEN
        return self._below.read(buffer, n)

    def readable(self):
        """As Stream.readable(): sends what is held first."""
        if self._held:
            self.flush()
        return self._below.readable()

    def write(self, data, at, copy):
        """As Stream.write(): takes bytes to hold them, or sends them."""
        if not copy and not self._below.sent():
            return None  # what was flushed is on its way
        total = len(data)
        if self._state == _BETWEEN:
            if not self._active or copy or not _is_request(data[at:] if at else data):
                return self._below.write(data, at, copy)
            self._state = _LINE
        if self._passing or not self._active:
            n = self._below.write(data, at, copy)
            if n:
                self._passing = max(0, self._passing - n)
            return n
        buffer = self._buffer
        if self._held == 0:
            if self._pool.corked is not None:
                self._pool.corked.flush()  # only one socket holds data
            self._pool.corked = self
        n = min(total - at, len(buffer) - self._held)
        new = data[at : at + n]
        buffer[self._held : self._held + n] = new
        self._held += n
        if self._state >= _FIRST:
            self._packets()
        else:
            self._request(new)
            if self._held == len(buffer):
                if self._state == _HEAD:
                    self._state = _BODY  # a long head: hold until the client reads
                    self._body_left = -1
                self.flush()
        return n

    def close(self, now=True):
        """As Stream.close(): sends what is held first."""
        if self._held and now:
            self.flush()
        self._below.close(now)

    def uncork(self):
        """Send what is held, and hold nothing any more."""
        self._active = False
        if self._held:
            self.flush()

    # Holding ---------------------------------------------------------------------------------
    def flush(self):
        """Send what is held. The next call on this socket raises an error of it, because this call
        may be another socket's."""
        n = self._held
        data = bytes(memoryview(self._buffer)[:n])  # if there is no memory, they stay held
        self._held = 0
        self._pool.corked = None
        if n:
            try:
                n = self._below.write(data, 0, False) or 0
                if n < len(data):  # the line is not free
                    self._below.queue(data[n:])
            except OSError as e:
                self._below.error = e
            except MemoryError:
                self._below.die()  # it is not known how many bytes have gone out
                raise

    def _request(self, new):
        """Send the request if it is complete; `new` are its last bytes."""
        if self._state == _BODY:
            if self._body_left > 0:
                self._body_left -= len(new)
                whole = self._body_left <= 0
            else:  # chunked
                whole = bytes(self._buffer[max(0, self._held - 5) : self._held]) == b"0\r\n\r\n"
        elif bytes(new).find(b"\n") < 0:
            return
        else:
            held = bytes(memoryview(self._buffer)[: self._held])
            if self._state == _LINE:
                if held[: held.find(b"\n")].find(b" HTTP/1.") < 0:
                    self.uncork()
                    return
                self._state = _HEAD
            end = held.find(b"\r\n\r\n")
            if end < 0:
                return
            self._state = _BODY
            self._body_left = _length(held[:end].lower())
            if self._body_left > 0:
                self._body_left = max(0, self._body_left - (self._held - end - 4))
            whole = self._body_left == 0
        if whole:
            self._state = _BETWEEN
            self.flush()

    def _packets(self):
        """Send the packets that are complete."""
        buffer = self._buffer
        while self._held:
            length = i = 0
            while i < 4 and i + 1 < self._held:
                i += 1
                length |= (buffer[i] & 127) << 7 * (i - 1)
                if buffer[i] < 128:
                    break
            else:
                if i == 4:
                    self.uncork()  # a length has at most four bytes
                return
            i += 1
            length += i
            if self._state == _FIRST:
                said = bytes(buffer[i : min(i + 6, self._held, length)])
                if not any([protocol.startswith(said) for protocol in _CONNECT]):
                    self.uncork()
                    return
            if length > self._held:
                if length > len(buffer):  # too long to be held
                    self._passing = length - self._held
                    self._state = _PACKETS
                    self.flush()
                return
            self._state = _PACKETS
            rest = self._held - length
            self._held = length
            self.flush()
            if rest:
                buffer[:rest] = buffer[length : length + rest]
                self._held = rest
                self._pool.corked = self


def _length(head):
    """The length of the body after this head (lower case), -1 if it is not told."""
    if head.find(b"\ntransfer-encoding:") >= 0:
        return -1
    at = head.find(b"\ncontent-length:")
    if at < 0:
        return 0
    try:
        return int(head[at + 16 :].split(b"\r")[0])
    except ValueError:
        return -1
