"""Web servers of the simulated world that answer what a scenario says."""

from spwf04_sim import Peer

SIZES = {"length": b"Content-Length: %d\r\n", "chunked": b"Transfer-Encoding: chunked\r\n"}


def in_chunks(body, size=100):
    """A body in the chunked coding."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\nX: y\r\n\r\n"


class _Web(Peer):
    """Sends an answer in pieces, ms after each other, and closes. None as the last piece: it
    keeps the connection."""

    def __init__(self, world, clock):
        self._world = world
        self._clock = clock
        self._asked = b""
        self._pieces = []
        self._next = None  # when the next piece is due
        self._sent = bytearray()
        self._closed = False
        super().__init__()

    def on_data(self, data):
        self._asked += data
        head, end, body = self._asked.partition(b"\r\n\r\n")
        size = head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]
        if end and len(body) >= int(size or b"0") and self._next is None:
            self._world.asked.append(bytes(self._asked))
            self._pieces = list(self._world.pieces)
            self._next = self._clock.now()

    def _move(self):
        while self._pieces and self._clock.now() >= self._next:
            self._sent += self._pieces.pop(0)
            self._next += self._world.pause
            if not self._pieces and not self._world.keeps:
                self._closed = True

    @property
    def outgoing(self):
        self._move()
        return self._sent

    @outgoing.setter
    def outgoing(self, data):
        self._sent = data

    @property
    def closed(self):
        self._move()
        return self._closed and not self._pieces

    @closed.setter
    def closed(self, closed):
        self._closed = closed


class _Mirror(Peer):
    """Answers with the path that was asked for and the body that came."""

    def __init__(self):
        super().__init__()
        self._asked = b""

    def on_data(self, data):
        self._asked += data
        head, end, body = self._asked.partition(b"\r\n\r\n")
        size = head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]
        if end and len(body) >= int(size or b"0"):
            page = head.split(b" ")[1] + b" " + body
            self.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(page) + page)
            self.close()


class Webs:
    """The part of a Controller that says what web.example answers. It needs no module."""

    pieces: list = []
    pause = 0
    keeps = False

    def web(self, status, length, body, pause_ms=0, split=b"", keeps=False):
        """Serve a page, with its length, in chunks, or (length "cut") with one that is too large.

        split: the body is sent up to these bytes and the rest pause_ms later, and so on. keeps:
        the connection is not closed.
        """
        self.asked = []
        self.pause = pause_ms / 1000
        self.keeps = keeps
        size = len(body) + (5 if length == "cut" else 0)
        body = in_chunks(body) if length == "chunked" else body
        fields = SIZES.get(length, SIZES["length"])
        if length == "none":
            fields = b""
        head = f"HTTP/1.1 {status}\r\n".encode() + (fields % size if b"%" in fields else fields)
        parts = body.split(split) if split else [body]
        self.pieces = [head + b"\r\n" + parts[0] + (split if len(parts) > 1 else b"")]
        for part in parts[1:-1]:
            self.pieces.append(part + split)
        if len(parts) > 1:
            self.pieces.append(parts[-1])
        self.world.route("web.example", 80, lambda: _Web(self, self.clock))
        self.world.route("web.example", 8080, lambda: _Web(self, self.clock))

    def web_mirror(self):
        """Have mirror.example answer with the path and the body of what is asked."""
        self.world.route("mirror.example", 80, _Mirror)

    def web_asked(self):
        """What the last request was, as bytes."""
        return self.asked[-1] if self.asked else b""
