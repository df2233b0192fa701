"""The web server in the module: pages from its volumes, templates, forms. [j.1]"""

import email.utils
import io
import mimetypes
import socket
import urllib.parse
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, parse_headers

from ..parts.flash import APPLICATION, VOLUMES
from ..parts.links import TcpLink
from ..texts import is_number
from .ssi import render

_PORT = 80
_CONNECTIONS = 4
_IDLE = 30  # seconds that a connection is kept. GUESS
_MOST = 1 << 17  # bytes of a request. GUESS
_PIECE = 1460
_PIECES = 64  # most that is read at once: a browser may never stop
_BUILT = "Fri, 17 Nov 2017 00:00:00 GMT"  # of a page that came with the firmware. GUESS
_LONG, _NEVER = "Thu, 01 Jan 2100 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"
# Stock pages of this simulation. Those of a real module are others
_FORM = (
    b'<form method="POST"><input name="Key" type="password"><input name="Ssid">'
    b'<input name="Pwd" type="password"><input type="submit" name="Reboot" value="1"></form>'
)
_STOCK = {
    "index.html": b"<title>SPWF04S</title><a href=/status.fhtml>Status</a>",
    "status.fhtml": b"<p><!--|06|DevSts|build|--> <!--|06|DevSts|ip_ipaddr|-->",
    "config.fhtml": b"<p><!--|06|DevConf|nv_model|--> <!--|06|DevConf|user_desc|-->",
    "peers.fhtml": b"<p><!--|06|Peers|addr|0|--> <!--|06|Peers|rx_rssi|0|-->",
    "firstset.html": _FORM,
    "remote.html": _FORM,
    "input_demo.fhtml": b"<p><!--|06|Input|0|-->",
    "output_demo.html": b'<form method="POST"><input name="Output" maxlength="40"></form>',
}


@dataclass
class Request:
    """A request of a browser. path: without its query. size: its bytes on the line."""

    method: str
    path: str
    version: str
    headers: object
    body: bytes
    size: int


class Malformed(Exception):
    """The bytes are no request."""


def request(data):
    """Return the Request at the beginning of data, None if it is not complete yet. Raises
    Malformed."""
    head, end, rest = bytes(data).partition(b"\r\n\r\n")
    if not end:
        return None
    line, _, fields = head.partition(b"\r\n")
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed
    try:
        headers = parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
        if headers.get("Transfer-Encoding", "").lower() == "chunked":
            body, used = _dechunked(rest)
        else:
            length = headers.get("Content-Length", "0").strip()
            if not is_number(length):
                raise Malformed
            used = int(length)
            body = rest[:used]
        path = urllib.parse.unquote(urllib.parse.urlsplit(words[1]).path)
    except (HTTPException, ValueError):
        raise Malformed from None
    if body is None or len(rest) < used:
        return None
    return Request(words[0], path, words[2], headers, body, len(head) + 4 + used)


def _dechunked(data):
    """(body, bytes used) of a chunked body; (None, 0) if it is not complete."""
    body, at = b"", 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None, 0
        size = int(data[at:end].partition(b";")[0], 16)
        if size < 0:
            raise ValueError
        at = end + 2 + size + 2
        if len(data) < at:
            return None, 0
        if size == 0:
            return body, at
        body += data[end + 2 : at - 2]


def find_page(flash, path):
    """Return (place of the file or None, its content or None) for a path."""
    name = path.lstrip("/") or "index.html"
    for volume in (APPLICATION, *VOLUMES):
        there = volume in flash.mounted or (volume == APPLICATION and flash.masked)
        if there and (volume, name) in flash.files:
            return (volume, name), bytes(flash.files[volume, name])
    return None, _STOCK.get(name)


class WebServer:
    """A web server with four connections; a fifth waits. address: where it really is."""

    def __init__(self, module):
        self._module = module
        self._listener = socket.create_server(module.world.place(_PORT))
        self._listener.setblocking(False)
        self.address = self._listener.getsockname()
        self._connections = []

    def poll(self):
        """Accept browsers, and answer them."""
        if len(self._connections) < _CONNECTIONS:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                pass
            else:
                self._connections.append(_Connection(self._module, TcpLink.accepted(sock)))
        for connection in list(self._connections):
            connection.poll()
            if connection.over:
                connection.close()
                self._connections.remove(connection)

    def close(self):
        """Stop: all connections end."""
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def filenos(self):
        """Return the file descriptors of browsers."""
        return [connection.link.fileno() for connection in self._connections]

    def fileno(self):
        """Return the file descriptor of the listening socket."""
        return self._listener.fileno()


class _Connection:
    """A browser's connection: one request after the other."""

    def __init__(self, module, link):
        self._module = module
        self.link = link
        self.over = False
        self._input = bytearray()
        self._work = None  # the generator that answers a request
        self._waits_for = None  # a function, when the generator waits for something
        self._ended = False  # the browser sends nothing more
        self._reads = None  # place of the file that is being sent
        self._until = module.clock.now() + _IDLE

    def close(self):
        """End the connection."""
        self.over = True
        self._done_reading()
        self.link.close()

    def poll(self):
        """Take in what has come, and go on."""
        for _ in range(0 if self.over else _PIECES):
            data = None if self._ended else self.link.receive(4096)
            if data is None:
                break
            self._ended = data == b""
            self._input += data
            self._until = self._module.clock.now() + _IDLE
        if self.over:
            return
        if self._work is None:
            self._begin()
        elif self._waits_for is not None and self._waits_for():
            self._go_on()

    def _begin(self):
        try:
            asked = request(self._input)
        except Malformed:
            self._head(HTTPStatus.BAD_REQUEST, {"Content-Length": "0"})
            self.over = True
            return
        if asked is not None:
            del self._input[: asked.size]
            self._work = self._answer(asked)
            self._go_on()
        elif self._ended or len(self._input) > _MOST or self._module.clock.now() > self._until:
            self.over = True

    def _go_on(self):
        if self._work is None or self.over:
            return
        self._waits_for = None
        try:
            wait = next(self._work)
        except StopIteration as stop:
            self._work = None
            self._until = self._module.clock.now() + _IDLE
            self.over = not stop.value
            return
        if callable(wait):
            self._waits_for = wait
        else:
            self._module.after(wait, self._go_on)

    # the answer ------------------------------------------------------------------------------
    def _answer(self, asked):
        """Answer a request; a generator that returns whether the connection is kept."""
        newer = asked.version != "HTTP/1.0"
        words = asked.headers.get("Connection", "").lower()
        keep = words != "close" if newer else words == "keep-alive"
        if asked.method == "OPTIONS" and newer:
            self._head(HTTPStatus.OK, {"Allow": "GET, POST, OPTIONS", "Content-Length": "0"})
            return keep
        if asked.method not in ("GET", "POST"):
            self._head(HTTPStatus.NOT_IMPLEMENTED, {"Content-Length": "0"})
            return keep
        if asked.method == "POST":
            kind = asked.headers.get("Content-Type", "")
            yield from self._module.daemons.remote.take(kind, asked.body)
        return (yield from self._page(asked, keep))

    def _page(self, asked, keep):
        flash = self._module.flash
        place, content = find_page(flash, asked.path)
        template = asked.path.endswith(".fhtml")
        fields = {"Connection": "keep-alive" if keep else "close"}
        if "gzip" in asked.headers.get("Accept-Encoding", "") and not template:
            head, dot, ending = asked.path.rpartition(".")
            packed = find_page(flash, f"{head}.gz.{ending}") if dot else (None, None)
            if packed[1] is not None:
                (place, content), fields["Content-Encoding"] = packed, "gzip"
        if content is None:
            self._missing(asked.path, fields)
            return keep
        kind = "text/html" if template else mimetypes.guess_type(asked.path)[0]
        fields["Content-Type"] = kind = kind or "application/octet-stream"
        fields["Expires"] = _LONG if kind.startswith("image/") or "css" in kind else _NEVER
        if template:
            self._head(HTTPStatus.OK, {**fields, **_coding(asked)})
            content = yield from render(self._module, content)
            yield from self._send(_coded(asked, content), None)
            return keep and asked.version != "HTTP/1.0"
        changed = self._changed(place)
        if asked.method == "GET" and not _newer(changed, asked.headers.get("If-Modified-Since")):
            self._head(HTTPStatus.NOT_MODIFIED, fields)
            return keep
        self._head(
            HTTPStatus.OK,
            {**fields, "Last-Modified": changed, "Content-Length": str(len(content))},
        )
        yield from self._send(content, place)
        return keep

    def _missing(self, path, fields):
        """Answer for a page that is not there. Only an icon may be missing. An access point leads
        its stations to the page of ip_apredirect."""
        variables = self._module.variables
        fields["Content-Length"] = "0"
        status = HTTPStatus.NOT_FOUND
        if path.rpartition("/")[2] == "favicon.ico":
            status = HTTPStatus.OK
        elif variables["wifi_mode"] == "3" and path.lstrip("/") != variables["ip_apredirect"]:
            status = HTTPStatus.FOUND
            where = variables["ip_apdomainname"], variables["ip_apredirect"]
            fields["Location"] = "http://{}/{}".format(*where)
        self._head(status, fields)

    def _head(self, status, fields):
        lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        self.link.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))

    def _send(self, content, place):
        """Send a body piece by piece; its file is open meanwhile."""
        if place is not None:
            self._reads = place
            self._module.flash.opened.append(place)
        for at in range(0, len(content), _PIECE):
            yield self._module.timing.page
            self.link.send(content[at : at + _PIECE])
        self._done_reading()

    def _done_reading(self):
        opened = self._module.flash.opened
        if self._reads in opened:
            opened.remove(self._reads)
        self._reads = None

    def _changed(self, place):
        when = self._module.flash.changed.get(place)
        return _BUILT if when is None else email.utils.formatdate(when, usegmt=True)


def _newer(changed, since):
    """True unless a file is as old as the browser's copy. Both: dates as HTTP has them."""
    try:
        then = email.utils.parsedate_to_datetime(since)
    except (TypeError, ValueError, OverflowError):
        return True
    try:
        return email.utils.parsedate_to_datetime(changed) > then
    except TypeError:  # the browser's date has no time zone
        return True


def _coding(asked):
    return {} if asked.version == "HTTP/1.0" else {"Transfer-Encoding": "chunked"}


def _coded(asked, content):
    """The body of a template's page, whose length is not known when its head is sent."""
    if asked.version == "HTTP/1.0":
        return content
    chunk = b"%x\r\n%b\r\n" % (len(content), content) if content else b""
    return chunk + b"0\r\n\r\n"
