"""Requests to the web server in the module, from this computer."""

import contextlib
import socket

from .experiment import Untried

_CONNECT_S = 10
_MARK = "spwf04probeboundary"


class Visit:
    """A request on its way. It is sent when this is made; read() takes in what has come.

    request: bytes. answer: what has come.
    """

    def __init__(self, bench, request):
        ip = bench.status("ip_ipaddr")
        self.answer = b""
        try:
            where = bench.around.towards(ip, 80)
            self._connection = socket.create_connection(where, _CONNECT_S)
            self._connection.sendall(request)
        except OSError as e:
            raise Untried(f"the module's web server cannot be reached: {e}") from None
        self._connection.setblocking(False)

    def read(self):
        """Take in what has come; True at the end of the answer."""
        while True:
            try:
                data = self._connection.recv(4096)
            except BlockingIOError:
                return False
            except OSError:
                return True
            if not data:
                return True
            self.answer += data

    @property
    def status(self):
        """The number in the answer's first line, None if there is none."""
        words = self.answer.split(b" ", 2)
        return int(words[1]) if len(words) > 2 and words[1].isdigit() else None

    def close(self):
        """Close the connection."""
        self._connection.close()


def get(path, more=""):
    """A request for a page. more: header fields."""
    return f"GET {path} HTTP/1.0\r\nHost: spwf04\r\n{more}\r\n".encode()


def form(path, fields):
    """A request that posts fields, [(name, value)]. They are not encoded."""
    body = "&".join(f"{name}={value}" for name, value in fields).encode()
    return _post(path, "application/x-www-form-urlencoded", body)


def upload(path, fields, file, data):
    """A request that posts fields, and then a file."""
    parts = [f'form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields]
    head = f'form-data; name="file"; filename="{file}"\r\nContent-Type: text/plain\r\n\r\n'
    parts.append(head.encode() + data)
    body = b"".join(
        b"--" + _MARK.encode() + b"\r\nContent-Disposition: " + part + b"\r\n" for part in parts
    )
    body += b"--" + _MARK.encode() + b"--\r\n"
    return _post(path, "multipart/form-data; boundary=" + _MARK, body)


def _post(path, kind, body):
    head = f"POST {path} HTTP/1.0\r\nHost: spwf04\r\nContent-Type: {kind}\r\n"
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def ask(bench, request, limit_s=15):
    """Send a request; return (what was Said until the end of the answer, the Visit)."""
    bench.line.drain()
    with visiting(bench, request) as visit:
        said = bench.line.until(lambda raw: visit.read(), limit_s, quiet_ms=200)
    if visit.status is None:
        raise Untried("the module's web server does not answer")
    return said, visit


@contextlib.contextmanager
def visiting(bench, request):
    """A Visit that is closed at the end of the block."""
    visit = Visit(bench, request)
    try:
        yield visit
    finally:
        visit.close()
