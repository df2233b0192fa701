"""Server loops as programs and libraries write them, while clients connect and leave.

Everything is in this process, on virtual time. Visitors come one after the other, whatever the
loop is doing. Each behaves as its letter in VISITORS says.
"""

import random

import adafruit_httpserver
import pytest

from spwf04 import SPWF04, SocketPool
from spwf04.errors import errno
from spwf04_sim import Peer, Quirks, SimulatedModule, Timing, VirtualClock, World

PORT = 8080


class Visitor(Peer):
    """A client of the module's server.

    sends: list of (seconds after it came, bytes). leaves: seconds after it came; None: when it has
    its answer. wants: it expects an answer.
    """

    def __init__(self, street, n, sends, leaves, wants):
        self.street = street
        self.n = n
        self.sends = list(sends)
        self.leaves = leaves
        self.wants = wants
        self.got = bytearray()
        self.left = False  # the server closed
        self.came = None
        self._gone = False
        self._out = bytearray()
        super().__init__()

    def on_connect(self):
        self.came = self.street.now()

    def _seconds(self):
        return -1 if self.came is None else self.street.now() - self.came

    @property
    def outgoing(self):
        while self.sends and self._seconds() >= self.sends[0][0]:
            self._out += self.sends.pop(0)[1]
        return self._out

    @outgoing.setter
    def outgoing(self, value):
        self._out = value

    @property
    def closed(self):
        if self.leaves is None:
            return self._gone or (self.wants and self.got.endswith(b"you are %d\n" % self.n))
        return self._gone or self._seconds() >= self.leaves

    @closed.setter
    def closed(self, value):
        self._gone = value

    def on_data(self, data):
        self.got += data

    def on_close(self):
        self.left = True


REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nX-Visitor: %d\r\n\r\n"
VISITORS = {
    "whole": lambda n: ([(0, REQUEST % n)], None, True),
    "slow": lambda n: ([(0, REQUEST[:9]), (0.3, (REQUEST % n)[9:])], None, True),
    "leaves before anything": lambda n: ([], 0, False),
    "leaves without a word": lambda n: ([], 0.4, False),
    "leaves in its request": lambda n: ([(0, REQUEST[:20])], 0.3, False),
    "leaves its request unread": lambda n: ([(0, REQUEST % n)], 0, False),
    "leaves much unread": lambda n: ([(0, bytes(3000))], 0.1, False),
    "stays without a word": lambda n: ([], 4, False),
}


class Street(VirtualClock):
    """Time, and visitors that come `gap` seconds after each other, in a random order."""

    def __init__(self, count, seed, gap=1.5):
        super().__init__(longest=40, patience=0)
        order = random.Random(seed)
        kinds = [*VISITORS, "whole", "whole"]
        self._todo = [order.choice(kinds) if n >= len(kinds) else kinds[n] for n in range(count)]
        if count > 2:
            order.shuffle(self._todo)
        self._gap = gap
        self._next = None
        self.module = None
        self.visitors = []
        self.refused = 0

    def idle(self):
        super().idle()
        self.arrive()

    def arrive(self):
        if self._next is None or self.now() < self._next or not self._todo:
            return
        self._next = self.now() + self._gap
        n = len(self.visitors)
        self.visitors.append(Visitor(self, n, *VISITORS[self._todo.pop(0)](n)))
        self.module.visit(PORT, self.visitors[-1], (f"192.168.1.{n % 200}", 50000 + n))

    def opens(self):
        self._next = self.now()

    def over(self):
        return not self._todo and self.now() > self._next + 8


def losing(module, numbers):
    """Lose every second indication with one of these numbers."""
    original, count = module.wind, [0]

    def wind(number, *args, **options):
        if number in numbers:
            count[0] += 1
            if count[0] % 2:
                return None
        return original(number, *args, **options)

    module.wind = wind


class Place:
    """A joined radio, the street of visitors, and the sockets of old clients."""

    def __init__(self, count=14, seed=0, lost=(), **quirks):
        self.street = street = Street(count, seed)
        world = World()
        world.add_access_point("home", "correct horse")
        self.module = street.module = SimulatedModule(
            world, quirks=Quirks(**quirks), clock=street, timing=Timing.fast()
        )
        self.module.power_on()
        self.radio = SPWF04(self.module.uart(), clock=street)
        self.radio.connect("home", "correct horse")
        self.pool = SocketPool(self.radio)
        self.accepted = []  # (socket, address)
        self.lost = lost
        losing(self.module, lost)

    def listener(self, timeout):
        sock = self.pool.socket()
        sock.setsockopt(1, 4, 1)
        sock.bind(("0.0.0.0", PORT))
        sock.listen(2)
        sock.settimeout(timeout)
        self.street.opens()
        return sock

    def peek(self):
        """Old sockets never show bytes of another client."""
        for sock, n in self.accepted:
            if sock.stream is None:
                continue
            try:
                sock.settimeout(0)
                data = sock.recv(2000)
            except OSError:
                continue
            for line in data.split(b"\r\n"):
                if line.startswith(b"X-Visitor: "):
                    assert n == int(line[11:]), (n, line)

    def served(self):
        """Every visitor that wanted an answer has its own."""
        for visitor in self.street.visitors:
            if visitor.wants:
                text = bytes(visitor.got).split(b"\r\n\r\n")[-1]
                assert text == b"you are %d\n" % visitor.n, (visitor.n, bytes(visitor.got))

    def nothing_is_left(self):
        """The module has no server, no client of one, and no socket."""
        self.radio.channel.wait(lambda: self.radio.channel.idle is None, 5000)
        area = self.module.socket_table
        assert [s for s in area.servers if s is not None] == []
        assert [s for s in area.clients if s is not None] == []


def request_of(sock):
    """Return a client's request up to the empty line; None if the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(100)
        if not part:
            return None
        data += part
    return data


def number_of(data):
    return int(data.split(b"X-Visitor: ")[1].split(b"\r\n")[0])


def handle(place, sock):
    """Serve one client; return whether it stayed to the end."""
    place.accepted.append((sock, None))
    sock.settimeout(1)
    try:
        data = request_of(sock)
        if data is None:
            return
        place.accepted[-1] = (sock, number_of(data))
        sock.send(b"HTTP/1.0 200 OK\r\n\r\nyou are %d\n" % number_of(data))
    except OSError as e:
        assert e.errno in (errno.ETIMEDOUT, errno.ECONNRESET), e


# loops ---------------------------------------------------------------------------------------
def blocking(place, closes):
    """A loop of accept(), with a time-out so that the test ends."""
    listener = place.listener(3)
    while not place.street.over():
        try:
            sock, _ = listener.accept()
        except OSError as e:
            assert e.errno == errno.ETIMEDOUT
            continue
        handle(place, sock)
        if closes:
            sock.close()
        else:
            place.peek()
    return listener


def not_waiting(place, closes):
    """A loop of accept() with time-out 0, which raises EAGAIN."""
    listener = place.listener(0)
    while not place.street.over():
        try:
            sock, _ = listener.accept()
        except OSError as e:
            assert e.errno == errno.EAGAIN
            place.street.idle()
            continue
        handle(place, sock)
        if closes:
            sock.close()
        else:
            place.peek()
    return listener


def polling(place, closes):
    """One loop over all sockets, as with select.poll() and asyncio."""
    listener = place.listener(0)
    open_ = {}
    while not place.street.over():
        place.street.idle()
        if listener.ioctl(3, 1) & 1:
            sock, _ = listener.accept()
            sock.setblocking(False)
            open_[sock] = b""
            place.accepted.append((sock, None))
        for sock in list(open_):
            if not sock.ioctl(3, 1) & 17:
                continue
            try:
                part = sock.recv(100)
            except OSError as e:
                if e.errno == errno.EAGAIN:
                    continue
                part = b""
            open_[sock] += part
            if b"\r\n\r\n" in open_[sock]:
                answer = b"HTTP/1.0 200 OK\r\n\r\nyou are %d\n" % number_of(open_[sock])
                try:
                    while answer and sock.ioctl(3, 4) & 4:
                        answer = answer[sock.send(answer) :]
                        while answer and not sock.ioctl(3, 4) & 20:
                            place.street.idle()
                except OSError as e:
                    assert e.errno in (errno.ECONNRESET, errno.EAGAIN), e
                part = b""
            if not part:
                del open_[sock]
                if closes:
                    sock.close()
                    while place.radio.channel.idle is not None:
                        place.street.idle()
                        place.radio.channel.poll()
    for sock in open_:
        sock.close()
    return listener


def httpserver(place, closes):
    """adafruit_httpserver's documented loop. It does not close clients that have gone."""
    server = adafruit_httpserver.Server(place.pool)

    @server.route("/")
    def page(request):
        text = "you are %d\n" % int(request.headers["X-Visitor"])
        return adafruit_httpserver.Response(request, text)

    server.start("0.0.0.0", PORT)
    place.street.opens()
    while not place.street.over():
        try:
            server.poll()
        except ValueError as e:
            # It may raise this on any socket: half a request came, and the client seems to stay
            assert place.lost, e
            assert "raw_request" in str(e), e
        place.street.idle()
    return server._sock


LOOPS = {
    "blocking": (blocking, True),
    "blocking, forgets to close": (blocking, False),
    "not waiting": (not_waiting, True),
    "not waiting, forgets to close": (not_waiting, False),
    "polling": (polling, True),
    "polling, forgets to close": (polling, False),
    "adafruit_httpserver": (httpserver, True),
}


def run(place, loop, strict=True):
    """Run a loop until all visitors have gone, then close its sockets."""
    function, closes = LOOPS[loop]
    listener = function(place, closes)
    if strict:
        place.served()
    listener.close()
    for sock, _ in place.accepted:
        if closes:
            sock.close()
    place.nothing_is_left()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("seed", range(3))
def test_a_loop_survives_clients_that_connect_and_leave(loop, seed):
    run(Place(seed=seed), loop)


@pytest.mark.generated(2)
@pytest.mark.parametrize("loop", LOOPS)
def test_a_hundred_clients(loop):
    run(Place(100, seed=9), loop)


@pytest.mark.generated(9)
@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("lost", [(61,), (62,), (55,), (61, 62), (55, 61, 62)], ids=str)
def test_when_every_second_line_about_clients_is_lost(loop, lost):
    run(Place(seed=4, lost=lost), loop)


READINGS = [
    {"gone_client": "free"},
    {"gone_client": "free", "winds": "held"},
    {"winds": "held"},
    {"winds": "everywhere"},
    {"list_fields": "ids"},
    {"list_fields": "nothing"},
    {"wind55_missing": True},
]


@pytest.mark.generated(12)
@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("reading", READINGS, ids=str)
def test_under_other_readings(loop, reading):
    run(Place(seed=5, **reading), loop)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("lost", [(61,), (62,)], ids=str)
def test_when_the_module_frees_places_itself_and_lines_are_lost(loop, lost):
    """No client gets another's bytes. One that the server never noticed may have to come again."""
    run(Place(seed=6, lost=lost, gone_client="free"), loop, strict=False)
