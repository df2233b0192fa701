"""adafruit_requests over adafruit_connection_manager."""

import hashlib
import ssl
import sys
import threading
import time

import adafruit_requests
import pytest
from adafruit_connection_manager import (
    connection_manager_close_all,
    create_fake_ssl_context,
    get_radio_socketpool,
    get_radio_ssl_context,
)

from spwf04 import Bundle, install, uninstall
from spwf04_sim import Peer
from tests.shims.servers import PAGE, pattern

from .desk import commands
from .desk import desk as desk
from .desk import site as site
from .site import HOST, MEGABYTE, pattern_text

REQUESTS = "adafruit-circuitpython-requests"
ERRORS = (OSError, RuntimeError, adafruit_requests.OutOfRetries)
LINKS = pytest.mark.parametrize("link", ["plain", "TLS"])


@pytest.fixture
def session(desk, site):
    desk.trust()
    yield adafruit_requests.Session(desk.pool, desk.context)
    connection_manager_close_all(desk.pool)
    assert desk.open_sockets == 0


def url(link, path):
    return ("http://" if link == "plain" else "https://") + HOST + path


@LINKS
def test_a_get_is_four_commands(desk, session, link):
    def get():
        with session.get(url(link, "/page.html"), headers={"Connection": "close"}) as response:
            assert response.status_code == 200
            assert response.content == PAGE
        connection_manager_close_all(desk.pool)

    get()  # after this nothing is left that is done only once
    before = len(desk.controller.log())
    taken = desk.counted(get)
    names = [c.split("=")[0] for c in desk.controller.log()[before:]]
    assert names == ["AT+S.SOCKON", "AT+S.SOCKW", "AT+S.SOCKR", "AT+S.SOCKC"]
    desk.record(REQUESTS, link, "GET of a page: open, write, read, close", commands(taken))


@LINKS
def test_the_next_get_on_a_kept_connection(desk, session, link):
    def get():
        with session.get(url(link, "/page.html")) as response:
            assert response.content == PAGE

    get()
    assert desk.counted(get) == 2  # a write and a read
    desk.record(REQUESTS, link, "the next GET on that connection", commands(2))


@LINKS
def test_a_body_of_a_megabyte(desk, session, link):
    digest = hashlib.sha256()
    with session.get(url(link, "/megabyte")) as response:
        for part in response.iter_content(4096):
            digest.update(part)
    assert digest.digest() == hashlib.sha256(pattern(MEGABYTE)).digest()
    desk.record(REQUESTS, link, "a body of 1 MB")


@LINKS
def test_a_chunked_body(desk, session, link):
    with session.get(url(link, "/chunked.html")) as response:
        assert response.headers["transfer-encoding"] == "chunked"
        assert response.content == pattern_text(3000)
    desk.record(REQUESTS, link, "a chunked body")


@LINKS
def test_a_redirection(desk, session, link):
    with session.get(url(link, "/redirect")) as response:
        assert response.content == PAGE
    desk.record(REQUESTS, link, "a redirection")


@LINKS
@pytest.mark.parametrize("size", [2, 20000])
def test_a_post(desk, session, link, size):
    data = pattern(size)

    def post():
        with session.post(url(link, "/app/"), data=data) as response:
            assert response.json() == {
                "length": size,
                "sha256": hashlib.sha256(data).hexdigest(),
            }

    post()
    before = len(desk.controller.log())
    post()
    writes = len([c for c in desk.controller.log()[before:] if "SOCKW" in c])
    assert writes == (1 if size == 2 else 28)
    desk.record(
        REQUESTS,
        link,
        f"POST of {size} bytes",
        f"{writes} socket writes".replace("1 socket writes", "1 socket write"),
    )


@LINKS
def test_a_file_upload(desk, session, link, tmp_path):
    file = tmp_path / "data.bin"
    file.write_bytes(pattern(5000))
    before = len(desk.controller.log())
    with open(file, "rb") as source:
        with session.post(url(link, "/app/"), data=source) as response:
            assert response.json()["length"] == 5000
    writes = len([c for c in desk.controller.log()[before:] if "SOCKW" in c])
    assert writes <= 8  # 139 pieces of 36 bytes
    desk.record(
        REQUESTS,
        link,
        "upload of a file of 5000 bytes, in pieces of 36",
        f"{writes} socket writes",
    )


@LINKS
def test_a_server_that_closes_early(desk, session, link):
    with pytest.raises(ERRORS):
        session.get(url(link, "/early"))
    with session.get(url(link, "/page.html")) as response:
        assert response.content == PAGE
    desk.record(REQUESTS, link, "the server closes without an answer", "an error, then goes on")


@LINKS
def test_a_slow_server(desk, session, link):
    with session.get(url(link, "/slow"), timeout=10) as response:
        assert response.content == PAGE
    desk.record(REQUESTS, link, "400 bytes a second")


@LINKS
def test_the_network_cut_in_the_middle(desk, session, link):
    with pytest.raises(ERRORS), session.get(url(link, "/megabyte"), timeout=3) as response:
        for n, _ in enumerate(response.iter_content(4096)):
            if n == 2:
                desk.controller.drop_link()
    assert desk.radio.channel.wait(desk.radio.isconnected, 10000)
    connection_manager_close_all(desk.pool)
    with session.get(url(link, "/page.html")) as response:
        assert response.content == PAGE
    desk.record(REQUESTS, link, "the network cut in the middle", "an error, then goes on")


@LINKS
def test_all_sockets_in_use(desk, session, link):
    others = [desk.pool.socket() for _ in range(8)]
    for sock in others:
        sock.connect(("echo.example", 7))
    with pytest.raises(ERRORS):
        session.get(url(link, "/page.html"))
    for sock in others:
        sock.close()
    with session.get(url(link, "/page.html")) as response:
        assert response.content == PAGE
    desk.record(REQUESTS, link, "all eight sockets in use", "an error, then goes on")


def test_idle_sockets_of_the_connection_manager_make_room(desk, session):
    others = [desk.pool.socket() for _ in range(7)]
    for sock in others:
        sock.connect(("echo.example", 7))
    with session.get(url("plain", "/page.html")) as response:
        assert response.content == PAGE  # now the eighth socket is kept, idle
    with session.get(url("TLS", "/page.html")) as response:
        assert response.content == PAGE
    for sock in others:
        sock.close()
    desk.record(
        "adafruit-circuitpython-connectionmanager",
        "plain, TLS",
        "frees an idle socket when none is left",
    )


def test_a_server_that_is_not_trusted(desk, session):
    with pytest.raises(OSError, match=r"expired\.example"):
        session.get("https://expired.example/")
    desk.record(
        REQUESTS, "TLS", "a server that is not trusted", "CertificateError, which says why"
    )


def test_the_radio_as_the_connection_manager_looks_for_it(desk, session):
    native = sys.modules["ssl"]
    install(desk.radio, ("socketpool", "ssl", "wifi"), roots=Bundle(desk.controller.bundle()))
    try:
        pool = get_radio_socketpool(desk.radio)
        context = get_radio_ssl_context(desk.radio)
    finally:
        uninstall()
    assert sys.modules["ssl"] is native is ssl
    assert pool is desk.pool
    with adafruit_requests.Session(pool, context).get(url("TLS", "/page.html")) as response:
        assert response.content == PAGE
    desk.record(
        "adafruit-circuitpython-connectionmanager",
        "TLS",
        "get_radio_socketpool(radio), get_radio_ssl_context(radio)",
    )


def test_the_fake_ssl_context_of_the_connection_manager_is_verified_tls(desk, session):
    context = create_fake_ssl_context(desk.pool, desk.radio)
    other = adafruit_requests.Session(desk.pool, context, session_id="other")
    with other.get(url("TLS", "/page.html"), headers={"Connection": "close"}) as response:
        assert response.content == PAGE
    with pytest.raises(ERRORS):
        other.get("https://expired.example/")
    kinds = [c.split(",")[-1] for c in desk.controller.log() if "SOCKON" in c]
    assert kinds[-1] == "expired.example"
    desk.record(
        "adafruit-circuitpython-connectionmanager", "TLS", "create_fake_ssl_context(pool, radio)"
    )


class Trickle(Peer):
    """A server that answers byte by byte. Another thread sends, so a byte may come at any time."""

    def on_data(self, data):
        def send():
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi":
                self.send(bytes((byte,)))
                time.sleep(0.002)

        threading.Thread(target=send, daemon=True).start()


def test_an_answer_that_comes_byte_by_byte(desk, session):
    desk.world.route("trickle.example", 80, Trickle)
    with session.get("http://trickle.example/") as response:
        assert response.text == "hi"
