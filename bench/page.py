"""One page of 500 bytes: over TLS, bare, and through adafruit_requests."""

import datetime
import socket
import ssl
import threading
import time

import trustme

from bench import line
from spwf04 import SSLContext

HOST = "www.example"


class Server(threading.Thread):
    """An HTTPS server on loopback that answers each request with line.PAGE."""

    def __init__(self):
        super().__init__(daemon=True)
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.ca = authority.cert_pem.bytes()
        yesterday = datetime.datetime.now() - datetime.timedelta(days=1)
        issued = authority.issue_cert(
            HOST, common_name=HOST, not_before=yesterday, key_type=trustme.KeyType.ECDSA
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self.start()

    def run(self):
        while True:
            plain, _ = self._listener.accept()
            try:
                self._serve(self._context.wrap_socket(plain, server_side=True))
            except OSError:  # the client has gone
                plain.close()

    def _serve(self, sock):
        request = b""
        while data := sock.recv(1000):
            request += data
            if request.endswith(b"\r\n\r\n"):
                request = b""
                sock.sendall(line.PAGE)


def _fetch(sock, address):
    """Open, write, read until the page is there, close; return (moment of the first byte, seconds
    waited until then)."""
    buffer = bytearray(len(line.PAGE))
    sock.connect(address)
    sock.send(line.REQUEST)
    got = sock.recv_into(buffer)
    clock = sock.channel.clock
    first = clock.now(), clock.waited
    while got < len(line.PAGE):
        got += sock.recv_into(buffer)
    sock.close()
    return first


def https(baud=115200, turnaround=3):
    """Do a GET over verified TLS with our driver, joined and with the CA installed.

    The server is real, so its times mean nothing.
    """
    server = Server()
    stage = line.Stage(baud, turnaround, [(HOST, 443, server.address)])
    stage.world.ntp = int(time.time())
    pool = stage.driver()
    pool.radio.ntp()
    pool.radio.certs.install(server.ca)
    context = SSLContext()

    def work():
        sock = context.wrap_socket(pool.socket(), server_hostname=HOST)
        _fetch(sock, (HOST, 443))
        return line.BODY

    return stage.measured(work)


def http(baud=115200, turnaround=3):
    """Do a GET without TLS with our driver."""
    stage = line.Stage(baud, turnaround)
    pool = stage.driver()

    def work():
        _fetch(pool.socket(), ("web.example", 80))
        return line.BODY

    return stage.measured(work)


def first_byte(baud=115200, turnaround=3):
    """Return (seconds from joining to the first byte of a page without TLS, how many of them were
    waited, seconds that joining itself waited)."""
    stage = line.Stage(baud, turnaround)
    pool = stage.driver()
    joined, waited = stage.clock.now(), stage.clock.waited
    first = _fetch(pool.socket(), ("web.example", 80))
    return first[0] - joined, first[1] - waited, waited


def requests(baud=115200, turnaround=3):
    """Get the page by adafruit_requests."""
    import adafruit_connection_manager
    import adafruit_requests

    stage = line.Stage(baud, turnaround)
    pool = stage.driver()

    def work():
        with adafruit_requests.Session(pool, None).get("http://web.example/") as response:
            assert len(response.content) == line.BODY
        adafruit_connection_manager.connection_manager_close_all(pool)
        return line.BODY

    return stage.measured(work)
