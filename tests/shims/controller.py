"""The simulator's side of a scenario: one factory-fresh module in a small world.

Scenarios call its methods by name, with bench.sim(name, ...). Arguments and results are numbers,
strings, bytes, and lists of these.
"""

import functools
import pathlib
import queue
import socket
import ssl
import tempfile
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_cli.server.roots import build, certifi_roots
from spwf04_sim import EchoPeer, Peer, Quirks, RealClock, SimulatedModule, Timing, World
from tests import ALL, HANG
from tests.shims.air import Air
from tests.shims.images import Images
from tests.shims.played import Played
from tests.shims.servers import Servers, pattern


@functools.cache
def bundle_file():
    """Return a root bundle: all of certifi, and the authorities of the test servers."""
    made = servers()
    pems = [ca.cert_pem.bytes() for ca in (made.ca, made.other_ca, made.rsa_ca)]
    ders = [x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER) for pem in pems]
    folder = tempfile.mkdtemp(prefix="spwf04-roots-")
    file = pathlib.Path(folder) / "roots.bin"
    file.write_bytes(build(certifi_roots() + ders))
    return str(file)


@functools.cache
def servers():
    """Return the servers of this test session."""
    return Servers()


class _Silent(Peer):
    pass


class _Talker(Peer):
    """Sends 2000 bytes at once, then closes."""

    def on_connect(self):
        self.send(pattern(2000))
        self.close()


class Collector(Peer):
    """A TLS server inside the simulation. It keeps what it gets, both as it comes and decrypted.

    interval: ms between two bytes that it sends; 0: none.
    """

    interval = 0
    prefix = b""  # what is sent before the first record

    def __init__(self, context, greeting, clock):
        self._clock = clock
        self._held = bytearray()
        self._last = 0
        super().__init__()
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._greeting = greeting
        self._shaken = False
        self.raw = bytearray()
        self.text = bytearray()

    def on_data(self, data):
        self.raw += data
        self._in.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
                if self._greeting:
                    self._tls.write(self._greeting)
            while part := self._tls.read(4096):
                self.text += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.close()
        part = self._out.read()
        if part:
            self.send(self.prefix + part)
            self.prefix = b""

    def says(self, data):
        """Send data in one record."""
        self._tls.write(data)
        self.send(self._out.read())

    def ends(self):
        """Send close_notify; the connection stays open."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        self.send(self._out.read())

    @property
    def outgoing(self):
        now = self._clock.ticks_ms()
        if not self.interval:
            self._free += self._held
            self._held.clear()
        while self._held and (now - self._last) & 0x1FFFFFFF >= self.interval:
            self._free.append(self._held.pop(0))
            self._last = now
        return self._free

    @outgoing.setter
    def outgoing(self, data):
        self._free = data

    def send(self, data):
        if not self._held:
            self._last = self._clock.ticks_ms()
        self._held += data

    def is_tls(self):
        """True if all that came is TLS records."""
        at = 0
        while at + 5 <= len(self.raw):
            if self.raw[at] not in (20, 21, 22, 23) or self.raw[at + 1] != 3:
                return False
            at += 5 + int.from_bytes(self.raw[at + 3 : at + 5], "big")
        return at == len(self.raw)


class Visitor(threading.Thread):
    """A client of the module's server sockets."""

    def __init__(self, address, data, tls):
        super().__init__(daemon=True)
        self._sock = socket.create_connection(address)
        self._sock.settimeout(HANG)
        self._data = data
        self._tls = tls
        self._got = queue.Queue()
        self._sent = threading.Event()
        self.start()

    def run(self):
        try:
            if self._tls:
                context = ssl.create_default_context(cadata=servers().ca.cert_pem.bytes().decode())
                self._sock = context.wrap_socket(self._sock, server_hostname="www.example.com")
            self._sock.sendall(self._data)
            self._sent.set()
            while byte := self._sock.recv(1):
                self._got.put(byte)
        except OSError:
            pass
        self._got.put(b"")

    def read(self, n):
        """Return n bytes, or fewer at the end."""
        data = b""
        while len(data) < n:
            byte = self._got.get(timeout=HANG)
            if not byte:
                break
            data += byte
        return data

    def leave(self):
        """Send nothing more."""
        self._sent.wait(HANG)
        self._sock.shutdown(socket.SHUT_WR)


class _UdpEcho(threading.Thread):
    """Sends each datagram back, and sends it twice if it begins with "twice"."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.start()

    def run(self):
        while True:
            data, address = self.sock.recvfrom(2000)
            for _ in range(2 if data.startswith(b"twice") else 1):
                self.sock.sendto(data, address)


@functools.cache
def udp_echo():
    """Return the address of a UDP echo server."""
    return _UdpEcho().sock.getsockname()


class Controller(Air, Images, Played):
    """A world and a module that has just been switched on."""

    def __init__(self, quirks=None, clock=None, timing=None):
        self.world = world = World()
        world.add_access_point("home", "correct horse")
        world.add_access_point("open", rssi=-71, channel=11)
        world.add_access_point("a,b|c", "pass,word;1", rssi=-60)
        world.add_access_point("it's", "correct horse", rssi=-80)
        world.add_access_point("nolease", "correct horse", lease=None)
        world.route("echo.example", 7, EchoPeer)
        world.route("silent.example", 9, _Silent)
        world.route("talker.example", 19, _Talker)
        world.route("udp.example", 7, udp_echo())
        world.route("other.example", 7, udp_echo())
        for (host, port), target in servers().targets.items():
            world.route(host, port, target)
        self.play()
        timing = timing or Timing.fast()
        if clock is None:
            # The module tells each time that it looks for its network. If it did so too often, a
            # program that comes late, or has a slow clock, would never find the line silent
            timing.retry = 700
        self.module = SimulatedModule(
            world, quirks=quirks or Quirks(), clock=clock or RealClock(), timing=timing
        )
        self.module.power_on()

    # the wire
    def commands(self):
        return self.module.commands

    def bytes_in(self):
        return self.module.bytes_in

    def bytes_out(self):
        return self.module.bytes_out

    def log(self):
        return list(self.module.log)

    def host_sends(self, data):
        self.module.receive(data)

    def garbage(self, data):
        self.module.emit(data)

    def lose_host_bytes(self, n):
        """Lose n bytes of the next payload, but not of the store's own files (spwf04.…)."""
        module = self.module
        original = module.console.open_data

        def once(call, size):
            if "spwf04." in call.arguments[0]:
                original(call, size)
                return
            module.console.open_data = original
            original(call, size + n)  # the module waits for n more bytes

        module.console.open_data = once

    def fault(self, name, way, at):
        self.module.faults.add(name, way=way, at=at)

    def refuse(self, command, number, times):
        """Refuse a command with an error, so many times."""
        self.module.faults.add("refuse", command=command, number=number, times=times)

    def unplug(self):
        self.module.unplug()

    def replug(self):
        self.module.replug()

    # the module
    def quirk(self, name):
        return getattr(self.module.quirks, name)

    def boots(self):
        return self.module.boots

    def restart(self, reason):
        self.module.restart(reason)

    def boots_with(self, name, value):
        """Have a variable of the saved configuration, and restart."""
        self.module.flash.saved[name] = value
        self.module.restart()

    def slow_connections(self, ms):
        """Set how long a TCP connection takes."""
        self.module.timing.tcp = ms

    def hold_connections(self):
        """Hold all new TCP connections until let_connections()."""
        let = self._let = threading.Event()
        self.module.timing.tcp = let.is_set

    def let_connections(self):
        """Complete the TCP connections that were held."""
        self._let.set()

    def drop_link(self):
        self.module.drop_link()

    def many(self):
        """Return how many connections many.py makes."""
        return 500 if ALL else 40

    def open_sockets(self):
        return len([s for s in self.module.sockets if s is not None])

    def reset_pin(self, level):
        self.module.reset_pin(level)

    def now(self):
        return int(time.time())

    # certificates
    def ca_pem(self):
        return servers().ca.cert_pem.bytes().decode()

    def ca_file(self):
        """Return the name of a file with that CA."""
        file = pathlib.Path(bundle_file()).parent / "ca.pem"
        file.write_bytes(servers().ca.cert_pem.bytes())
        return str(file)

    def other_ca_pem(self):
        return servers().other_ca.cert_pem.bytes().decode()

    def leaf_pem(self):
        return servers().leaf.cert_chain_pems[0].bytes().decode()

    def ca_der(self):
        return self._ca().public_bytes(Encoding.DER)

    def other_ca_der(self):
        return ssl.PEM_cert_to_DER_cert(self.other_ca_pem())

    def ca_ski(self):
        return (
            self._ca()
            .extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            .value.digest.hex()
        )

    def _ca(self):
        return x509.load_pem_x509_certificate(servers().ca.cert_pem.bytes())

    def bundle(self):
        return bundle_file()

    def certifi_bundle(self):
        folder = pathlib.Path(bundle_file()).parent
        file = folder / "certifi.bin"
        if not file.exists():
            file.write_bytes(build(certifi_roots()))
        return str(file)

    def fingerprint(self):
        """Return the SHA-256 of self.example's certificate."""
        return servers().self_signed.certificate.fingerprint(hashes.SHA256()).hex()

    def leaf_fingerprint(self):
        leaf = x509.load_pem_x509_certificate(self.leaf_pem().encode())
        return leaf.fingerprint(hashes.SHA256()).hex()

    def client_files(self):
        """Return the names of a client certificate and its key in PEM."""
        folder = pathlib.Path(bundle_file()).parent
        names = folder / "client.pem", folder / "client.key"
        if not names[0].exists():
            names[1].write_bytes(servers().client.private_key_pem.bytes())
            names[0].write_bytes(servers().client.cert_chain_pems[0].bytes())
        return [str(name) for name in names]

    # a server that keeps what it gets
    def collect(self, port, greeting=b""):
        """Have collector.example and beyond.example answer on a port, by TLS.

        The module can take the chain of the first, but not that of the second.
        """
        made = servers()
        self.interval = 0
        self.prefix = b""
        self.heard = bytearray()
        receive = self.module.receive

        def listen_in(data):
            self.heard += data
            receive(data)

        self.module.receive = listen_in
        for host in ("collector.example", "beyond.example"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            made.collectors[host].configure_cert(context)

            def connected(context=context):
                self.collector = Collector(context, greeting, self.module.clock)
                self.collector.interval = self.interval
                self.collector.prefix = self.prefix
                return self.collector

            self.world.route(host, port, connected)

    def drip(self, ms):
        """Have it wait ms between two bytes, now and on later connections; 0: not at all."""
        self.interval = ms
        if hasattr(self, "collector"):
            self.collector.interval = ms

    def collector_says(self, data):
        self.collector.says(data)

    def collector_ends(self):
        self.collector.ends()

    def collector_sends(self, data):
        """Send bytes that are no record of this connection."""
        self.collector.send(data)

    def collector_begins(self, data):
        """On later connections, send data before the server's first record."""
        self.prefix = data

    def listen(self):
        """Record the UART from now on."""
        self.heard = bytearray()

    def collected(self):
        """Return what the last of these servers got, decrypted."""
        return bytes(self.collector.text)

    def collected_as_tls(self):
        """True if that server got nothing but TLS records."""
        return self.collector.is_tls()

    def in_clear(self, data):
        """True if the UART carried four bytes of data in a row that are not in "AT+S.SOCK"."""
        heard = bytes(self.heard)
        parts = {data[at : at + 4] for at in range(len(data) - 3)}
        return any(part in heard for part in parts if part not in b"\rAT+S.SOCK")

    def rsa_ca_pem(self):
        """Return the PEM of beyond.example's CA."""
        return servers().rsa_ca.cert_pem.bytes().decode()

    def ntp(self):
        """Have an NTP server answer from now on."""
        self.world.ntp = int(time.time())

    def second_port(self):
        """Have www.example.com answer on port 4433 too."""
        self.world.route("www.example.com", 4433, servers().targets["www.example.com", 443])

    def echo_on_443(self):
        self.world.route("echo.example", 443, EchoPeer)

    def server_files(self):
        """Return the names of www.example.com's certificate and its key in PEM."""
        folder = pathlib.Path(bundle_file()).parent
        names = folder / "server.pem", folder / "server.key"
        if not names[0].exists():
            names[1].write_bytes(servers().leaf.private_key_pem.bytes())
            names[0].write_bytes(servers().leaf.cert_chain_pems[0].bytes())
        return [str(name) for name in names]

    # clients of its server sockets
    def visit(self, port, data, tls=False):
        """Have a client connect and send data."""
        self.visitor = Visitor(self.world.listening[port], data, tls)

    def visitor_reads(self, n):
        return self.visitor.read(n)

    def visit_text(self, port, text):
        self.visit(port, text.encode())

    def visited(self):
        self.visitor.text = getattr(self.visitor, "text", None) or self.visitor.read(100000)
        return self.visitor.text.decode()

    def visitor_text(self):
        """Return what the client got, once its connection is closed; "" until then."""
        visitor = self.visitor
        return "" if visitor.is_alive() else self.visited()

    def visitor_leaves(self):
        self.visitor.leave()

    def send_datagrams(self, port, datagrams):
        """Send datagrams from one address; each call uses another."""
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.settimeout(HANG)
        for data in datagrams:
            self.sender.sendto(data, self.world.listening[port])

    def sender_reads(self):
        return self.sender.recv(2000)

    def open_servers(self):
        return len([s for s in self.module.socket_table.servers if s is not None])

    # the module's flash
    def slot(self):
        return sorted(self.module.flash.slot)

    def files(self):
        return sorted(name for _, name in self.module.flash.files)

    def put_file(self, name, data):
        self.module.flash.files[2, name] = bytearray(data)

    def before_files(self, data):
        """Have the module say something before it prints a file, from now on."""
        runner = self.module.runner
        parse = runner.parse

        def and_say(line):
            if line.startswith(b"AT+S.FSP="):
                self.module.emit(data)
            return parse(line)

        runner.parse = and_say

    def fill_disk(self, n):
        self.put_file("data.txt", bytes(n))
