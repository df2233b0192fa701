"""The HTTP client: HTTPGET and HTTPPOST. [j, j.1]

A page goes to the host while it comes, no faster than the line carries it, as the module has no
room for a whole one.
"""

import base64
from dataclasses import dataclass

from ..commands.files import default_volume
from ..commands.net import client_kind, connect
from ..commands.registry import command
from ..parts.flash import RAM, USER
from ..texts import is_number, is_port

_HEAD_MAX = 8192  # bytes of an answer's head. GUESS
_PAGE_MAX = 1 << 21  # bytes of a page that the module keeps as a whole. GUESS


def secure_port(port, tls, plain, secure):
    """Return (port, True for TLS) of two arguments, or None if they are no such.

    plain, secure: the ports that an empty argument stands for.
    """
    if tls not in ("", "0", "1", "2") or (port and not is_port(port)):
        return None
    encrypted = tls in ("1", "2")
    number = int(port) if port else secure if encrypted else plain
    return (number, encrypted) if 0 < number < 65536 else None


def credentials(user, password):
    """Return the header field of HTTP's basic authentication as text; "" without a user."""
    if not user:
        return ""
    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return f"Authorization: Basic {base64.b64encode(pair).decode()}\r\n"


def host_field(host, port, secure):
    """Return the header field Host as text. The port is in it unless it is the usual one."""
    usual = port == (443 if secure else 80)
    return f"Host: {host}\r\n" if usual else f"Host: {host}:{port}\r\n"


# files of the module --------------------------------------------------------------------------
class LocalFile:
    """A file on the module into which a client writes.

    error: the module's error number, None while the file can be written.
    """

    # GUESS: the file is made, and an old one lost, before anything has come

    def __init__(self, module, name, append=False):
        self._flash = module.flash
        self._full = module.quirks.client_file_full
        self._key = module.flash.locate(name, default_volume(module))
        self.error = 7 if self._key is None else None
        if self._key is None:
            return
        if self._key[0] == USER and module.quirks.user_flash != "written":
            self.error = {"refused": 51, "unmounted": 29}.get(module.quirks.user_flash)
            self._key = RAM, self._key[1]  # in the reading "ram"
        elif self._key[0] not in module.flash.mounted:
            self.error = 29
        if self.error is None:
            known = self._flash.files.get(self._key, b"") if append else b""
            self._flash.files[self._key] = bytearray(known)
            self._flash.wrote(self._key[0])

    def write(self, data):
        """Write what fits. If that is not all, error is set."""
        room = self._flash.free(self._key[0])
        self._flash.files[self._key] += data[:room]
        if room < len(data):
            self.error = self._full


def contents(module, name):
    """Return the bytes of a file of the module, None if there is none on a mounted volume."""
    flash = module.flash
    key = flash.find(name, default_volume(module))
    return bytes(flash.files[key]) if key in flash.files and key[0] in flash.mounted else None


# a request and its answer ---------------------------------------------------------------------
@dataclass
class Request:
    """What is asked of a web server. body: bytes, None for none. kind: of the body."""

    method: str
    host: str
    path: str
    port: int
    secure: bool
    user: str = ""
    password: str = ""
    body: "bytes | None" = None
    kind: str = ""

    def head(self, quirks):
        """Return its bytes before the body."""
        text = f"{self.method} /{self.path.removeprefix('/')} HTTP/{quirks.http_version}\r\n"
        text += host_field(self.host, self.port, self.secure)
        text += credentials(self.user, self.password)
        if quirks.http_end == "close":
            text += "Connection: close\r\n"
        if self.body is not None:
            if self.kind:
                text += f"Content-Type: {self.kind}\r\n"
            text += f"Content-Length: {len(self.body)}\r\n"
        return (text + "\r\n").encode("utf-8", "surrogateescape")


class Answer:
    """An answer as it comes. head: bytes of its head, b"" until it is whole. error: a number, None
    if all went well."""

    def __init__(self, by_length):
        """by_length: Content-Length tells where the body ends."""
        self._by_length = by_length
        self._waiting = bytearray()
        self._left = None  # bytes of the body that are to come; None: until the end
        self.head = b""
        self.error: "int | None" = None

    @property
    def short(self):
        """How many bytes of the body are missing that the head has promised."""
        return self._left or 0

    @property
    def whole(self):
        """True if nothing more is to come."""
        return self._left == 0

    def feed(self, data):
        """Take bytes; return those of the body."""
        if not self.head:
            self._waiting += data
            head, end, data = bytes(self._waiting).partition(b"\r\n\r\n")
            if not end:
                return b""
            self.head = head
            self._left = self._length() if self._by_length else None
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        return data

    @property
    def endless_head(self):
        """True if it is no answer of a web server."""
        return not self.head and len(self._waiting) > _HEAD_MAX

    def _length(self):
        if status_of(self.head) in (204, 304):
            return 0
        fields = fields_of(self.head)
        size = fields.get(b"content-length", b"")
        return int(size) if is_number(size) and b"transfer-encoding" not in fields else None


def exchange(module, request, begin, take):
    """Send a request and read the answer; a generator that returns an Answer.

    begin(head) is called when the head is whole, and returns an error number or None. take(bytes)
    gets the body; take(b"") returns how many bytes of it can come now, None for no more at all.
    """
    quirks = module.quirks
    answer = Answer(quirks.http_end == "length")
    kind = client_kind(module, request.host, request.secure)
    link, ip, error = yield from connect(module, request.host, request.port, kind)
    if error:
        if ip is not None:  # its name was found
            refused = not request.secure or module.world.target(ip, request.port) is None
            module.reply(f"AT-S.Http Client Error:{1 if refused else 2}")
            error = 111
        answer.error = error
        return answer
    link.send(request.head(quirks) + (request.body or b""))
    reading = _Reading(module, link, answer, begin, take)
    yield from module.connections.wait(link, reading)
    link.close()
    return answer


class _Reading:
    """Reads an answer; as a function it says whether that has ended."""

    def __init__(self, module, link, answer, begin, take):
        self._module = module
        self._link = link
        self._answer = answer
        self._begin = begin
        self._take = take
        self._more_time()

    def _more_time(self):
        self._end = self._module.clock.now() + self._module.quirks.http_timeout

    def __call__(self):
        answer = self._answer
        while self._module.wifi.ip is not None:
            room = self._take(b"")
            if room is None:
                return True
            if not room:
                self._more_time()
                return False
            data = self._link.receive(room)
            if data is None:
                return self._module.clock.now() > self._end
            if data == b"":
                return True
            self._more_time()
            self._feed(data)
            if answer.error is not None or answer.whole or answer.endless_head:
                return True
        answer.error = 111
        return True

    def _feed(self, data):
        answer = self._answer
        had_head = bool(answer.head)
        body = answer.feed(data)
        if answer.head and not had_head:
            answer.error = self._begin(answer.head)
        if body and answer.error is None:
            self._take(body)


def fetch(module, host, path, port, tls, user, password, begin=lambda head: None):
    """Get a page as a whole; a generator that returns (head, body, error number or None). No more
    is read of one that is too long. begin: as exchange() has it."""
    where = secure_port(port, tls, 80, 443)
    if where is None:
        return b"", b"", 7
    body = bytearray()

    def take(data):
        body.extend(data)
        return None if len(body) > _PAGE_MAX else 4096

    request = Request("GET", host, path, *where, user, password)
    answer = yield from exchange(module, request, begin, take)
    return answer.head, bytes(body), answer.error


def status_of(head):
    """Return the status of an answer, 0 if it is not HTTP."""
    words = head.partition(b"\r\n")[0].split(b" ")
    status = words[1] if head.startswith(b"HTTP/") and len(words) > 1 else b""
    return int(status) if is_number(status) else 0


def fields_of(head):
    """Return the fields of an answer's head, {name in lower case: value}, all bytes."""
    found = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found[name.strip().lower()] = value.strip()
    return found


def show_status(module, head):
    """Send the lines about a server's answer; return its status code, 0 if it is not HTTP."""
    status = status_of(head)
    if not status:
        module.reply("AT-S.Http Client Error:2")
        return 0
    module.reply(f"AT-S.Http Server Status Code:{status}")
    if status >= 400:
        module.reply(f"AT-S.Http Server Error:{status}")
    return status


# the commands ---------------------------------------------------------------------------------
@command("HTTPGET", 1, 8)
def httpget(module, *arguments):
    """Get a page: the status line, then the body as it comes, with its chunk sizes. [T2]"""
    return (yield from _page(module, "GET", *arguments))


@command("HTTPPOST", 1, 8)
def httppost(module, *arguments):
    """Send a file to a web server, and show its answer as HTTPGET does. [j.1]"""
    return (yield from _page(module, "POST", *arguments))


def _page(module, method, host, path, port, tls, user, password, down, up):
    where = secure_port(port, tls, 80, 443)
    if where is None:
        return 7
    if module.wifi.ip is None:
        return 44
    if module.connections.http_busy:
        return 81
    body = b"" if method == "POST" else None
    if up:
        body = contents(module, up)
        if body is None:
            return 51
    file = None
    if down:
        file = LocalFile(module, down, module.quirks.http_answer_file == "appended")
        if file.error is not None:
            return file.error
    kind = _kind(module.quirks.http_content_type, up) if body else ""
    request = Request(method, host, path, *where, user, password, body, kind)
    return (yield from _show(module, request, file))


def _show(module, request, file):
    """Carry out a request, and send the answer to the host or to a LocalFile."""

    def begin(head):
        if not show_status(module, head):
            return 111
        if file is not None and module.quirks.http_file_holds == "answer":
            file.write(head + b"\r\n\r\n")
            return file.error
        return None

    def take(data):
        if file is None:
            if data:
                module.payload(data)
            return module.connections.room()
        file.write(data)
        return None if file.error is not None else 4096

    answer = yield from exchange(module, request, begin, take)
    if file is not None and file.error is not None:
        return file.error
    if answer.error is not None:
        return answer.error
    if not answer.head:
        module.reply("AT-S.Http Client Error:2")
        return 111
    if answer.short and module.quirks.http_cut == "error":
        return 111
    failed = status_of(answer.head) >= 400 and module.quirks.http_refused == "error"
    return 111 if failed else None


def _kind(reading, name):
    """Return the content type of a file, "" for none."""
    if reading == "name":
        end = name.rpartition(".")[2].lower()
        known = {"json": "application/json", "txt": "text/plain", "xml": "text/xml"}
        return known.get(end, "application/octet-stream")
    return "application/x-www-form-urlencoded" if reading == "form" else ""
