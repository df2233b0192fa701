"""docs/websocket.md against the `websockets` package."""

import ssl
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed as Gone
from websockets.sync.server import serve

from spwf04 import SPWF04
from spwf04.services import websocket
from spwf04_sim import RealClock
from tests import HANG
from tests.shims.servers import servers

from .stage import Stage, example, stage  # noqa: F401
from .table import cell

HOST = "www.example.com"


class Server:
    """Echoes messages; codes: of the closes that it got."""

    def __init__(self, context=None):
        self.codes = []
        self.kinds = []
        self._server = serve(self._echo, "127.0.0.1", 0, ssl=context, compression=None)
        self.address = self._server.socket.getsockname()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _echo(self, connection):
        try:
            while True:
                message = connection.recv()
                self.kinds.append(type(message))
                if message == "close":
                    connection.close(4001, "as you like")
                    return
                if message == "fragments":
                    message = [b"a" * 1000, b"b" * 1000, b"c" * 10]
                connection.send(message)
        except Gone as e:
            self.codes.append(e.rcvd.code if e.rcvd else None)

    def stop(self):
        """End it."""
        self._server.shutdown()


@pytest.fixture(scope="module")
def both():
    """A Server without TLS, and one with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    servers().leaf.configure_cert(context)
    made = Server(), Server(context)
    yield made
    for server in made:
        server.stop()


def routed(stage, both):  # noqa: F811
    """The stage, with both in its world."""
    for port, server in zip((8080, 8443), both):
        stage.route(HOST, port, server.address)
    return stage


def test_the_example(stage, both):  # noqa: F811
    printed = routed(stage, both).run(example("websocket"))
    assert printed == ["hello", r"b'\x00\x01\x02'", "in three fragments"]
    cell("WebSocket", "plain", stage.interpreter)


def test_the_example_with_tls(stage, both):  # noqa: F811
    assert routed(stage, both).run(example("websocket", 1)) == ["hello"]
    cell("WebSocket", "TLS", stage.interpreter)


@pytest.mark.parametrize("interpreter", ["CPython", "MicroPython"])
@pytest.mark.parametrize(("n", "line"), [(2, "3000"), (3, "b'hello'")])
def test_the_other_examples(interpreter, n, line, both):
    assert routed(Stage(interpreter), both).run(example("websocket", n)) == [line]


def here(both):
    """A WebSocket of a joined module."""
    stage = routed(Stage(), both)  # noqa: F811
    radio = SPWF04(stage.module.uart("machine"), clock=RealClock(speed=0.1))
    radio.connect("home", "correct horse")
    return websocket.connect(radio, f"ws://{HOST}:8080/")


def test_text_and_binary_arrive_as_such_and_the_code_of_a_close_too():
    server = Server()
    ws = here((server, server))
    for message in ("text", b"binary", bytes(range(256)) * 20):
        ws.send(message)
        assert ws.recv() == (message.encode() if isinstance(message, str) else message)
    assert server.kinds == [str, bytes, bytes]
    ws.close(1001)
    end = time.monotonic() + HANG
    while not server.codes and time.monotonic() < end:
        time.sleep(0.01)
    assert server.codes == [1001]
    server.stop()


def test_fragments_of_the_server_are_put_together(both):
    ws = here(both)
    ws.send("fragments")
    assert ws.recv() == b"a" * 1000 + b"b" * 1000 + b"c" * 10
    ws.close()


def test_the_end_of_the_server_ends_the_iteration(both):
    ws = here(both)
    ws.send("one")
    ws.send("close")
    assert list(ws) == [b"one"]
    ws.close()
