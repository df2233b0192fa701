"""The exchanges of driver and module in which the tests put faults.

Each is prepared without a fault, then carried out with one. `act` returns nothing: it adds the
bytes that it receives to stage.got.
"""

from spwf04 import SPWF04, SocketPool
from spwf04_sim import Flash, Peer, Quirks, SimulatedModule, Timing, VirtualClock, World
from tests.faults import services
from tests.shims.servers import pattern

SAVED = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse", "ip_use_v6": "0"}
LIMIT = 200  # s of virtual time within which everything must have ended


class Hang(BaseException):
    """Virtual time ran out."""


class Watched(VirtualClock):
    """A virtual clock that raises Hang after its `end`."""

    end = None

    def __init__(self):
        super().__init__(longest=40, patience=0)  # there is no real network behind it

    def idle(self):
        super().idle()
        if self.end is not None and self.now() > self.end:
            raise Hang

    def ticks_ms(self):
        # Ticks wrap soon, where CircuitPython's do: a wrong difference shows
        return (super().ticks_ms() + 0x1FFFFFFF - 1100000) & 0x1FFFFFFF


class Server(Peer):
    """Keeps what it gets. It sends what it is told, or echoes what it gets."""

    made: list = []

    def __init__(self, greeting=b"", closes=False, echoes=False):
        super().__init__()
        self.data = bytearray()
        self.greeting = greeting
        self._closes = closes
        self._echoes = echoes
        Server.made.append(self)

    def on_connect(self):
        self.send(self.greeting)
        if self._closes:
            self.close()

    def on_data(self, data):
        self.data += data
        if self._echoes:
            self.send(data)


class Stage:
    """A joined module, a driver, and peers. saved: more of the module's saved settings."""

    def __init__(self, quirks=None, joined=True, **saved):
        Server.made = []
        self.clock = Watched()
        world = World()
        world.add_access_point("home", "correct horse")
        world.route("echo.example", 7, lambda: Server(echoes=True))
        world.route("sink.example", 9, Server)
        world.route("sends.example", 19, lambda: Server(pattern(300)))
        world.route("ends.example", 20, lambda: Server(pattern(100), closes=True))
        self.world = world
        self.module = SimulatedModule(
            world,
            quirks=quirks or Quirks(),
            clock=self.clock,
            timing=Timing.fast(),
            flash=Flash(saved=dict(SAVED, **saved) if joined else {}),
        )
        self.module.power_on()
        self.clock.advance(0.1)
        self.module.transmit()
        self.radio = SPWF04(self.module.uart(), reset=self.module.reset_pin, clock=self.clock)
        self.pool = SocketPool(self.radio)
        self.sock = None
        self.got = bytearray()
        self.ended = False
        self.sent = b""  # what act() sends to the peer
        self.told = False  # True if an exception told the caller that something went wrong
        self.in_clear = bytearray()  # what was to go by TLS
        self.deceived = bytearray()  # what strangers got by TLS
        self.arrived = None  # of a service: returns a list of what its server has taken
        self.again = None  # of a service: checks that its next operation works

    def connect(self, host="echo.example", port=7):
        """A socket that is connected."""
        self.sock = self.pool.socket()
        self.sock.settimeout(8)
        self.sock.connect((host, port))

    def upload(self, name, data):
        """Put a file on the module, as certificates are put there."""
        from spwf04.tls.upload import upload

        self.radio.channel.take(upload(self.radio.certs, name, data))

    def world_servers(self):
        """The peers of all connections so far."""
        return Server.made

    def receive(self, n):
        """Receive n bytes into self.got, or up to the end."""
        buffer = bytearray(n)
        while len(self.got) < n:
            count = self.sock.recv_into(buffer, n - len(self.got))
            if not count:
                self.ended = True
                return
            self.got += buffer[:count]

    def fresh(self):
        """Check that a new connection carries bytes there and back."""
        if not self.radio.isconnected():
            self.radio.connect("home", "correct horse")
        sock = self.pool.socket()
        sock.settimeout(8)
        try:
            sock.connect(("echo.example", 7))
            sock.sendall(b"is anybody there?")
            data = b""
            while len(data) < 17:
                part = sock.recv(17 - len(data))
                if not part:
                    break
                data += part
            assert data == b"is anybody there?", data
        finally:
            sock.close()
        if self.again is not None:
            self.again()


def _ready(stage):
    stage.radio.get("nv_model")


def _find(stage):
    stage.radio.get("nv_model")


def _join(stage):
    stage.radio.connect("home", "correct horse", timeout=20)


def _open(stage):
    stage.connect()


def _connected(stage):
    stage.connect("sink.example", 9)


def _send(stage):
    stage.sent = b"0123456789" * 4 + b"AT+S.FCFG\r\n" + pattern(150)
    stage.pool.chunk = 128
    stage.sock.sendall(stage.sent)


def _greeted(stage):
    stage.connect("sends.example", 19)


def _receive(stage):
    stage.pool.chunk = 128
    stage.receive(300)


def _ending(stage):
    stage.connect("ends.example", 20)


def _to_the_end(stage):
    stage.receive(101)


def _stepwise(stage):
    stage.connect("sends.example", 19)
    stage.sock.settimeout(0)


def _poll(stage):
    buffer = bytearray(300)
    end = stage.clock.now() + 60
    while len(stage.got) < 300 and stage.clock.now() < end:
        try:
            count = stage.sock.recv_into(buffer, 300 - len(stage.got))
        except OSError as e:
            if e.errno != 11:
                raise
            stage.clock.idle()
            continue
        stage.got += buffer[:count]


def _close(stage):
    stage.sock.close()


def _upload(stage):
    stage.upload("tls.cert", pattern(300))


def _scan(stage):
    stage.radio.scan()


def _settings(stage):
    stage.radio.set("user_desc", "a,b")
    stage.radio.get("user_desc")


def _listen(stage):
    sock = stage.pool.socket()
    sock.settimeout(8)
    sock.bind(("", 8080))
    sock.listen(2)
    stage.listening = sock


def _accept(stage):
    stage.module.visit(8080, Server(pattern(60)))
    stage.sock, _ = stage.listening.accept()
    stage.sock.settimeout(8)
    stage.receive(60)
    stage.sent = b"thanks"
    stage.sock.sendall(stage.sent)


def _reset(stage):
    stage.radio.reset()


# name: (prepare, act, what the peer sends)
EXCHANGES = {
    "find the module": (lambda stage: None, _find, b""),
    "join": (_ready, _join, b""),
    "open": (_ready, _open, b""),
    "send": (_connected, _send, b""),
    "receive": (_greeted, _receive, pattern(300)),
    "receive to the end": (_ending, _to_the_end, pattern(100)),
    "receive without waiting": (_stepwise, _poll, pattern(300)),
    "close with data pending": (_greeted, _close, b""),
    "upload a file": (_ready, _upload, b""),
    "scan": (_ready, _scan, b""),
    "change a setting": (_ready, _settings, b""),
    "serve a client": (_listen, _accept, pattern(60)),
    "reset": (_ready, _reset, b""),
}
EXCHANGES.update(services.exchanges())
