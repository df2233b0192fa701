"""A simulated module in a process of its own, for a run as on a real one.

    python -m tests.hardware.desk [--web] [--like REPORT] [--rfc2217 PORT]

It says on stdout where the module is: a terminal, or rfc2217://127.0.0.1:PORT. Its network is
"desk", the password "for the desk"; it reaches this computer's ports, and is reached at them. With
--web that holds for the module's own servers too, at ports 80 and 69; else they are where nobody
finds them, so that several such processes can run. With --like it has the readings of a report of
`spwf04 probe`.
"""

import socket
import sys
import threading
import time

from spwf04_sim import PtyPort, Quirks, SimulatedModule, Timing, World

SSID, PASSWORD = "desk", "for the desk"
_OWN = 1024  # below are the ports of the module's own servers


class Loopback(World):
    """A world in which every address of this computer is what it is. web: so are the ports of the
    module's own servers."""

    def __init__(self, web=False):
        super().__init__()
        self._web = web
        self.add_access_point(SSID, PASSWORD, lease="127.0.0.1", gateway="127.0.0.1")

    def target(self, ip, port):
        """As of World: a connection to this computer leads there."""
        return ("127.0.0.1", port) if ip.startswith("127.") else super().target(ip, port)

    def place(self, port):
        """A server of the module is at that port of this computer."""
        return "127.0.0.1", port if self._web or port >= _OWN else 0


def _carry(serial_port, module):
    """Serve RFC 2217 on a TCP port: one client after the other."""
    import serial.rfc2217

    listener = socket.create_server(("127.0.0.1", serial_port))
    print(f"rfc2217://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setblocking(False)
        _one(sock, module, serial.rfc2217)


class _Settings:
    """What a PortManager asks of a serial.Serial; a module takes any settings."""

    baudrate, bytesize, parity, stopbits = 115200, 8, "N", 1
    rtscts = xonxoff = dsrdtr = False
    rts = dtr = break_condition = True
    cts = dsr = ri = cd = False

    def reset_input_buffer(self):
        pass

    reset_output_buffer = reset_input_buffer


class _Client:
    """Where a PortManager writes what it answers."""

    def __init__(self, sock):
        self.lock = threading.Lock()
        self._sock = sock

    def write(self, data):
        """Send all of it."""
        data = bytes(data)
        while data:
            try:
                data = data[self._sock.send(data) :]
            except BlockingIOError:
                time.sleep(0.001)


def _one(sock, module, rfc2217):
    client = _Client(sock)
    manager = rfc2217.PortManager(_Settings(), client)
    while True:
        try:
            data = sock.recv(4096)
            if not data:
                return
            module.receive(b"".join(manager.filter(data)))
        except BlockingIOError:
            time.sleep(0.0005)
        except OSError:
            return
        out = module.transmit(4096)
        if out:
            client.write(b"".join(manager.escape(out)))


class Desk:
    """A module that was switched on. web: as of Loopback. quirks: its readings, None: the
    likeliest."""

    def __init__(self, web=False, quirks=None):
        timing = Timing.fast()
        timing.retry = 700
        self.module = SimulatedModule(Loopback(web), quirks=quirks or Quirks(), timing=timing)
        self.module.power_on()


def main(arguments):
    """Run until the process is ended, or stdin is closed."""
    more = dict(zip(arguments, arguments[1:]))  # each word, and what stands behind it
    quirks = Quirks.from_probe(more["--like"]) if "--like" in more else None
    module = Desk("--web" in arguments, quirks).module
    if "--rfc2217" in more:
        serving = (int(more["--rfc2217"]), module)
        threading.Thread(target=_carry, args=serving, daemon=True).start()
        sys.stdin.read()
        return
    with PtyPort(module) as port:
        print(port.path, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
