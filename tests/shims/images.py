"""Firmware images on servers of the simulated world, for tests of updates."""

from spwf04_sim import Peer, firmware_image

NEW = "180301-1234567"


class Server(Peer):
    """An HTTP server with one file."""

    def __init__(self, status, body, cut, clock):
        super().__init__()
        self._clock = clock
        self._answer = (
            f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode(),
            body[: len(body) - cut],
        )
        self._asked = b""

    def on_data(self, data):
        self._asked += data
        if b"\r\n\r\n" in self._asked:
            head, body = self._answer
            self.send(head if self._asked.startswith(b"HEAD") else head + body)
            self.close()


class _Slow(Server):
    """Sends 500 bytes a second."""

    _data = b""
    _begun = None

    def send(self, data):
        self._data, self._begun = bytes(data), self._clock.now()

    def _due(self):
        """How many bytes may have gone by now."""
        if self._begun is None:
            return 0
        return min(len(self._data), 500 + int(500 * (self._clock.now() - self._begun)))

    @property
    def outgoing(self):
        due = self._due()
        self._free += self._data[self._gone : due]
        self._gone = due
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free, self._gone = data, 0

    @property
    def closed(self):
        return self._over and self._due() == len(self._data)

    @closed.setter
    def closed(self, over):
        self._over = over


class Images:
    """The part of a Controller that says what updates.example sends."""

    def offer(self, kind):
        """Add a server with an image: "good", "bad", "cut" (it breaks off), "missing" (404),
        "slow" (it takes 40 s)."""
        body = firmware_image(NEW, "1.2.0", 20000)
        if kind == "bad":
            body = b"\xff" + body
        status = "404 Not Found" if kind == "missing" else "200 OK"
        cut = 5000 if kind == "cut" else 0
        clock = self.module.clock
        slow = kind == "slow"
        self.world.route(
            "updates.example", 80, lambda: (_Slow if slow else Server)(status, body, cut, clock)
        )

    def named_fault(self, name, command="", ms=0):
        """Add a fault; some take a command and ms."""
        options = {"command": command, "ms": ms} if command else {}
        self.module.faults.add(name, **options)

    def save_setting(self, name, value):
        """Set a variable as if it had been saved before."""
        self.module.flash.saved[name] = value

    def deaf(self, host):
        """Add a name that resolves to an address where nothing answers."""
        self.world.deaf.add(self.world.add_host(host))
