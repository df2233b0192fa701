"""The WebSocket client: WSOCKON and what follows it. [j, j.2]

Of the two flags of a piece of a message the first says that its frame is the last of the message,
the second that it ends its frame; 1: yes. Only the names of the two are known.
"""

from ..commands.net import client_kind, connect, listed, read, too_large
from ..commands.registry import command
from ..texts import is_number
from .frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    BadFrame,
    Frames,
    accepted,
    frame,
    new_key,
)
from .http import credentials, fields_of, host_field, secure_port, status_of

_WINDOW = 8192  # bytes that the module buffers; then TCP holds the server back. GUESS
_HEAD_MAX = 8192  # bytes of an answer to a handshake. GUESS
_PIECES = 64  # most that is read at once: a server may never stop
_PATIENCE = 10  # seconds for the answer to a handshake, or to a request. GUESS


class Channel:
    """A WebSocket over a link: frames in both directions, pings, the close.

    What becomes of its data a subclass says: took(data, end of frame, end of message), closed()
    when it has ended without the module's doing, reads. early: bytes behind the handshake.
    """

    kind = ""

    def __init__(self, module, link, early=b""):
        self.module = module
        self._frames = Frames()
        self._early = early
        self.link = link
        self.id = 0
        self.connected = True
        self.opened = False  # the host knows it
        self.leaving = False  # the module has closed it

    @property
    def reads(self):
        """True while it takes more from the server."""
        return self.connected

    def poll(self):
        """Read what has arrived."""
        for _ in range(_PIECES):
            if not (self.connected and self.reads):
                return
            data, self._early = self._early or self.link.receive(4096), b""
            if data is None:
                return
            if data == b"":
                self.lost(1006)
                return
            self._feed(data)

    def _feed(self, data):
        try:
            found = self._frames.feed(data)
        except BadFrame:
            self.send(CLOSE, (1002).to_bytes(2, "big"))
            self.lost(1002)
            return
        for opcode, part, end, last in found:
            if opcode == PING:
                self.send(PONG, part)
            elif opcode == CLOSE:
                if not self.leaving:
                    self.send(CLOSE, part[:2])
                self.lost(int.from_bytes(part[:2], "big") or 1005)
            elif opcode < CLOSE and not self.leaving:
                self.took(part, end, last)
            if not self.connected:
                return

    def took(self, data, end, last):
        """Do what becomes of data that have come."""
        raise NotImplementedError

    def send(self, opcode, data, last=True):
        """Send a frame; False if the connection is gone."""
        self.module.clock.on_traffic()  # the server may be about to answer
        return self.link.send(frame(opcode, data, last))

    def lost(self, reason):
        """The connection has ended: by the server, an error, or with the network."""
        if not self.connected:
            return
        self.connected = False
        self.link.close()
        if self.module.quirks.websocket_gone == "freed":
            self.module.connections.remove(self)
        if self.opened and not self.leaving:
            self.closed(f":{reason}" if self.module.quirks.websocket_reason else "")

    def closed(self, reason):
        """Announce the end."""
        raise NotImplementedError

    def leave(self, status):
        """Close it, and wait a second at most for the server to agree; a generator."""
        module = self.module
        self.leaving = True
        if self.connected:
            self.send(CLOSE, status.to_bytes(2, "big"))
            end = module.clock.now() + 1
            yield lambda: not self.connected or module.clock.now() > end
            self.link.close()
            self.connected = False
        module.connections.remove(self)

    def open(self):
        """Give it an id and tell the host, in the reply to the command that has opened it."""
        self.opened = True
        self.module.reply(f"AT-S.On:{self.module.connections.add(self)}")


class WebSocket(Channel):
    """A WebSocket of the host: its data wait in a buffer for WSOCKR."""

    kind = "w"

    def __init__(self, module, link, early, ip, port):
        super().__init__(module, link, early)
        self.ip = ip
        self.port = port
        self.buffer = bytearray()
        self._received = 0
        self._within = False  # the host has sent a part of a message

    @property
    def reads(self):
        """True while its buffer has room."""
        return self.connected and len(self.buffer) < _WINDOW

    def took(self, data, end, last):
        """Keep the data, and tell the host."""
        self.buffer += data
        self._received += len(data)
        if not data and not last:
            return
        waits = {"waiting": len(self.buffer), "total": self._received, "arrival": len(data)}
        flags = f"{int(last)}:{int(end)}"
        cumulated = waits[self.module.quirks.wind55_cumulated]
        self.module.wind(88, f"WebSocket Data:{self.id}:{flags}:{len(data)}:{cumulated}")

    def closed(self, reason):
        """Tell the host; what has come can still be read."""
        self.module.wind(89, f"WebSocket Closed:{self.id}{reason}")

    def write(self, data, binary, last):
        """Send a part of a message of the host; False if the connection is gone."""
        opcode = CONTINUATION if self._within else BINARY if binary else TEXT
        self._within = not last
        return self.send(opcode, data, last)


def open_channel(module, host, where, path, fields):
    """Connect and shake hands; a generator that returns (link, early bytes, ip, error number).

    where: (port, True for TLS). fields: further header fields, as text.
    """
    if module.wifi.ip is None:
        return None, b"", None, 44
    if module.connections.full:
        return None, b"", None, 75  # GUESS
    port, secure = where
    link, ip, error = yield from connect(module, host, port, client_kind(module, host, secure))
    if error:
        return None, b"", ip, error
    key = new_key()
    text = f"GET /{path.removeprefix('/')} HTTP/1.1\r\n" + host_field(host, port, secure)
    text += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    text += f"Sec-WebSocket-Key: {key}\r\n{fields}\r\n"
    link.send(text.encode("utf-8", "surrogateescape"))
    head, early = yield from _head_of(module, link)
    if not accepted(status_of(head), fields_of(head), key):
        link.close()
        return None, b"", ip, module.quirks.websocket_error
    return link, early, ip, None


def _head_of(module, link):
    """Collect the head of an answer; a generator that returns (head, what came behind it)."""
    answer = bytearray()
    end = module.clock.now() + _PATIENCE

    def ready():
        while (data := link.receive(4096)) is not None:
            answer.extend(data)
            if data == b"" or b"\r\n\r\n" in answer or len(answer) > _HEAD_MAX:
                return True
        return module.clock.now() > end

    yield from module.connections.wait(link, ready)
    head, end_of_head, early = bytes(answer).partition(b"\r\n\r\n")
    return (head, early) if end_of_head else (b"", b"")


def field(name, value):
    """Return a header field as text, "" without a value."""
    return f"{name}: {value}\r\n" if value else ""


# the commands ---------------------------------------------------------------------------------
@command("WSOCKON", 1, 9)
def wsockon(module, host, port, path, tls, user, password, origin, protocols, extensions):
    """Open a WebSocket; the answer has the id only."""
    where = secure_port(port, tls, 80, 443)
    if where is None:
        return 7
    fields = (
        credentials(user, password)
        + field("Origin", origin)
        + field("Sec-WebSocket-Protocol", protocols)
        + field("Sec-WebSocket-Extensions", extensions)
    )
    link, early, ip, error = yield from open_channel(module, host, where, path, fields)
    if error:
        return error
    WebSocket(module, link, early, ip, where[0]).open()
    return None


def _known(module, number):
    return module.connections.find(number, "w")


def _check_write(module, number, frame_flag, part_flag, binary, size):
    known = _known(module, number)
    if known is None:
        return 76
    if not {frame_flag, part_flag, binary} <= {"", "0", "1"}:
        return 7
    if is_number(size) and too_large(module, int(size)):
        return 91
    return None if known.connected else 78


@command("WSOCKW", 1, 5, data=4, check=_check_write)
def wsockw(module, number, frame_flag, part_flag, binary, size, data):
    """Send a message, or a part of one."""
    known = _known(module, number)
    if known is None:
        return 76
    more = "1" if module.quirks.websocket_last == "0" else "0"
    last = more not in (frame_flag, part_flag)
    return None if known.write(data, binary == "1", last) else 79


@command("WSOCKQ", 1, 1)
def wsockq(module, number):
    """Say how many bytes wait."""
    known = _known(module, number)
    if known is None:
        return 76
    module.reply(f"AT-S.Query:{len(known.buffer)}")
    return None


@command("WSOCKR", 1, 2)
def wsockr(module, number, size):
    """Read what has come, as SOCKR does; 0: all."""
    return read(module, _known(module, number), size)


@command("WSOCKC", 1, 2)
def wsockc(module, number, status):
    """Close; status 0 normal, 1 going away."""
    known = _known(module, number)
    if known is None:
        return 76
    codes = {"": 1000, "0": 1000, "1": 1001}
    if status not in codes:
        return 7
    if known.buffer and module.quirks.websocket_pending == "refused":
        return 77
    yield from known.leave(codes[status])
    return None


@command("WSOCKL")
def wsockl(module):
    """List the WebSockets as SOCKL does the sockets."""
    for known in module.connections.of_kind("w"):
        module.reply(f"AT-S.List::{known.id}" + listed(module, known))
