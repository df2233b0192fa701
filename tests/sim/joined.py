"""A simulated module that has joined its network, asked over its console and by real clients."""

import http.client
import io
import socket

from spwf04_sim import SimulatedModule, Timing, VirtualClock, World


class Joined:
    """A module on a virtual clock, its echo switched off. saved: variables of its configuration;
    more: as for SimulatedModule."""

    def __init__(self, saved=None, **more):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        self.clock = VirtualClock(longest=50)
        more.setdefault("timing", Timing.fast())
        self.module = SimulatedModule(self.world, clock=self.clock, **more)
        self.module.flash.saved = {
            "wifi_ssid": "home",
            "wifi_wpa_psk_text": "correct horse",
            "console_echo": "0",
            **(saved or {}),
        }
        self.module.power_on()
        self.clock.advance(1)
        self.said(0)

    def ask(self, line, data=b"", seconds=0.3):
        """Send a command and its data; return what the module says."""
        self.module.receive(line.encode() + b"\r" + data)
        return self.said(seconds)

    def said(self, seconds=0.3):
        """Let time pass, and return what the module says meanwhile."""
        self.clock.advance(seconds)
        return self.module.transmit().decode("latin-1")

    def put(self, name, data):
        """Write a file, named <volume>:/<name>."""
        self.module.flash.files[int(name[0]), name[3:]] = bytearray(data)

    def browse(self, path="/", method="GET", body=b"", version="1.0", seconds=2, **headers):
        """Ask the module's web server; return an Answer."""
        browser = Browser(self.world.listening[80])
        browser.send(path, method, body, version, **headers)
        self.clock.advance(seconds)
        return browser.answer()


class Browser:
    """A browser's connection."""

    def __init__(self, address):
        self.sock = socket.create_connection(address)
        self.sock.setblocking(False)
        self.got = b""

    def send(self, path="/", method="GET", body=b"", version="1.0", **headers):
        """Send a request."""
        if body:
            headers.setdefault("Content_Length", str(len(body)))
        lines = [f"{method} {path} HTTP/{version}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def read(self):
        """Return what has come so far, and whether the connection has ended."""
        try:
            while data := self.sock.recv(65536):
                self.got += data
        except BlockingIOError:
            return self.got, False
        return self.got, True

    def answer(self):
        """Return the answer that has come."""
        return Answer(self.read()[0])


class Answer:
    """An answer of the web server: status, headers, body."""

    def __init__(self, data):
        response = http.client.HTTPResponse(_Socket(data))  # type: ignore[arg-type]
        response.begin()
        self.status, self.headers, self.body = response.status, response.headers, response.read()


class _Socket:
    def __init__(self, data):
        self._data = data

    def makefile(self, *_):
        return io.BytesIO(self._data)
