"""The module's HTTP client, with real web servers."""

import base64
import contextlib
import http.server
import socket
import threading
import time

import pytest
import trustme

from spwf04_sim import Peer, Quirks, Timing
from tests.sim.replay import HttpsServer, dated
from tests.sim.talk import Talk

OK = b"AT-S.OK\r\n"


class Handler(http.server.BaseHTTPRequestHandler):
    """Keeps what it is asked, and answers."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, fields, answer = self.server.pages.get(self.path, (404, {}, b"none"))
        self.send_response_only(status)
        for name, value in fields.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in fields:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *args):
        """Say nothing."""


class WebServer(http.server.ThreadingHTTPServer):
    """A web server; pages: {path: (status, header fields, body)}. asked: what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.pages = {"/": (200, {}, b"hello")}
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Say nothing of clients that go away."""


@pytest.fixture
def web():
    server = WebServer()
    yield server
    server.shutdown()
    server.server_close()


def at(web, timing=None, **more):
    """A module that reaches the server as www.example.com, under one reading."""
    talk = Talk(Quirks(**more) if more else None, timing)
    talk.world.route("www.example.com", 80, web.server_address)
    return talk


def test_a_page_comes_behind_its_status_and_ok_right_behind_the_page(web):
    talk = at(web)
    said = talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")
    assert said == b"AT-S.Http Server Status Code:200\r\nhello" + OK
    (method, path, fields, body) = web.asked[0]
    assert (method, path, body) == ("GET", "/", b"")
    assert fields["Host"] == "www.example.com"
    assert "Authorization" not in fields


def test_path_and_port_may_be_empty(web):
    talk = at(web)
    assert b"Code:200" in talk.say("AT+S.HTTPGET=www.example.com")
    web.pages["/a/b?c=d"] = (200, {}, b"query")
    assert b"query" + OK in talk.say("AT+S.HTTPGET=www.example.com,a/b?c=d,,,,,,")


def test_a_status_of_400_and_above_has_two_lines_and_its_page(web):
    said = at(web).say("AT+S.HTTPGET=www.example.com,/nothing,80,0,,,,")
    assert said == (b"AT-S.Http Server Status Code:404\r\nAT-S.Http Server Error:404\r\nnone" + OK)


def test_in_another_reading_a_status_of_400_and_above_is_an_error(web):
    said = at(web, http_refused="error").say("AT+S.HTTPGET=www.example.com,/nothing,80,0,,,,")
    assert said.endswith(b"noneAT-S.ERROR:111:Request failed\r\n")


def test_user_and_password_are_basic_authentication(web):
    at(web).say("AT+S.HTTPGET=www.example.com,/,80,0,me,hunter2,,")
    assert web.asked[0][2]["Authorization"] == "Basic " + base64.b64encode(b"me:hunter2").decode()


def test_the_answer_goes_to_the_file_of_field_7_and_only_the_status_to_the_host(web):
    talk = at(web)
    talk.file("page", b"old")
    said = talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,page,")
    assert said == b"AT-S.Http Server Status Code:200\r\n" + OK
    assert talk.content("page") == b"hello"


def test_in_other_readings_the_answer_is_appended_and_has_its_head(web):
    talk = at(web, http_answer_file="appended", http_file_holds="answer")
    talk.file("page", b"old")
    talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,/page,")
    assert talk.content("page").startswith(b"oldHTTP/1.1 200 OK\r\n")
    assert talk.content("page").endswith(b"\r\n\r\nhello")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, "application/x-www-form-urlencoded"),
        ({"http_content_type": "name"}, "application/json"),
        ({"http_content_type": "none"}, None),
    ],
)
def test_the_file_of_field_8_is_what_is_posted(web, more, kind):
    talk = at(web, **more)
    talk.say("AT+S.FSC=task.json,4", b'{"a"')
    talk.say("AT+S.FSC=task.json,4", b": 1}")
    web.pages["/task"] = (201, {}, b"made")
    said = talk.say("AT+S.HTTPPOST=www.example.com,/task,80,,,,answer.json,task.json")
    assert said == b"AT-S.Http Server Status Code:201\r\n" + OK
    assert talk.content("answer.json") == b"made"
    method, path, fields, body = web.asked[0]
    assert (method, path, body) == ("POST", "/task", b'{"a": 1}')
    assert fields.get("Content-Type") == kind


def test_a_get_can_have_a_body_too(web):
    talk = at(web)
    talk.file("ask", b"what?")
    talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,ask")
    assert web.asked[0][0] == "GET" and web.asked[0][3] == b"what?"


def test_a_file_that_is_not_there_cannot_be_posted(web):
    said = at(web).say("AT+S.HTTPPOST=www.example.com,/,80,0,,,,missing")
    assert said == b"AT-S.ERROR:51:Unable to open file\r\n"
    assert web.asked == []


@pytest.mark.parametrize(("reading", "number"), [(50, 50), (111, 111)])
def test_a_page_that_does_not_fit_on_the_ram_disk_is_cut_and_an_error(web, reading, number):
    talk = at(web, client_file_full=reading)
    web.pages["/"] = (200, {}, bytes(range(250)) * 80)
    said = talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,page,")
    assert f"AT-S.ERROR:{number}:".encode() in said
    assert talk.content("page") == (bytes(range(250)) * 80)[:16384]


def test_redirects_are_not_followed(web):
    web.pages["/"] = (301, {"Location": "http://www.example.com/there"}, b"moved")
    said = at(web).say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")
    assert said == b"AT-S.Http Server Status Code:301\r\nmoved" + OK
    assert len(web.asked) == 1


def test_chunk_sizes_are_part_of_the_page_which_ends_when_nothing_more_comes(web):
    chunks = b"6\r\nhello\n\r\n0\r\n\r\n"
    web.pages["/"] = (200, {"Transfer-Encoding": "chunked"}, chunks)
    talk = at(web)
    start = talk.clock.now()
    said = talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")
    assert said == b"AT-S.Http Server Status Code:200\r\n" + chunks + OK
    assert talk.clock.now() - start > 10


def test_in_another_reading_only_the_servers_close_ends_a_page(web):
    talk = at(web, http_end="close")
    start = talk.clock.now()
    talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")
    assert web.asked[0][2]["Connection"] == "close"
    assert talk.clock.now() - start < 10


def test_http_1_0_is_another_reading(web):
    talk = at(web, http_version="1.0")
    asked = []

    class Old(Peer):
        def on_data(self, data):
            asked.append(data)
            self.send(b"HTTP/1.0 200 OK\r\n\r\nold")
            self.close()

    talk.world.route("old.example", 80, Old)
    assert talk.say("AT+S.HTTPGET=old.example,/,80,0,,,,").endswith(b"old" + OK)
    assert asked[0].startswith(b"GET / HTTP/1.0\r\n")


def server_that(*parts, close=True):
    """A function that makes peers which send these parts when they are asked."""

    class Made(Peer):
        def on_data(self, data):
            for part in parts:
                self.send(part)
            if close:
                self.close()

    return Made


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (server_that(), b"AT-S.Http Client Error:2\r\nAT-S.ERROR:111:Request failed\r\n"),
        (
            server_that(close=False),
            b"AT-S.Http Client Error:2\r\nAT-S.ERROR:111:Request failed\r\n",
        ),
        (
            server_that(b"220 mail\r\n\r\n"),
            b"AT-S.Http Client Error:2\r\nAT-S.ERROR:111:Request failed\r\n",
        ),
        (
            server_that(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"),
            b"AT-S.Http Server Status Code:200\r\nabcAT-S.ERROR:111:Request failed\r\n",
        ),
        (
            server_that(b"HTTP/1.1 204 No Content\r\n\r\n", close=False),
            b"AT-S.Http Server Status Code:204\r\n" + OK,
        ),
        (
            server_that(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcde", close=False),
            b"AT-S.Http Server Status Code:200\r\nabc" + OK,
        ),
    ],
    ids=["closes", "is silent", "is no web server", "breaks off", "no content", "too much"],
)
def test_a_server_that(server, said):
    talk = Talk()
    talk.world.route("odd.example", 80, server)
    assert talk.say("AT+S.HTTPGET=odd.example,/,80,0,,,,") == said
    assert talk.module.connections.links == []


def test_in_another_reading_a_page_that_breaks_off_is_ok():
    talk = Talk(Quirks(http_cut="ok"))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
    talk.world.route("odd.example", 80, server_that(head))
    assert talk.say("AT+S.HTTPGET=odd.example,/,80,0,,,,").endswith(b"abc" + OK)


@pytest.mark.parametrize("seconds", [10, 3])
def test_a_silent_server_keeps_the_console_busy(seconds):
    talk = Talk(Quirks(http_timeout=seconds))
    talk.world.route("odd.example", 80, server_that(close=False))
    start = talk.clock.now()
    talk.say("AT+S.HTTPGET=odd.example,/,80,0,,,,")
    assert seconds < talk.clock.now() - start < seconds + 1


def test_a_refused_connection_is_client_error_1_and_an_unknown_name_is_65():
    talk = Talk()
    said = talk.say("AT+S.HTTPGET=10.0.0.1,/,80,0,,,,")
    assert said == b"AT-S.Http Client Error:1\r\nAT-S.ERROR:111:Request failed\r\n"
    assert b"AT-S.ERROR:65:" in talk.say("AT+S.HTTPGET=nobody.example,/,80,0,,,,")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    talk.world.route("gone.example", 80, address)
    assert b"Client Error:1" in talk.say("AT+S.HTTPGET=gone.example,/,80,0,,,,")


@pytest.mark.parametrize("arguments", ["h,/,x,0,,,,", "h,/,70000,0,,,,", "h,/,80,3,,,,"])
def test_arguments_that_are_none(arguments):
    assert b"AT-S.ERROR:7:" in Talk().say("AT+S.HTTPGET=" + arguments)


def test_without_a_network_there_is_no_page():
    talk = Talk()
    talk.say("AT+S.WIFI=0")
    assert b"AT-S.ERROR:44:" in talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")


def test_while_the_client_is_in_use_it_is_busy():
    talk = Talk()
    talk.module.connections.http_busy = True
    assert b"AT-S.ERROR:81:" in talk.say("AT+S.HTTPGET=www.example.com,/,80,0,,,,")


def test_a_network_that_is_lost_ends_a_page():
    talk = Talk()
    head = b"HTTP/1.1 200 OK\r\n\r\npart"
    talk.world.route("slow.example", 80, server_that(head, close=False))
    talk.module.receive(b"AT+S.HTTPGET=slow.example,/,80,0,,,,\r")
    talk.wait(1)
    talk.module.drop_link(back_ms=2000)
    assert b"AT-S.ERROR:111:" in talk.until(b"AT-S.ERROR")


def test_a_large_page_comes_at_the_rate_of_the_line_and_is_not_collected_first(web):
    page = bytes(i * 7 % 256 for i in range(300_000))
    web.pages["/"] = (200, {}, page)
    talk = at(web, timing=Timing.fast(baud=115200))
    start = talk.clock.now()
    talk.module.receive(b"AT+S.HTTPGET=www.example.com,/,80,0,,,,\r")
    said = bytearray()
    most = 0
    while not said.endswith(OK):
        talk.clock.idle()
        said += talk.module.transmit()
        most = max(most, talk.module.line.unsent)
    assert said == b"AT-S.Http Server Status Code:200\r\n" + page + OK
    assert talk.clock.now() - start == pytest.approx(26.0, abs=0.5)
    assert most < 6000


def test_a_server_that_never_ends_keeps_the_module_busy_until_a_reset():
    class Endless(Peer):
        def on_data(self, data):
            self.send(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200_000))

    talk = Talk(timing=Timing.fast(baud=115200))
    talk.world.route("endless.example", 80, Endless)
    talk.module.receive(b"AT+S.HTTPGET=endless.example,/,80,0,,,,\rAT\r")
    assert OK not in talk.wait(15)
    talk.module.reset_pin(0)
    talk.module.reset_pin(1)
    talk.until(b"+WIND:0:")
    assert talk.module.connections.links == []


@pytest.mark.parametrize("tls", ["1", "2"])
def test_a_page_over_tls(tls):
    talk = Talk()
    talk.module.set_clock(int(time.time()))
    ca = trustme.CA()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    server = HttpsServer(dated(ca, "www.example.com"), answer)
    talk.world.route("www.example.com", 443, server.address)
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    said = talk.say(f"AT+S.HTTPGET=www.example.com,/,,{tls},,,,")
    assert said.endswith(b"AT-S.Http Server Status Code:200\r\nhello" + OK)


def test_a_server_that_is_not_trusted_is_client_error_2():
    talk = Talk()
    server = HttpsServer(dated(trustme.CA(), "www.example.com"), b"")
    talk.world.route("www.example.com", 443, server.address)
    said = talk.say("AT+S.HTTPGET=www.example.com,/,443,2,,,,")
    assert b"AT-S.Http Client Error:2\r\nAT-S.ERROR:111:" in said


@pytest.mark.parametrize(("reading", "answered"), [("checked", False), ("unchecked", True)])
def test_the_name_of_a_server_is_compared_or_not(reading, answered):
    talk = Talk(Quirks(app_name_check=reading))
    talk.module.set_clock(int(time.time()))
    ca = trustme.CA()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    server = HttpsServer(dated(ca, "www.example.com"), answer)
    talk.world.route("other.example", 443, server.address)
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    said = talk.say("AT+S.HTTPGET=other.example,/,443,2,,,,")
    assert said.endswith(b"hello" + OK) == answered


def test_an_indication_everywhere_keeps_to_the_masks():
    talk = Talk(Quirks(winds="everywhere"))
    talk.say("AT+S.SCFG=console_wind_off_medium,0xFFFFFFFF")
    assert b"WIND" not in talk.say("AT+S.GCFG=nv_model")
