"""Servers on loopback that misbehave, for tests of programs that connect to them."""

import contextlib
import socket
import ssl
import struct
import threading

from tests import HANG


@contextlib.contextmanager
def serving(answer):
    """Yield the address of a server that calls answer(socket) for each connection, until the block
    ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def one(sock):
        with contextlib.suppress(OSError, ValueError):
            answer(sock, stop)
        sock.close()

    def serve():
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(sock,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        stop.set()
        listener.close()


def says(data):
    """Send these bytes, and close when the client does."""

    def answer(sock, stop):
        sock.sendall(data)
        while sock.recv(1000):
            pass

    return answer


def silent(sock, stop):
    """Send nothing."""
    stop.wait()


def leaves(sock, stop):
    """Close at once."""
    sock.recv(1000)


def resets(sock, stop):
    """Reset the connection."""
    sock.recv(1000)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drips(sock, stop):
    """Send the beginning of a handshake, a byte now and then, without end."""
    sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")
    while not stop.wait(0.02):
        sock.sendall(b"\x00")


def floods(sock, stop):
    """Send a handshake without end."""
    while not stop.is_set():
        sock.sendall(b"\x16\x03\x03\x10\x00" + b"\x02\xff\xff\xff\x03\x03" + bytes(4090))


def tls(certificate, change):
    """Speak TLS with this trustme certificate, after change(context)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    change(context)
    certificate.configure_cert(context)

    def answer(sock, stop):
        sock.settimeout(HANG)
        with context.wrap_socket(sock, server_side=True) as secure:
            secure.recv(1000)

    return answer


def first_then(first, then):
    """Give the first connection one answer, and all others another."""
    answers = [first]

    def answer(sock, stop):
        (answers.pop() if answers else then)(sock, stop)

    return answer


@contextlib.contextmanager
def full():
    """Yield an address where a connection is neither refused nor accepted."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


def closed():
    """Return an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()
