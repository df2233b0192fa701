"""ESP_ATcontrol, as released, on a simulation of the part of ESP-AT that it uses.

The commands and the forms of their replies are Espressif's (AT command set, single connection,
data pushed with +IPD). Time is virtual, as for our own driver: the line has a rate, the module a
turnaround, and the host takes no time. The simulation takes the place of the package's `time`,
and adds up what the package sleeps.
"""

import importlib
import sys
import types
from collections import deque
from typing import Any

from bench import line

_MSS = 1460
_JOIN = 0.9  # seconds, the sum of Timing's join and dhcp


class Esp:
    """An ESP module with AT firmware; also the UART and the clock."""

    def __init__(self, baud=115200, turnaround=3):
        self.baudrate = baud
        self._turnaround = turnaround / 1000
        self._now = 1000.0
        self._line_free = self._line_in_free = 0.0
        self._out = deque()  # (moment of its last byte, bytes)
        self._rx = bytearray()
        self._typed = bytearray()
        self._want = 0  # bytes of CIPSEND still to come
        self._sent = bytearray()
        self._peer = None
        self._joined = False
        self.pushes = False  # from then on: the package drops what comes while it connects
        self.traffic = None  # a function (direction, bytes) that is shown all bytes
        self.waited = 0.0  # asleep, or asking in a loop while the line was idle
        self.commands = self.round_trips = self.bytes_in = self.bytes_out = 0

    # time, for the package
    def monotonic(self):
        """As time.monotonic()."""
        return self._now

    now = monotonic

    def sleep(self, seconds):
        """As time.sleep()."""
        self.waited += seconds
        self._now += seconds

    # the UART
    def _take(self, data):
        self._rx += data
        self.bytes_out += len(data)
        if self.traffic is not None:
            self.traffic("<", data)

    def _arrive(self):
        while self._out and self._out[0][0] <= self._now:
            self._take(self._out.popleft()[1])

    @property
    def in_waiting(self):
        """As busio.UART's. If nothing is there, time goes on until a whole piece is: the package
        has no use for a part of it."""
        self._push()
        self._arrive()
        if not self._rx:
            if self._out:
                self._now = self._out[0][0]
                self._arrive()
            else:
                self._now += 0.001
                self.waited += 0.001
        return len(self._rx)

    def read(self, n):
        """As busio.UART.read()."""
        data = bytes(self._rx[:n])
        del self._rx[:n]
        return data

    def reset_input_buffer(self):
        """As busio.UART's."""
        self._arrive()
        self._rx.clear()

    def write(self, data):
        """As busio.UART.write(): return when the last byte is on the line."""
        self.bytes_in += len(data)
        if self.traffic is not None:
            self.traffic(">", bytes(data))
        moment = max(self._now, self._line_in_free) + len(data) * 10 / self.baudrate
        self._line_in_free = self._now = moment
        if self._want:
            part = data[: self._want]
            self._sent += part
            self._want -= len(part)
            if not self._want:
                self._say(b"\r\nRecv %d bytes\r\n\r\nSEND OK\r\n" % len(self._sent))
                self._peer.on_data(bytes(self._sent))
            return len(data)
        self._typed += data
        while b"\r\n" in self._typed:
            text, _, rest = self._typed.partition(b"\r\n")
            self._typed = bytearray(rest)
            if text:
                self._command(text.decode())
        return len(data)

    def _emit(self, data, moment):
        moment = max(moment, self._line_free) + len(data) * 10 / self.baudrate
        self._line_free = moment
        self._out.append((moment, bytes(data)))

    def _say(self, data, after=0.0):
        self.round_trips += 1
        self._emit(data, self._now + self._turnaround + after)

    def _push(self):
        """Send the next segment with +IPD when the line is free."""
        peer = self._peer
        ready = self.pushes and not self._want and self._line_free <= self._now
        if peer is not None and peer.outgoing and ready:
            part = peer.outgoing[:_MSS]
            del peer.outgoing[:_MSS]
            self._emit(b"\r\n+IPD,%d:%b" % (len(part), part), self._now)

    def _command(self, text):
        self.commands += 1
        name, _, value = text.partition("=")
        method = getattr(self, "_" + name[3:].strip("?").lower(), None)
        if method is not None:
            method(value)
        else:
            self._say(_REPLIES.get(text, b"") + b"\r\nOK\r\n")

    def _cwstate(self, value):
        state = b'2,"home"' if self._joined else b'0,""'
        self._say(b"+CWSTATE:" + state + b"\r\n\r\nOK\r\n")

    def _cwjap(self, value):
        self._joined = True
        self._say(b"WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n", _JOIN)

    def _cipstate(self, value):
        state = b'+CIPSTATE:0,"TCP","93.184.216.34",80,50000,0\r\n' if self._peer else b""
        self._say(state + b"\r\nOK\r\n")

    def _cipdomain(self, value):
        self._say(b"+CIPDOMAIN:" + value.encode() + b"\r\n\r\nOK\r\n", line.DNS / 1000)

    def _cipstart(self, value):
        self._peer = line.PEERS[value.split('"')[3].partition(".")[0]]()
        self._peer.on_connect()
        self._say(b"CONNECT\r\n\r\nOK\r\n", (line.DNS + line.TCP) / 1000)

    def _cipsend(self, value):
        self._want = int(value)
        self._sent = bytearray()
        self._say(b"\r\nOK\r\n\r\n>")

    def _cipclose(self, value):
        self._peer = None
        self._say(b"CLOSED\r\n\r\nOK\r\n")


_REPLIES = {
    "AT+CIPMUX?": b"+CIPMUX:0\r\n",
    "AT+CWMODE?": b"+CWMODE:1\r\n",
    "AT+CIFSR": b'+CIFSR:STAIP,"192.168.1.23"\r\n',
    "AT+GMR": b"AT version:2.2.0.0\r\n",
}


def package() -> "tuple[Any, Any]":
    """Import the released package; return (its module, the module of its sockets)."""
    pins: Any = types.ModuleType(
        "digitalio"
    )  # the real one needs a board; the package uses Direction only
    pins.DigitalInOut = object
    pins.Direction = type("Direction", (), {"OUTPUT": 1})
    constants: Any = types.ModuleType("micropython")
    constants.const = lambda x: x
    before = sys.modules.get("digitalio"), sys.modules.get("micropython")
    sys.modules["digitalio"] = pins
    sys.modules["micropython"] = constants
    try:
        control = importlib.import_module("adafruit_espatcontrol.adafruit_espatcontrol")
        sockets = importlib.import_module("adafruit_espatcontrol.adafruit_espatcontrol_socket")
    finally:
        for name, module in zip(("digitalio", "micropython"), before):
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return control, sockets


class Board:
    """ESP_ATcontrol on an Esp, joined."""

    def __init__(self, baud=115200, turnaround=3, traffic=None):
        self.esp = esp = Esp(baud, turnaround)
        esp.traffic = traffic
        control, self.sockets = package()
        control.time = esp
        control.print = lambda *args: None
        control.gc = types.SimpleNamespace(collect=int)  # CPython's is slow and measures nothing
        self.driver = control.ESP_ATcontrol(esp, baud)
        self.driver.connect({"ssid": "home", "password": "correct horse"})
        self.sockets.set_interface(self.driver)

    def _counts(self):
        esp = self.esp
        counts = esp.commands, esp.round_trips, esp.bytes_in, esp.bytes_out
        return (*counts, esp.now(), esp.waited)

    def measured(self, work):
        """Do work(), which returns how many bytes it moved; return its Cost."""
        self.esp.pushes = True
        before = self._counts()
        payload = work()
        return line.difference(payload, before, self._counts())

    def open(self, host):
        """Return a connected socket."""
        sock = self.sockets.socket()
        sock.settimeout(5)
        sock.connect((f"{host}.example", 80), "TCP")
        return sock


def receive(baud, turnaround, chunk, total=line.TOTAL):
    """Receive much by recv() of chunks. The host takes no time, so its UART never overruns."""
    board = Board(baud, turnaround)
    sock = board.open("stream")

    def work():
        got = 0
        while got < total:
            got += len(sock.recv(chunk))
        return got

    return board.measured(work)


def send(baud, turnaround, chunk, total=line.TOTAL):
    """Send much by send() of buffers of one chunk."""
    board = Board(baud, turnaround)
    sock = board.open("sink")
    data = bytes(chunk)

    def work():
        sent = 0
        while sent < total:
            sock.send(data)
            sent += chunk
        return sent

    return board.measured(work)


def _fetch(board):
    """Do a bare GET; return (moment of the first byte, seconds waited until then)."""
    sock = board.open("web")
    sock.send(line.REQUEST)
    got = len(sock.recv(730))
    first = board.esp.now(), board.esp.waited
    while got < len(line.PAGE):
        got += len(sock.recv(730))
    board.driver.socket_disconnect()  # close() would first wait for more until its time-out
    return first


def http(baud=115200, turnaround=3):
    """Do a bare GET: open, write, read until the page is there, close."""
    board = Board(baud, turnaround)

    def work():
        _fetch(board)
        return line.BODY

    return board.measured(work)


def first_byte(baud=115200, turnaround=3):
    """Return what page.first_byte() returns."""
    board = Board(baud, turnaround)
    joined, waited = board.esp.now(), board.esp.waited
    board.esp.pushes = True
    first = _fetch(board)
    return first[0] - joined, first[1] - waited, waited


def requests(baud=115200, turnaround=3):
    """Get the page by adafruit_requests, with a recv_into() that the package lacks."""
    import adafruit_requests

    board = Board(baud, turnaround)

    def recv_into(sock, buffer, nbytes=0):
        data = sock.recv(nbytes or len(buffer))
        buffer[: len(data)] = data
        return len(data)

    board.sockets.socket.recv_into = recv_into

    def work():
        response = adafruit_requests.Session(board.sockets, None).get("http://web.example/")
        assert len(response.content) == line.BODY
        board.driver.socket_disconnect()
        return line.BODY

    return board.measured(work)
