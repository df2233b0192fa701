"""Web, mail and TFTP servers on this computer, which note what they are asked."""

import contextlib
import queue
import socket
import threading

from . import servers

_HEAD_MAX = 16384


def request_of(connection):
    """Read a request; return (its head as text, its body)."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _HEAD_MAX and (piece := connection.recv(4096)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode("latin-1")
    size = int(field(text, "Content-Length") or 0)
    while len(body) < size and (piece := connection.recv(4096)):
        body += piece
    return text, body


def field(head, name):
    """The value of a field of a head as text; None without it."""
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.strip().lower() == name.lower():
            return value.strip()
    return None


def page(body, status="200 OK", length=None):
    """An answer. length: what it says of its length; None: the truth."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + body


def hold(connection):
    """Wait until the client closes."""
    while connection.recv(4096):
        pass


@contextlib.contextmanager
def website(bench, answers):
    """A web server; yields (its port, a list of the heads of the requests).

    answers: {path: (bytes, whether it then waits for the client to close)}.
    """
    heads = []

    def serve(connection):
        head, _ = request_of(connection)
        heads.append(head)
        path = (head.split(" ") + [""])[1]
        answer, kept = answers.get(path, (page(b"", "404 Not Found"), False))
        connection.sendall(answer)
        if kept:
            hold(connection)

    with servers.tcp(bench, serve) as port:
        yield port, heads


@contextlib.contextmanager
def halting(bench, body):
    """A web server that sends half of a page; yields (its port, a function that sends so many
    bytes more, and returns how many are left). Behind the last it closes."""
    left = bytearray(body[len(body) // 2 :])
    arrived = queue.Queue()
    over = threading.Event()

    def serve(connection):
        request_of(connection)
        connection.sendall(page(body)[: -len(left)])
        arrived.put(connection)
        over.wait(600)

    def more(size):
        if left and not arrived.empty():
            connection = arrived.queue[0]
            connection.sendall(left[:size])
            del left[:size]
            if not left:
                connection.shutdown(socket.SHUT_WR)
        return len(left)

    with servers.tcp(bench, serve, limit_s=600) as port:
        try:
            yield port, more
        finally:
            over.set()


@contextlib.contextmanager
def mail(bench):
    """A mail server that takes all; yields (its port, a list of the lines it gets)."""
    lines = []

    def serve(connection):
        with connection.makefile("rb") as received:
            connection.sendall(b"220 probe\r\n")
            within = ""
            for line in received:
                text = line.decode("latin-1").strip()
                lines.append(text)
                answer, within = _mail_answer(text, within)
                connection.sendall(answer)

    with servers.tcp(bench, serve) as port:
        yield port, lines


def _mail_answer(text, within):
    """(the answer to a line, within what the next one is)."""
    if within == "data":
        return (b"250 OK\r\n", "") if text == "." else (b"", within)
    if within == "user":
        return b"334 UGFzc3dvcmQ6\r\n", "password"
    if within == "password":
        return b"235 OK\r\n", ""
    words = text.upper().split() + [""]
    if words[0] == "EHLO":
        return b"250-probe\r\n250 AUTH LOGIN PLAIN\r\n", ""
    if words[0] == "AUTH":
        if len(words) > 3:
            return b"235 OK\r\n", ""
        return b"334 VXNlcm5hbWU6\r\n", "user" if words[1] == "LOGIN" else "password"
    if words[0] == "DATA":
        return b"354 go on\r\n", "data"
    return (b"221 bye\r\n" if words[0] == "QUIT" else b"250 OK\r\n"), ""


@contextlib.contextmanager
def tftp(bench, data):
    """A TFTP server that gives data, of less than 512 bytes, whatever file is asked for; yields
    its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("", 0))
        port = listener.getsockname()[1]
        bench.around.reach(port, "u")
        threading.Thread(target=_give, args=(listener, data), daemon=True).start()
        yield port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"end", ("127.0.0.1", port))


def _give(listener, data):
    # From the port that was asked: a firewall knows it already
    with contextlib.suppress(OSError):
        while (packet := listener.recvfrom(600))[0] != b"end":
            if packet[0][:2] == b"\0\1":
                listener.sendto(b"\0\3\0\1" + data, packet[1])
