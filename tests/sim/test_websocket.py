"""The module's WebSocket client, with a real server."""

import ssl
import threading
import time

import pytest
import trustme
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from spwf04_sim import Peer, Quirks
from tests import HANG
from tests.sim.replay import Upgrade, dated
from tests.sim.talk import Talk

OK = b"AT-S.OK\r\n"
ON = "AT+S.WSOCKON=ws.example,80,,0,,,,,"


class Server:
    """A WebSocket server. received: what came, as lists of the fragments of a message. headers:
    of the last handshake. live: its connections. sent: what it sends first."""

    def __init__(self, **more):
        self.received = []
        self.live = []
        self.headers = None
        self.path = None
        self.closed = []
        self.sent = []
        self._server = serve(
            self._serve, "127.0.0.1", 0, compression=None, close_timeout=0.1, **more
        )
        self.address = self._server.socket.getsockname()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _serve(self, connection):
        self.headers = connection.request.headers
        self.path = connection.request.path
        self.live.append(connection)
        try:
            for message in self.sent:
                connection.send(message)
            while True:
                self.received.append(list(connection.recv_streaming()))
        except ConnectionClosed as e:
            self.closed.append(e.rcvd.code if e.rcvd else None)

    def connection(self):
        """Return its first connection, when it is ready."""
        self.until(lambda: self.live)
        return self.live[0]

    def until(self, ready):
        """Wait in real time, for what its threads do."""
        for _ in range(100 * HANG):
            if ready():
                return
            time.sleep(0.01)
        raise AssertionError(self.received)

    def stop(self):
        """End it."""
        self._server.shutdown()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.stop()


def at(server, **quirks):
    talk = Talk(Quirks(**quirks))
    talk.world.route("ws.example", 80, server.address)
    return talk


def test_a_websocket_opens_with_its_id_only(server):
    talk = at(server)
    assert talk.say(ON) == b"AT-S.On:0\r\n" + OK
    server.connection()
    assert server.path == "/"
    assert server.headers["Host"] == "ws.example"
    assert "Origin" not in server.headers


def test_each_handshake_has_its_own_key(server):
    talk = at(server)
    talk.say(ON)
    server.connection()
    first = server.headers["Sec-WebSocket-Key"]
    assert talk.say(ON) == b"AT-S.On:1\r\n" + OK
    server.until(lambda: len(server.live) == 2)
    assert server.headers["Sec-WebSocket-Key"] != first


def test_path_user_origin_protocol_and_extension_are_sent():
    server = Server(subprotocols=["chat"])
    talk = at(server)
    assert OK in talk.say("AT+S.WSOCKON=ws.example,80,/a?b,0,me,hunter2,http://o,chat,x-deflate")
    server.connection()
    assert server.path == "/a?b"
    assert server.headers["Authorization"] == "Basic bWU6aHVudGVyMg=="
    assert server.headers["Origin"] == "http://o"
    assert server.headers["Sec-WebSocket-Protocol"] == "chat"
    assert server.headers["Sec-WebSocket-Extensions"] == "x-deflate"
    server.stop()


def test_messages_are_masked_text_or_binary(server):
    talk = at(server)
    talk.say(ON)
    assert talk.say("AT+S.WSOCKW=0,0,0,0,5", b"hello") == OK
    assert talk.say("AT+S.WSOCKW=0,,,1,3", b"\xff\0\x01") == OK
    assert talk.say("AT+S.WSOCKW=0,0,0,1,70000", bytes(70000)) == OK
    server.until(lambda: len(server.received) == 3)
    assert server.received == [["hello"], [b"\xff\0\x01"], [bytes(70000)]]


@pytest.mark.parametrize(("reading", "more", "last"), [("0", "1", "0"), ("1", "0", "1")])
def test_a_message_can_be_sent_in_fragments(server, reading, more, last):
    talk = at(server, websocket_last=reading)
    talk.say(ON)
    talk.say(f"AT+S.WSOCKW=0,{more},{last},0,3", b"one")
    talk.say(f"AT+S.WSOCKW=0,{more},{more},0,3", b"two")
    talk.say(f"AT+S.WSOCKW=0,{last},{last},0,5", b"three")
    server.until(lambda: server.received)
    assert server.received == [["one", "two", "three"]]


def test_what_comes_is_told_asked_for_and_read(server):
    talk = at(server)
    talk.say(ON)
    server.connection().send("hello")
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:1:1:5:5\r\n"
    server.connection().send(b"\0\r\n")
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:1:1:3:8\r\n"
    assert talk.say("AT+S.WSOCKQ=0") == b"AT-S.Query:8\r\n" + OK
    assert talk.say("AT+S.WSOCKR=0,2") == b"AT-S.Reading:2:8\r\nhe" + OK
    assert talk.say("AT+S.WSOCKR=0,0") == b"AT-S.Reading:6:6\r\nllo\0\r\n" + OK


def test_fragments_of_the_server_are_told_from_the_end_of_a_message(server):
    talk = at(server)
    talk.say(ON)
    server.connection().send(["one", "three"])
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:0:1:3:3\r\n"
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:0:1:5:8\r\n"
    # The server ends the message with an empty frame
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:1:1:0:8\r\n"


def test_a_large_message_comes_in_pieces_and_waits_for_the_host(server):
    talk = at(server)
    talk.say(ON)
    message = bytes(i * 11 % 256 for i in range(50_000))
    server.connection().send(message)
    first = talk.until(b"+WIND:88")
    assert first.startswith(b"+WIND:88:WebSocket Data:0:0:0:")
    talk.wait(1)
    assert int(talk.say("AT+S.WSOCKQ=0").split(b"\r")[0].split(b":")[1]) < 20_000
    got = b""
    while len(got) < len(message):
        said = talk.say("AT+S.WSOCKR=0,700")
        head = said.index(b"AT-S.Reading:")
        size = int(said[head + 13 :].split(b":")[0])
        start = said.index(b"\r\n", head) + 2
        got += said[start : start + size]
        talk.wait(0.05)
    assert got == message


def test_a_ping_is_answered_by_the_module(server):
    talk = at(server)
    talk.say(ON)
    answered = server.connection().ping()
    talk.wait(1)
    assert answered.wait(HANG)


def test_the_host_closes_and_says_why(server):
    talk = at(server)
    talk.say(ON)
    talk.say(ON)
    assert talk.say("AT+S.WSOCKC=0,1") == OK
    server.until(lambda: len(server.closed) == 1)  # it has a thread for each connection
    assert talk.say("AT+S.WSOCKC=1,") == OK
    server.until(lambda: len(server.closed) == 2)
    assert server.closed == [1001, 1000]
    assert b"AT-S.ERROR:76:" in talk.say("AT+S.WSOCKQ=0")
    assert b"+WIND:89" not in talk.wait(2)
    assert talk.module.connections.links == []


def close(server, code=1000):
    threading.Thread(target=server.connection().close, args=(code,), daemon=True).start()


def test_the_server_closes_and_the_data_can_still_be_read(server):
    server.sent = ["last words"]
    talk = at(server)
    talk.say(ON)
    talk.until(b"+WIND:88")
    close(server)
    assert talk.until(b"+WIND:89") == b"+WIND:89:WebSocket Closed:0\r\n"
    assert b"AT-S.ERROR:78:" in talk.say("AT+S.WSOCKW=0,0,0,0,1")
    assert b"AT-S.ERROR:77:" in talk.say("AT+S.WSOCKC=0,0")
    assert b"last words" in talk.say("AT+S.WSOCKR=0,0")
    assert talk.say("AT+S.WSOCKC=0,0") == OK


def test_in_other_readings_a_closed_websocket_is_gone_and_the_reason_is_told(server):
    talk = at(server, websocket_gone="freed", websocket_reason=True)
    talk.say(ON)
    close(server, 1001)
    assert talk.until(b"+WIND:89") == b"+WIND:89:WebSocket Closed:0:1001\r\n"
    assert b"AT-S.ERROR:76:" in talk.say("AT+S.WSOCKQ=0")


def test_in_another_reading_unread_data_do_not_keep_it_open(server):
    server.sent = ["unread"]
    talk = at(server, websocket_pending="closed")
    talk.say(ON)
    talk.until(b"+WIND:88")
    assert talk.say("AT+S.WSOCKC=0,0") == OK


def test_there_are_two_and_their_list(server):
    talk = at(server)
    talk.say(ON)
    talk.say(ON)
    assert b"AT-S.ERROR:75:" in talk.say(ON)
    ip = talk.world.resolve("ws.example")
    assert talk.say("AT+S.WSOCKL") == (
        f"AT-S.List::0:1:w:0:{ip}:80\r\nAT-S.List::1:1:w:0:{ip}:80\r\n".encode() + OK
    )
    talk.say("AT+S.WSOCKC=0,0")
    assert talk.say(ON) == b"AT-S.On:0\r\n" + OK


def test_a_websocket_over_tls():
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    dated(ca, "ws.example").configure_cert(context)
    server = Server(ssl=context)
    talk = Talk()
    talk.world.route("ws.example", 443, server.address)
    talk.module.set_clock(int(time.time()))
    line = "AT+S.WSOCKON=ws.example,,,2,,,,,"
    assert b"AT-S.Certificate Error:23\r\nAT-S.ERROR:74:" in talk.say(line)
    talk.module.flash.slot["ca"] = ca.cert_pem.bytes()
    assert b"AT-S.On:0\r\n" in talk.say(line)
    talk.say("AT+S.WSOCKW=0,0,0,0,5", b"hello")
    server.until(lambda: server.received)
    assert server.received == [["hello"]]
    server.stop()


class WebPage(Peer):
    def on_data(self, data):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class WrongProof(Peer):
    def on_data(self, data):
        self.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )


@pytest.mark.parametrize("number", [74, 111])
@pytest.mark.parametrize("peer", [WebPage, WrongProof, Peer])
def test_a_server_that_does_not_switch_is_refused(peer, number):
    talk = Talk(Quirks(websocket_error=number))
    talk.world.route("ws.example", 80, peer)
    assert f"AT-S.ERROR:{number}:".encode() in talk.say(ON)
    assert talk.module.connections.links == []


@pytest.mark.parametrize(
    "frame", [b"\xc1\0", b"\x81\x80mask", b"\x09\0", b"\x80\0", b"\x83\0", b"\x01\0\x01\0"]
)
def test_frames_that_break_the_protocol_end_it(frame):
    class Breaks(Upgrade):
        def on_data(self, data):
            if data.startswith(b"GET"):
                super().on_data(data)
            else:
                self.send(frame)

    talk = Talk(Quirks(websocket_reason=True))
    talk.world.route("ws.example", 80, Breaks)
    talk.say(ON)
    talk.say("AT+S.WSOCKW=0,0,0,0,1", b"x")
    assert talk.until(b"+WIND:89") == b"+WIND:89:WebSocket Closed:0:1002\r\n"


def test_what_comes_with_the_handshake_is_not_lost():
    class Early(Upgrade):
        def on_data(self, data):
            super().on_data(data)
            self.send(b"\x81\5early")

    talk = Talk()
    talk.world.route("ws.example", 80, Early)
    assert talk.say(ON) == b"AT-S.On:0\r\n" + OK
    assert talk.until(b"+WIND:88") == b"+WIND:88:WebSocket Data:0:1:1:5:5\r\n"


def test_the_network_is_lost_and_the_websocket_with_it(server):
    talk = at(server)
    talk.say(ON)
    talk.module.drop_link()
    assert b"+WIND:89:WebSocket Closed:0\r\n" in talk.until(b"+WIND:24:") + talk.wait(1)
    assert b"AT-S.ERROR:78:" in talk.say("AT+S.WSOCKW=0,0,0,0,1")


def test_a_restart_closes_all(server):
    talk = at(server)
    talk.say(ON)
    talk.module.restart()
    talk.until(b"+WIND:24:")
    assert b"AT-S.ERROR:76:" in talk.say("AT+S.WSOCKQ=0")
    assert talk.module.connections.links == []


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("WSOCKON=ws.example,x,,0,,,,,", 7),
        ("WSOCKW=0,2,0,0,1", 7),
        ("WSOCKW=1,0,0,0,1", 76),
        ("WSOCKW=0,0,0,0,0", 33),
        ("WSOCKR=7,0", 76),
        ("WSOCKC=0,5", 7),
    ],
)
def test_errors(server, line, number):
    talk = at(server)
    talk.say(ON)
    assert f"AT-S.ERROR:{number}:".encode() in talk.say("AT+S." + line)
