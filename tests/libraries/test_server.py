"""adafruit_httpserver: the module's server sockets, with curl and a client like a browser."""

import importlib
import subprocess
import sys
import threading
import urllib.request

import adafruit_httpserver
import pytest

from spwf04 import Bundle, install, uninstall
from tests import HANG
from tests.shims.daemons import need, write_pem
from tests.shims.servers import pattern, servers

from .desk import desk as desk

HTTPSERVER = "adafruit-circuitpython-httpserver"
PORT = 8080


@pytest.fixture
def secure(desk):
    """adafruit_httpserver as it is where `import ssl` gives our ssl."""

    def forget():
        for name in [n for n in sys.modules if n.split(".")[0] == "adafruit_httpserver"]:
            del sys.modules[name]

    install(desk.radio, ("ssl",), roots=Bundle(desk.controller.bundle()))
    forget()
    try:
        yield importlib.import_module("adafruit_httpserver")
    finally:
        uninstall()
        forget()


def serve(desk, library, server, function):
    """Run function in a thread while the server is polled; return what it returns."""
    result = []
    server.start("0.0.0.0", PORT)
    address = desk.world.listening[PORT]
    thread = threading.Thread(target=lambda: result.append(function(*address)), daemon=True)
    thread.start()
    while thread.is_alive():
        server.poll()
    for _ in range(20):
        server.poll()
    server.stop()
    return result[0]


def pages(library, server):
    @server.route("/")
    def page(request):
        return library.Response(request, "a page from the module")

    @server.route("/large")
    def large(request):
        def body():
            yield from ("0123456789" * 100 for _ in range(20))

        return library.ChunkedResponse(request, body)

    @server.route("/sum", library.POST)
    def total(request):
        return library.Response(request, str(sum(request.body)))


def curl(*arguments):
    done = subprocess.run(
        [need("curl"), "-sS", "--max-time", str(HANG), *arguments], capture_output=True, check=True
    )
    return done.stdout


def test_pages_for_curl(desk, tmp_path):
    server = adafruit_httpserver.Server(desk.pool)
    pages(adafruit_httpserver, server)
    data = pattern(3000)
    file = tmp_path / "data"
    file.write_bytes(data)

    def visit(host, port):
        base = f"http://{host}:{port}"
        return (
            curl(base + "/"),
            curl(base + "/large"),
            curl("-H", "Expect:", "--data-binary", f"@{file}", base + "/sum"),
        )

    got = serve(desk, adafruit_httpserver, server, visit)
    assert got == (b"a page from the module", b"0123456789" * 2000, str(sum(data)).encode())
    assert desk.radio.channel.wait(lambda: desk.controller.open_servers() == 0, 5000)
    desk.record(HTTPSERVER, "plain", "pages, a chunked one of 20 KB, a POST of 3 KB, for curl")


def test_a_page_for_a_browser(desk):
    server = adafruit_httpserver.Server(desk.pool)
    library = adafruit_httpserver

    @server.route("/")
    def page(request):
        text = "<body><script src=script.js></script></body>"
        return library.Response(request, text, content_type="text/html")

    @server.route("/script.js")
    def script(request):
        text = "document.body.append('a page ' + 'from the module')"
        return library.Response(request, text, content_type="text/javascript")

    def visit(host, port):
        command = ["--no-sandbox", "--dump-dom", f"http://{host}:{port}/"]
        program = need("chromium-headless-shell")
        done = subprocess.run([program, *command], capture_output=True, timeout=HANG, check=False)
        return done.stdout

    assert b"a page from the module" in serve(desk, library, server, visit)
    desk.record(HTTPSERVER, "plain", "a page with a script for Chromium")


def test_several_visitors_at_once(desk):
    server = adafruit_httpserver.Server(desk.pool)
    pages(adafruit_httpserver, server)

    def visit(host, port):
        got = []

        def one():
            got.append(urllib.request.urlopen(f"http://{host}:{port}/", timeout=HANG).read())

        threads = [threading.Thread(target=one) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return got

    assert serve(desk, adafruit_httpserver, server, visit) == [b"a page from the module"] * 5
    desk.record(HTTPSERVER, "plain", "five visitors at once")


def test_pages_over_tls(desk, secure, tmp_path):
    leaf = servers().leaf
    chain = [leaf.cert_chain_pems[0].bytes()]
    certificate, key = write_pem(tmp_path, "server", chain, leaf.private_key_pem.bytes())
    ca, _ = write_pem(tmp_path, "ca", [servers().ca.cert_pem.bytes()])
    server = secure.Server(desk.pool, https=True, certfile=certificate, keyfile=key)
    pages(secure, server)

    def visit(host, port):
        where = f"www.example.com:{port}"
        return curl("--cacert", ca, "--resolve", f"{where}:{host}", f"https://{where}/")

    assert serve(desk, secure, server, visit) == b"a page from the module"
    desk.record(HTTPSERVER, "TLS", "a page for curl, which verifies it")


def test_a_websocket(desk):
    library = adafruit_httpserver
    server = library.Server(desk.pool)
    sockets, visitors = [], []

    @server.route("/ws")
    def connect(request):
        sockets.append(library.Websocket(request))
        return sockets[-1]

    def visit(host, port):
        import base64
        import os
        import socket

        sock = socket.create_connection((host, port), HANG)
        visitors.append(sock)  # stays until the end: a receive() after a close raises
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall(
            f"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(1)
        text = b"hello"
        sock.sendall(bytes((0x81, 0x80 | len(text))) + bytes(4) + text)  # masked with zeros
        frame = b""
        while len(frame) < 2 + 5:
            frame += sock.recv(100)
        return head[:12], frame[2:]

    original = server.poll

    def poll():
        original()
        for ws in sockets:
            message = ws.receive() if not ws.closed else None
            if message is not None:
                ws.send_message(message.upper())

    server.poll = poll
    assert serve(desk, library, server, visit) == (b"HTTP/1.1 101", b"HELLO")
    for sock in sockets + visitors:
        sock.close()
    assert desk.radio.channel.wait(lambda: desk.controller.open_servers() == 0, 5000)
    desk.record(HTTPSERVER, "plain", "a WebSocket")
