"""WebSocket."""

from spwf04.services.websocket import connect
from tests.shims.links import WebPeer
from tests.shims.servers import pattern
from tests.shims.tlspeer import among_strangers

URL = "ws://ws.example/chat"
SECURE = "wss://ws.example/chat"
MESSAGES = (pattern(150), b"\r\nAT-S.OK\r\n+WIND:33:x\r\n", pattern(80))


def _ready(stage):
    stage.webs = []
    stage.arrived = lambda: [frame for web in stage.webs for frame in web.got if frame[0] < 8]

    stage.world.route("ws.example", 80, lambda: _made(stage))
    stage.radio.get("nv_model")
    stage.again = lambda: _works(stage)


def _made(stage):
    stage.webs.append(WebPeer())
    return stage.webs[-1]


def _works(stage, url=URL):
    """A new connection takes a message there and back."""
    with connect(stage.radio, url, timeout=8) as ws:
        ws.send(b"is anybody there?")
        got = ws.recv()
        assert got == b"is anybody there?", got


def _open(stage):
    stage.ws = connect(stage.radio, URL, timeout=8)


def _opened(stage):
    _ready(stage)
    _open(stage)


def _send(stage):
    stage.pool.chunk = 128
    stage.ws.send(b"0123456789\r\nAT+S.FCFG\r\n" + pattern(180))


def _receive(stage):
    stage.pool.chunk = 128
    for message in MESSAGES:
        stage.webs[-1].says(2, message)
    while len(stage.got) < len(b"".join(MESSAGES)):
        stage.got += stage.ws.recv()


def _close(stage):
    stage.webs[-1].says(2, pattern(100))
    stage.radio.channel.wait(lambda: False, 100)
    stage.ws.close()


def _known(stage):
    _ready(stage)
    ca = among_strangers(stage, "ws.example", 443, lambda: _made(stage))
    stage.radio.certs.install(ca)
    stage.again = lambda: _works(stage, SECURE)


def _open_and_send(stage):
    stage.ws = None
    with connect(stage.radio, SECURE, timeout=8) as stage.ws:
        stage.ws.send(pattern(40))
        stage.got += stage.ws.recv()


EXCHANGES = {
    "WebSocket, plain: open": (_ready, _open, b""),
    "WebSocket, plain: send": (_opened, _send, b""),
    "WebSocket, plain: receive": (_opened, _receive, b"".join(MESSAGES)),
    "WebSocket, plain: close with data pending": (_opened, _close, b""),
    "WebSocket, TLS: open and send": (_known, _open_and_send, pattern(40)),
}
