"""Transfers on a line whose rate and turnaround are modelled: exact counts, virtual time.

The host takes no time at all: what is measured is what a driver asks of line and module. The
module is the simulated one; its peers are inside the simulation and always ready, so that the
line is the only limit.
"""

from dataclasses import dataclass

from spwf04 import SPWF04, SocketPool
from spwf04_sim import Peer, SimulatedModule, Timing, VirtualClock, World

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n" + bytes(500)
REQUEST = b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"


class Stream(Peer):
    """Sends for ever."""

    def on_connect(self):
        self.send(bytes(4_000_000))


class Web(Peer):
    """Answers each request with PAGE."""

    request = b""

    def on_data(self, data):
        self.request += data
        if self.request.endswith(b"\r\n\r\n"):
            self.request = b""
            self.send(PAGE)


class Sink(Peer):
    """Takes everything."""


@dataclass
class Cost:
    """What a transfer took."""

    payload: int  # bytes
    commands: int
    to_module: int  # bytes on the line
    from_module: int
    seconds: float  # virtual

    @property
    def bytes_per_second(self):
        return self.payload / self.seconds


class Stage:
    """A joined module on a line of `baud` bit/s that thinks for `turnaround` ms a command."""

    def __init__(self, baud=115200, turnaround=3):
        world = World()
        world.add_access_point("home", "correct horse")
        for name, peer in (("stream", Stream), ("web", Web), ("sink", Sink)):
            world.route(f"{name}.example", 80, peer)
        self.clock = VirtualClock(longest=200)
        timing = Timing(baud=baud, turnaround=turnaround, dns=20, tcp=30)
        self.module = SimulatedModule(world, clock=self.clock, timing=timing)
        self.module.power_on()
        # The driver cannot see time pass that it does not spend: no overrun on this host
        self.uart = self.module.uart(rx_size=1 << 20)

    def driver(self, chunk=730):
        """Our driver, joined; returns its pool."""
        radio = SPWF04(self.uart, clock=self.clock)
        radio.connect("home", "correct horse")
        pool = SocketPool(radio)
        pool.chunk = chunk
        return pool

    def measured(self, work):
        """Do work(), which returns the bytes it moved; return its Cost."""
        module = self.module
        before = module.commands, module.bytes_in, module.bytes_out, self.clock.now()
        payload = work()
        return Cost(
            payload,
            module.commands - before[0],
            module.bytes_in - before[1],
            module.bytes_out - before[2],
            self.clock.now() - before[3],
        )


def receive(baud, turnaround, chunk, total=100_000):
    """Bulk receive by recv_into() of chunks; after a first one, as in the midst of a download."""
    stage = Stage(baud, turnaround)
    sock = stage.driver(chunk).socket()
    sock.connect(("stream.example", 80))
    buffer = bytearray(chunk)
    sock.recv_into(buffer)

    def work():
        got = 0
        while got < total:
            got += sock.recv_into(buffer)
        return got

    return stage.measured(work)


def send(baud, turnaround, chunk, total=100_000):
    """Bulk send by send() of whole buffers of a chunk."""
    stage = Stage(baud, turnaround)
    sock = stage.driver(chunk).socket()
    sock.connect(("sink.example", 80))
    data = bytes(chunk)

    def work():
        sent = 0
        while sent < total:
            sent += sock.send(data)
        return sent

    return stage.measured(work)


def get(baud=115200, turnaround=3):
    """A bare GET of a 500-byte page: open, write, read, close."""
    stage = Stage(baud, turnaround)
    pool = stage.driver()
    buffer = bytearray(len(PAGE))

    def work():
        sock = pool.socket()
        sock.connect(("web.example", 80))
        sock.send(REQUEST)
        got = 0
        while got < len(PAGE):
            got += sock.recv_into(buffer)
        sock.close()
        return 500

    return stage.measured(work)


def bound(cost, baud, turnaround, chunk, way):
    """Seconds that the protocol needs at least for this transfer, one command at a time.

    Per chunk: the command, the module's turnaround, the reply's header, the bytes, its last
    line; and the indications that the module sent meanwhile.
    """
    chunks = -(-cost.payload // chunk)
    if way == "receive":
        there = len(b"AT+S.SOCKR=0,%d\r" % chunk)
        header = len(b"AT-S.Reading:%d:%d\r\n" % (chunk, chunk))
        back = header + chunk + len(b"AT-S.OK\r\n")
    else:
        there = len(b"AT+S.SOCKW=0,%d\r" % chunk) + chunk
        back = len(b"AT-S.OK\r\n")
    return chunks * ((there + back) * 10 / baud + turnaround / 1000)


def requests(baud=115200, turnaround=3):
    """The same page by adafruit_requests."""
    import adafruit_connection_manager
    import adafruit_requests

    stage = Stage(baud, turnaround)
    pool = stage.driver()

    def work():
        with adafruit_requests.Session(pool, None).get("http://web.example/") as response:
            assert len(response.content) == 500
        adafruit_connection_manager.connection_manager_close_all(pool)
        return 500

    return stage.measured(work)
