"""Hosts that behave as others' drivers do.

They send what those send, at the same moments, wait for exactly what those wait for, and fail
where those would. [b.4, g, k]

Each has the sequence from a reset to a page of a server as methods that a test calls in turn.
"""

import re

from spwf04_sim import Flash, Peer, SimulatedModule, Timing, VirtualClock, World

HOST, PORT = "example.org", 80
SSID, KEY = "home", "correct horse"
REQUEST = b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n"
PAGE = b"HTTP/1.0 200 OK\r\n\r\n" + bytes(range(256)) * 9


class Failed(AssertionError):
    """The driver would have given up here."""


class PageServer(Peer):
    """Sends a page for a request, and closes."""

    def on_data(self, data):
        """Answer a complete request."""
        if data.endswith(b"\r\n\r\n"):
            self.send(PAGE)
            self.close()


class Host:
    """A host with a module on its UART. lines: what the module has said, decoded."""

    def __init__(self, quirks=None, saved=None):
        self.clock = VirtualClock()
        world = World()
        world.add_access_point(SSID, KEY)
        world.route(HOST, PORT, PageServer)
        self.module = SimulatedModule(
            world,
            quirks=quirks,
            clock=self.clock,
            timing=Timing(baud=115200),
            flash=Flash(saved=saved or {}),
        )
        self.lines = []
        self._bytes = bytearray()
        self.module.power_on()

    def reset_by_pin(self):
        """Hold RESET low for 200 ms, then let it float."""
        self.module.reset_pin(0)
        self.wait(200)
        self._bytes.clear()
        self.module.reset_pin(1)

    def wait(self, ms):
        """Do nothing for so many ms."""
        end = self.clock.now() + ms / 1000
        while self.clock.now() < end:
            self.clock.idle()
            self._bytes += self.module.transmit()

    def send(self, line, payload=b""):
        """Send a command, its CR, and what belongs to it."""
        self.module.receive(line.encode() + b"\r" + payload)

    def _await(self, enough, ms, what):
        end = self.clock.now() + ms / 1000
        while not enough():
            if self.clock.now() > end:
                raise Failed(f"no {what} within {ms} ms; heard: {self.lines[-8:]}")
            self.clock.idle()
            self._bytes += self.module.transmit()

    def line(self, ms, what="line"):
        """The next line with its CR LF."""
        self._await(lambda: b"\n" in self._bytes, ms, what)
        end = self._bytes.index(b"\n") + 1
        found = bytes(self._bytes[:end])
        del self._bytes[:end]
        self.lines.append(found.decode("latin-1"))
        return self.lines[-1]

    def _next(self, ms):
        return self.line(ms)

    def _within(self, ms):
        """The lines that come, until so many ms have passed; then it has failed."""
        end = self.clock.now() + ms / 1000
        while self.clock.now() < end:
            yield self._next(ms)
        raise Failed(f"not within {ms} ms; heard: {self.lines[-8:]}")

    def bytes(self, n, ms):
        """The next n bytes, whatever they are."""
        self._await(lambda: len(self._bytes) >= n, ms, f"{n} bytes")
        found = bytes(self._bytes[:n])
        del self._bytes[:n]
        return found


class Mbed(Host):
    """ARM's driver. It skips lines that it does not know, and takes OK only as AT-S.OK CR LF. It
    waits 8 s for the module, at most three times."""

    MASKS = ("0x00000000", "0x80000000", "0x00100000")
    OFF = ("0xFFFFFFFF",) * 3
    CHUNK = 730

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.pending = {}  # socket: bytes that are known to wait
        self.ended = set()

    def _next(self, ms):
        line = self.line(ms)
        if line.startswith("AT-S.ERROR:"):
            raise Failed(line)
        data = re.match(r"\+WIND:55:Pending Data::(\d+):\d+:(\d+)\r\n", line)
        if data is not None:
            self.pending[int(data[1])] = int(data[2])
        end = re.match(r"\+WIND:58:Socket Closed:(\d+):\d+\r\n", line)
        if end is not None:
            self.ended.add(int(end[1]))
        if line.startswith(("+WIND:5:", "+WIND:8:")):
            raise Failed(line)
        return line

    def until(self, start, ms):
        """Skip lines until one begins so."""
        return next(line for line in self._within(ms) if line.startswith(start))

    def ask(self, line, payload=b"", ms=5000):
        """Send a command; wait for AT-S.OK."""
        self.send(line, payload)
        self.until("AT-S.OK\r\n", ms)

    def _masks(self, values):
        for name, value in zip(("low", "medium", "high"), values):
            self.ask(f"AT+S.SCFG=console_wind_off_{name},{value}")

    def restart(self):
        """Save, reset without waiting for OK, wait for the radio."""
        self.ask("AT+S.WCFG")
        self.send("AT+S.RESET")
        self.until("+WIND:32:WiFi Hardware Started", 3 * 8000)

    def initialise(self):
        """From the reset pin to a configured module: it begins 70 ms after WIND 0, while the radio
        is still starting."""
        self.reset_by_pin()
        self.until("+WIND:0:Console active", 3 * 8000)
        self.wait(70)
        self.ask("AT+S.FCFG")
        self.ask("AT+S.SCFG=blink_led,0")
        self.ask("AT+S.SCFG=console_echo,0")
        self.ask("AT+S.SCFG=wifi_opr_rate_mask,0x003FFFCF")
        self.ask("AT+S.SCFG=wifi_ht_mode,1")
        self.ask("AT+S.SCFG=wifi_mode,0")
        self.ask("AT+S.SCFG=console_hwfc,0")
        self._masks(self.MASKS)
        self.restart()

    def connect(self, key=KEY):
        """Join; three deauthentications are a failure."""
        self.ask(f"AT+S.SCFG=wifi_wpa_psk_text,{key}")
        self.ask(f"AT+S.SSIDTXT={SSID}")
        self.ask("AT+S.SCFG=wifi_priv_mode,2")
        self.ask("AT+S.SCFG=wifi_mode,1")
        self.restart()
        refusals = 0
        for line in self._within(60000):
            if ":24:" in line and "." in line:
                return
            refusals += ":40:" in line
            if refusals == 3:
                raise Failed("three times :40:")

    def open(self):
        """Open a socket; both lines of the reply must be read."""
        self.send(f"AT+S.SOCKON={HOST},{PORT},NULL,t")
        line = self.until("AT-S.On:", 5000)
        found = re.fullmatch(r"AT-S\.On:\d+\.\d+\.\d+\.\d+:(\d)\r\n", line)
        if found is None or self._next(5000) != "AT-S.OK\r\n":
            raise Failed(line)
        return int(found[1])

    def write(self, n, data):
        """Send data in pieces of at most 730 bytes."""
        for at in range(0, len(data), self.CHUNK):
            part = data[at : at + self.CHUNK]
            self.ask(f"AT+S.SOCKW={n},{len(part)}", part)

    def read(self, n):
        """What waits in a socket, at most 730 bytes; indications are off meanwhile."""
        if not self.pending.get(n):
            self.send(f"AT+S.SOCKQ={n}")
            self.pending[n] = int(self.until("AT-S.Query:", 5000)[11:])
            self.until("AT-S.OK\r\n", 5000)
        amount = min(self.pending[n], self.CHUNK)
        if not amount:
            return b""
        self._masks(self.OFF)
        self.send(f"AT+S.SOCKR={n},{amount}")
        line = self._next(5000)
        found = re.fullmatch(r"AT-S\.Reading:(\d+):\d+\r\n", line)
        if found is None or int(found[1]) != amount:
            raise Failed(line)
        data = self.bytes(amount, 5000)
        if self._next(5000) != "AT-S.OK\r\n":
            raise Failed(self.lines[-1])
        self._masks(self.MASKS)
        self.pending[n] -= amount
        return data

    def page(self):
        """Open a socket, ask for the page, read it to its end, close."""
        n = self.open()
        self.write(n, REQUEST)
        found = b""
        for _ in range(40):
            self.wait(20)
            part = self.read(n)
            found += part
            if not part and len(found) >= len(PAGE):
                break
        self.ask(f"AT+S.SOCKC={n}")
        return found

    def disconnect(self):
        """Leave the network."""
        self.ask("AT+S.WIFI=0")
        self.ask("AT+S.SCFG=wifi_mode,0")
        self.ask("AT+S.WIFI=1")
        self.restart()


class ST(Host):
    """ST's middleware on the UART. It leaves the echo on, and knows lines by how they begin; it
    has no use for any other line. Of replies it compares the whole line."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.addresses = 0  # WIND 24 so far
        self.pending = False
        self.radio = False
        self.powered_down = False

    def _next(self, ms):
        line = self.line(ms)
        if line.startswith("+WIND:"):
            self._indication(line)
        elif not line.startswith(("AT-S.", "AT+S.")):
            raise Failed(f"a line that is none: {line!r}")
        return line

    def _indication(self, line):
        number = int(line.split(":")[1])
        self.addresses += number == 24
        self.pending = self.pending or number == 55
        self.radio = self.radio or number == 32
        self.powered_down = self.powered_down or number == 38

    def ask(self, line, payload=b"", ms=20000):
        """Send a command; wait for its echo, then for OK. Return the lines in between."""
        self.send(line, payload)
        self.wait_for(line + "\r\n", ms)
        found = []
        for said in self._within(ms):
            if said == "AT-S.OK\r\n":
                return found
            if said.startswith("AT-S.ERROR"):
                raise Failed(said)
            if said.startswith("AT-S."):
                found.append(said)
        return found

    def wait_for(self, start, ms=20000):
        """Wait for a line that begins so."""
        next(said for said in self._within(ms) if said.startswith(start))

    def reset(self):
        """Reset by the pin, and wait for the radio."""
        self.radio = False
        self.addresses = 0
        self.reset_by_pin()
        self.wait_for("+WIND:32:")

    def initialise(self):
        """From the reset pin to a module in its network."""
        self.reset()
        self.ask("AT+S.FCFG")
        self.ask("AT+S.SCFG=console_speed,115200")
        self.ask("AT+S.WCFG")
        self.reset()
        self.ask("AT+S.SCFG=console_hwfc,0")
        self.ask("AT+S.SCFG=ip_use_dhcpc,1")
        self.ask("AT+S.WIFI=0")
        if not self.powered_down:
            self.wait_for("+WIND:38:")
        self.ask("AT+S.SCFG=wifi_mode,1")
        self.ask("AT+S.SCFG=wifi_auth_type,0")
        self.ask("AT+S.SCFG=wifi_priv_mode,2")
        self.ask(f"AT+S.SCFG=wifi_wpa_psk_text,{KEY}")
        self.ask(f"AT+S.SSIDTXT={SSID}")
        self.ask("AT+S.TLSCERT=content,2")
        self.ask("AT+S.SCFG=console_verbose,1")
        self.radio = False
        self.ask("AT+S.WIFI=1")
        if not self.radio:
            self.wait_for("+WIND:32:")
        self.ask("AT+S.WCFG")
        self.reset()
        for _ in self._within(30000):
            if self.addresses == 2:  # IPv4 and IPv6; it does not look which is which
                return

    def page(self):
        """Open a socket, ask for the page, read until SOCKQ says 0, close."""
        (on,) = self.ask(f"AT+S.SOCKON={HOST},{PORT},NULL,t")
        n = on.rstrip().rpartition(":")[2]
        self.ask(f"AT+S.SOCKW={n},{len(REQUEST)}", REQUEST)
        while not self.pending:
            self._next(20000)
        found = b""
        while True:
            (query,) = self.ask(f"AT+S.SOCKQ={n}")
            there = int(query[len("AT-S.Query:") :])
            if not there:
                break
            found += self._read(n, there)
        self.ask(f"AT+S.SOCKC={n}")
        return found

    def _read(self, n, there):
        line = f"AT+S.SOCKR={n},{there}"
        self.send(line)
        self.wait_for(line + "\r\n")
        self.wait_for("AT-S.Reading:")
        data = self.bytes(there, 20000)  # exactly what it asked for, with no look at indications
        if self._next(20000) != "AT-S.OK\r\n":
            raise Failed(self.lines[-1])
        return data


class GHI(Host):
    """GHI's driver: it joins without a reset, and reads exactly the lines that it expects. What is
    an indication goes to a queue of its own."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.indications = []

    def _next(self, ms=10000):
        while True:
            line = self.line(ms)
            if not line.startswith("+WIND:"):
                return line
            self.indications.append(line)

    def ask(self, line, lines=0, payload=b""):
        """Send a command, and read so many lines and the last one."""
        self.send(line, payload)
        found = [self._next() for _ in range(lines)]
        if self._next() != "AT-S.OK\r\n":
            raise Failed(self.lines[-3:])
        return found

    def wait_for(self, start, ms=30000):
        """Wait for an indication that begins so."""
        end = self.clock.now() + ms / 1000
        while not any(line.startswith(start) for line in self.indications):
            if self.clock.now() > end:
                raise Failed(f"no {start}")
            line = self.line(ms)
            if line.startswith("+WIND:"):
                self.indications.append(line)

    def initialise(self):
        """Switch the echo off once the radio is on."""
        self.reset_by_pin()
        self.wait_for("+WIND:32:")
        self.ask("AT+S.SCFG=console_echo,0", 1)

    def connect(self):
        """Join without a reset."""
        self.ask("AT+S.WIFI=0")
        self.ask("AT+S.SCFG=wifi_mode,1")
        self.ask("AT+S.SCFG=wifi_priv_mode,2")
        self.ask(f"AT+S.SCFG=wifi_wpa_psk_text,{KEY}")
        self.ask(f"AT+S.SSIDTXT={SSID}")
        self.indications.clear()
        self.ask("AT+S.WIFI=1")
        self.ask("AT+S.WCFG")
        self.wait_for("+WIND:24:WiFi Up:0:")

    def address_of(self, host):
        """Look a name up: open a socket, and close it."""
        (on,) = self.ask(f"AT+S.SOCKON={host},{PORT},,t", 1)
        _, address, n = on.rstrip().split(":")
        self.ask(f"AT+S.SOCKC={n}")
        return address

    def page(self):
        """Open a socket, ask for the page, read what SOCKQ says, close."""
        (on,) = self.ask(f"AT+S.SOCKON={HOST},{PORT},,t", 1)
        n = on.rstrip().rpartition(":")[2]
        self.ask(f"AT+S.SOCKW={n},{len(REQUEST)}", 0, REQUEST)
        found = b""
        while len(found) < len(PAGE):
            self.wait(20)
            (query,) = self.ask(f"AT+S.SOCKQ={n}", 1)
            there = int(query.rstrip().rpartition(":")[2])
            if there:
                found += self._read(n, there)
        self.ask(f"AT+S.SOCKC={n}")
        return found

    def _read(self, n, there):
        self.send(f"AT+S.SOCKR={n},{there}")
        header = self._next()
        if not header.startswith("AT-S.Reading:"):
            raise Failed(header)
        data = self.bytes(int(header.split(":")[1]), 10000)
        if self._next() != "AT-S.OK\r\n":
            raise Failed(self.lines[-1])
        return data
