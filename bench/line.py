"""Transfers on a line whose rate and turnaround are modelled: exact counts, virtual time.

The host takes no time: the figures show what a driver asks of line and module. The module is the
simulated one. Its peers are inside the simulation and always ready, so that the line is the only
limit.
"""

import time
from dataclasses import dataclass

from spwf04 import SPWF04, SocketPool
from spwf04_sim import Peer, SimulatedModule, Timing, VirtualClock, World

BAUDS = (115200, 921600)
TURNAROUNDS = (0, 3, 10)  # ms
CHUNKS = (730, 1460, 2048, 4096)
TOTAL = 100_000  # bytes of a bulk transfer, rounded up to whole chunks
DNS, TCP = 20, 30  # ms that the network takes to connect, for every driver

BODY = 500
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
PAGE = _HEAD % BODY + bytes(BODY)
REQUEST = b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n"
OK = b"AT-S.OK\r\n"


class Stream(Peer):
    """Sends without end."""

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


PEERS = {"stream": Stream, "web": Web, "sink": Sink}


@dataclass
class Cost:
    """What a transfer took."""

    payload: int  # bytes
    commands: int  # AT commands
    round_trips: int  # how often the host waited for an answer before it went on
    to_module: int  # bytes on the line
    from_module: int
    seconds: float  # virtual
    waited: float  # of these, while the line was idle and the module had nothing to do
    winds: int = 0  # bytes of indications from the module
    headers: int = 0  # bytes of AT-S.Reading lines
    reads: int = 0  # how many AT-S.Reading lines

    @property
    def bytes_per_second(self):
        """Bytes of payload in a second."""
        return self.payload / self.seconds


def difference(payload, before, after):
    """Return the Cost of a payload, from the counts before and after it."""
    counts = [b - a for a, b in zip(before, after)]
    return Cost(payload, *counts)  # pyright: ignore[reportArgumentType]


class Tap:
    """Counts the indications and headers that the module sends, and leaves out the payloads."""

    def __init__(self):
        self.winds = self.headers = self.reads = 0
        self._line = bytearray()
        self._payload = 0

    def __call__(self, way, data):
        if way == ">":
            return
        while data:
            if self._payload:
                n = min(self._payload, len(data))
                self._payload -= n
                data = data[n:]
                continue
            part, end, data = data.partition(b"\n")
            self._line += part + end
            if end:
                self._whole(bytes(self._line))
                self._line.clear()

    def _whole(self, line):
        if line.startswith(b"+WIND:"):
            self.winds += len(line)
        elif line.startswith(b"AT-S.Reading:"):
            self.headers += len(line)
            self.reads += 1
            self._payload = int(line.split(b":")[1])


class Clock(VirtualClock):
    """Counts in .waited the time that passes while nobody has anything to do but wait."""

    _PAUSES = 500  # of 10 ms of real time, for a real server that is slow

    def __init__(self, longest):
        super().__init__(longest=longest)
        self.waited = 0.0
        self._pauses = self._PAUSES

    def on_traffic(self):
        super().on_traffic()
        self._pauses = self._PAUSES

    def idle(self):
        """As VirtualClock's; while a command waits for a real server no virtual time passes."""
        module, before = self.module, self.now()
        nothing = module.next_due() is None
        if nothing and module.busy and self._pauses:
            self._pauses -= 1
            time.sleep(0.01)
            return
        super().idle()
        if nothing and not module.busy:
            self.waited += self.now() - before


class Stage:
    """A module on a line of `baud` bit/s that thinks for `turnaround` ms a command."""

    def __init__(self, baud=115200, turnaround=3, routes=()):
        self.world = world = World()
        world.add_access_point("home", "correct horse")
        for name, peer in PEERS.items():
            world.route(f"{name}.example", 80, peer)
        for host, port, target in routes:
            world.route(host, port, target)
        self.clock = Clock(longest=200)
        timing = Timing(baud=baud, turnaround=turnaround, dns=DNS, tcp=TCP)
        self.module = SimulatedModule(world, clock=self.clock, timing=timing)
        self.module.traffic = self.tap = Tap()
        self.module.power_on()
        # The host takes no time, so that its buffer never overruns
        self.uart = self.module.uart(rx_size=1 << 20)

    def driver(self, chunk=730):
        """Return the pool of our driver, joined."""
        radio = SPWF04(self.uart, clock=self.clock)
        radio.connect("home", "correct horse")
        pool = SocketPool(radio)
        pool.chunk = chunk
        return pool

    def _counts(self):
        module, tap = self.module, self.tap
        return (
            module.commands,
            module.commands,  # the next one waits for the end of the one before
            module.bytes_in,
            module.bytes_out,
            self.clock.now(),
            self.clock.waited,
            tap.winds,
            tap.headers,
            tap.reads,
        )

    def measured(self, work):
        """Do work(), which returns how many bytes it moved; return its Cost."""
        before = self._counts()
        payload = work()
        return difference(payload, before, self._counts())


def receive(baud, turnaround, chunk, total=TOTAL):
    """Receive much by recv_into() of chunks, from the second chunk on."""
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


def send(baud, turnaround, chunk, total=TOTAL):
    """Send much by send() of buffers of one chunk."""
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


def bound(cost, baud, turnaround, chunk, way):
    """Return the seconds that the protocol needs at least to move cost.payload in such chunks.

    One command follows the other: command line (and data), the module's turnaround, the reply with
    its header, data and final line. The module's indications pass on the other wire while a
    command is sent and carried out, so only the time that they take beyond that counts. No driver
    can be faster.
    """
    chunks = -(-cost.payload // chunk)
    there = len(b"AT+S.SOCKR=0,%d\r" % chunk)
    back = len(OK) * chunks
    if way == "send":
        there += chunk
    else:  # what waits in the module may be less than a chunk
        back += cost.headers / cost.reads * chunks + cost.payload
    byte = 10 / baud
    asking = chunks * (there * byte + turnaround / 1000)
    return back * byte + max(asking, cost.winds * byte)
