"""ESP_ATcontrol, as released, on a simulation of just as much ESP-AT as it uses.

The commands and the forms of their replies are Espressif's (AT command set, single connection,
data pushed with +IPD). Time is virtual, as for our own driver: the line has a rate, the module a
turnaround, the host takes none. The package's `time` is replaced by the simulation's, which also
adds up what it sleeps.
"""

import importlib
import sys
import types
from collections import deque

from bench import line

_MSS = 1460


class Esp:
    """An ESP module with AT firmware, joined to a network; also the UART and the clock."""

    def __init__(self, baud=115200, turnaround=3, latency=0.05):
        self.baudrate = baud
        self._turnaround = turnaround / 1000
        self._latency = latency  # of TCP connection and DNS, as line.Stage: 20 + 30 ms
        self._now = 1000.0
        self._line_free = self._line_in_free = 0.0
        self._out = deque()  # (moment of its last byte, bytes)
        self._rx = bytearray()
        self._typed = bytearray()
        self._want = 0  # bytes of CIPSEND still to come
        self._sent = bytearray()
        self._peer = None
        self.slept = 0.0
        self.pushes = False  # until it is measured: what comes while it connects, it throws away
        self.round_trips = 0
        self.commands = self.bytes_in = self.bytes_out = 0

    # time, for the package
    def monotonic(self):
        """As time.monotonic()."""
        return self._now

    now = monotonic

    def sleep(self, seconds):
        """As time.sleep()."""
        self.slept += seconds
        self._now += seconds

    # the UART
    def _arrive(self):
        while self._out:
            moment, data = self._out[0]
            late = moment - self._now
            here = len(data) - int(late * self.baudrate / 10 + 0.999999) if late > 0 else len(data)
            if here <= 0:
                return
            self._rx += data[:here]
            if here < len(data):
                self._out[0] = (moment, data[here:])
                return
            self._out.popleft()

    @property
    def in_waiting(self):
        """As busio.UART's; if nothing is there, time goes on to the next byte."""
        self._push()
        self._arrive()
        if not self._rx:
            if self._out:
                moment, data = self._out[0]
                first = moment - (len(data) - 1) * 10 / self.baudrate
                self._now = max(self._now, first)
            else:
                self._now += 0.001
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
        """As busio.UART.write()."""
        self.bytes_in += len(data)
        moment = max(self._now, self._line_in_free) + len(data) * 10 / self.baudrate
        self._line_in_free = moment
        self._now = moment  # busio writes wait
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
        self.bytes_out += len(data)
        self._out.append((moment, bytes(data)))

    def _say(self, data, after=0.0):
        self.round_trips += 1
        self._emit(data, self._now + self._turnaround + after)

    def _push(self):
        """+IPD: the next segment, when the line is free."""
        peer = self._peer
        ready = self.pushes and not self._want and self._line_free <= self._now
        if peer is not None and peer.outgoing and ready:
            part = peer.outgoing[:_MSS]
            del peer.outgoing[:_MSS]
            self._emit(b"\r\n+IPD,%d:%b" % (len(part), part), self._now)

    def _command(self, text):
        self.commands += 1
        if text.startswith("AT+CIPSTART="):
            host = text.split('"')[3]
            self._peer = {"stream": line.Stream, "web": line.Web, "sink": line.Sink}[
                host.split(".")[0]
            ]()
            self._peer.on_connect()
            self._say(b"CONNECT\r\n\r\nOK\r\n", self._latency)
        elif text.startswith("AT+CIPSEND="):
            self._want = int(text[11:])
            self._sent = bytearray()
            self._say(b"\r\nOK\r\n\r\n>")
        elif text == "AT+CIPCLOSE":
            self._peer = None
            self._say(b"CLOSED\r\n\r\nOK\r\n")
        elif text.startswith("AT+CIPDOMAIN="):
            self._say(b"+CIPDOMAIN:" + text[13:].encode() + b"\r\n\r\nOK\r\n", 0.02)
        elif text == "AT+CIPSTATE?":
            state = b'+CIPSTATE:0,"TCP","93.184.216.34",80,50000,0\r\n' if self._peer else b""
            self._say(state + b"\r\nOK\r\n")
        else:
            self._say(_REPLIES.get(text, b"") + b"\r\nOK\r\n")


_REPLIES = {
    "AT+CWSTATE?": b'+CWSTATE:2,"home"\r\n',
    "AT+CIPMUX?": b"+CIPMUX:0\r\n",
    "AT+CWMODE?": b"+CWMODE:1\r\n",
    "AT+CWJAP?": b'+CWJAP:"home","98:de:d0:ea:4c:62",6,-47,0,0,0,0\r\n',
    "AT+CIFSR": b'+CIFSR:STAIP,"192.168.1.23"\r\n',
    "AT+GMR": b"AT version:2.2.0.0\r\n",
}


def package():
    """The released package: (module of ESP_ATcontrol, module of its socket)."""
    stub = types.ModuleType("digitalio")  # the real one wants a board; only Direction is used
    stub.DigitalInOut = object
    stub.Direction = type("Direction", (), {"OUTPUT": 1})
    before = sys.modules.get("digitalio"), sys.modules.get("micropython")
    sys.modules["digitalio"] = stub
    sys.modules["micropython"] = types.SimpleNamespace(const=lambda x: x)
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


class Peer:
    """ESP_ATcontrol on an Esp, begun; the network is joined from before, because its connect()
    compares bytes with str, which only CircuitPython allows."""

    def __init__(self, baud=115200, turnaround=3):
        self.esp = esp = Esp(baud, turnaround)
        control, self.sockets = package()
        control.time = esp
        control.print = lambda *args: None
        self.driver = control.ESP_ATcontrol(esp, baud)
        self.driver.begin()
        self.sockets.set_interface(self.driver)

    def measured(self, work):
        """Do work(), which returns the bytes it moved: (Cost, seconds slept)."""
        esp = self.esp
        esp.pushes = True
        before = esp.commands, esp.bytes_in, esp.bytes_out, esp._now, esp.slept
        payload = work()
        cost = line.Cost(
            payload,
            esp.commands - before[0],
            esp.bytes_in - before[1],
            esp.bytes_out - before[2],
            esp._now - before[3],
        )
        return cost, esp.slept - before[4]

    def open(self, host):
        """A connected socket."""
        sock = self.sockets.socket()
        sock.settimeout(5)
        sock.connect((f"{host}.example", 80), "TCP")
        return sock


def receive(baud, turnaround, chunk, total=100_000):
    """Bulk receive by recv() of chunks; the host takes no time, so its UART never overruns."""
    peer = Peer(baud, turnaround)
    sock = peer.open("stream")

    def work():
        got = 0
        while got < total:
            got += len(sock.recv(chunk))
        return got

    return peer.measured(work)


def send(baud, turnaround, chunk, total=100_000):
    """Bulk send by send() of whole buffers of a chunk."""
    peer = Peer(baud, turnaround)
    sock = peer.open("sink")
    data = bytes(chunk)

    def work():
        sent = 0
        while sent < total:
            sock.send(data)
            sent += chunk
        return sent

    return peer.measured(work)


def get(baud=115200, turnaround=3):
    """A bare GET: open, write, read until the page is there, close."""
    peer = Peer(baud, turnaround)

    def work():
        sock = peer.open("web")
        sock.send(line.REQUEST)
        got = 0
        while got < len(line.PAGE):
            got += len(sock.recv(730))
        peer.driver.socket_disconnect()  # close() would first wait for more, to its time-out
        return 500

    return peer.measured(work)


def requests(baud=115200, turnaround=3):
    """The same page by adafruit_requests, which needs a recv_into() that the package lacks."""
    import adafruit_requests

    peer = Peer(baud, turnaround)

    def recv_into(sock, buffer, nbytes=0):
        data = sock.recv(nbytes or len(buffer))
        buffer[: len(data)] = data
        return len(data)

    peer.sockets.socket.recv_into = recv_into

    def work():
        response = adafruit_requests.Session(peer.sockets, None).get("http://web.example/")
        assert len(response.content) == 500
        peer.driver.socket_disconnect()
        return 500

    return peer.measured(work)
