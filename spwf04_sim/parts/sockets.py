"""The module's sockets: eight for clients, two for servers; what waits, what WIND tells. [g]"""

import socket

from .links import PeerLink, TcpLink, UdpLink, pieces
from .tlslink import Offer, TlsLink, own_identity

# Bytes that the module buffers for a socket; then TCP holds the peer back. GUESS: mbed's driver
# has room for notes of 12 pieces of 730, and stops at the 13th
_WINDOW = 8030
# The reading of closed_reason that tells ends apart. The numbers are a GUESS
_REASONS = {"closed": 0, "reset": 1, "network": 2, "dead": 3, "handshake": 4, "full": 5}


class Client:
    """One open client socket.

    kind: "t", "u" or "s". local: its own port, if the host chose one. received: count of bytes
    since it was opened. ended: how its connection ended, a key of _REASONS; "" while it is
    connected.
    """

    def __init__(self, link, kind, ip, port, local=""):
        self.link = link
        self.kind = kind
        self.ip = ip
        self.port = port
        self.local = local
        self.buffer = bytearray()
        self.received = 0
        self.ended = ""

    @property
    def connected(self):
        """True until the connection has ended."""
        return not self.ended


class Server:
    """A listening socket. It really listens on loopback; world.listening[port] tells where."""

    def __init__(self, module, port, kind):
        self.port = port
        self.kind = kind
        self.clients: list = [None] * 8  # [g.6]
        self._module = module
        self._listener = socket.create_server(module.world.place(port))
        self._listener.setblocking(False)
        self._arriving = []  # (link, address) of clients whose handshake is not complete
        module.world.listening[port] = self._listener.getsockname()

    def filenos(self):
        """Return the file descriptors that may bring clients."""
        return [self._listener.fileno(), *(link.fileno() for link, _ in self._arriving)]

    def close(self):
        """Stop listening and disconnect all."""
        listening = self._module.world.listening
        if listening.get(self.port) == self._listener.getsockname():  # not another module's
            del listening[self.port]
        self._listener.close()
        for link, _ in self._arriving:
            link.close()
        for client in self.clients:
            if client is not None:
                client.link.close()

    def arrive(self, link, address):
        """Take a link to a client that has connected."""
        self._arriving.append((link, address))

    def poll(self, sid):
        """Accept clients, and go on with their handshakes."""
        try:
            sock, address = self._listener.accept()
        except OSError:  # nobody is there, or is gone again
            pass
        else:
            link = TcpLink.accepted(sock, self._module.quirks.segment)
            if self.kind != "t":
                link = self._secure(link)
            self.arrive(link, address)
        for link, address in list(self._arriving):
            if self.kind != "t":
                link.handshake()
                if not link.done and not link.failed:
                    continue
            self._arriving.remove((link, address))
            self._enter(sid, link, address)

    def _secure(self, link):
        module = self._module
        cas = module.flash.cas() if self.kind == "s2" else None
        offer = Offer.of(module.quirks, not module.is_since("1.1.0"))
        return TlsLink.server(link, own_identity(module.flash), cas, offer)

    def _enter(self, sid, link, address):
        cid = self.clients.index(None) if None in self.clients else None
        text = f"{address[0]}:{address[1]}:{sid}"
        if link.failed or cid is None:
            # A failed handshake is reported as a client that has gone [g.6]
            link.close()
            number = reason(self._module, "handshake" if link.failed else "full")
            self._module.wind(62, f"Socket Client Gone:{text}:{cid or 0}:{number}")
            return
        self.clients[cid] = Client(link, self.kind, address[0], address[1])
        self._module.wind(61, f"Incoming Socket Client:{text}:{cid}")


def reason(module, how):
    """The reason in WIND 58 and 62 of a connection that ended in this way."""
    reading = module.quirks.closed_reason
    return _REASONS[how] if reading == "told" else int(reading == "one")


class _Sender:
    """The link to an address that has sent to a UDP server."""

    failed = was_reset = unanswered = False

    def __init__(self, sock, address, way):
        self._sock = sock
        self._address = address
        self._way = way
        self.arrived = []

    def send(self, data):
        try:
            for piece in pieces(bytes(data), self._way):
                self._sock.sendto(piece, self._address)
        except OSError:
            return False
        return True

    def receive(self, limit):
        return self.arrived.pop(0)[:limit] if self.arrived else None

    def close(self):
        """Nothing to do: the socket is the server's."""

    def fileno(self):
        return None


class UdpServer(Server):
    """A UDP server. Each address that sends to it becomes a client. [g.6, g.8]"""

    def __init__(self, module, port):
        self.port = port
        self.kind = "u"
        self.clients = [None] * 8
        self._module = module
        self._arriving = []
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._listener.bind(module.world.place(port))
        self._listener.setblocking(False)
        module.world.listening[port] = self._listener.getsockname()

    def poll(self, sid):
        """Read one datagram."""
        try:
            data, address = self._listener.recvfrom(65536)
        except OSError:
            return
        cid = self._client(sid, address)
        if cid is None:
            self._module.wind(63, f"SOCKD Dropping Data:{sid}:0:{len(data)}")
        else:
            way = self._module.quirks.udp_received
            self.clients[cid].link.arrived += pieces(data, way)

    def _client(self, sid, address):
        for cid, client in enumerate(self.clients):
            if client is not None and (client.ip, client.port) == address:
                return cid
        if None not in self.clients:
            return None
        cid = self.clients.index(None)
        quirks = self._module.quirks
        link = _Sender(self._listener, address, quirks.udp_sent)
        self.clients[cid] = Client(link, "u", *address)
        if quirks.udp_client_line:
            text = f"{address[0]}:{address[1]}:{sid}:{cid}"
            self._module.wind(61, f"Incoming Socket Client:{text}")
        return cid


class Sockets:
    """The sockets of a SimulatedModule: clients, and servers with their clients."""

    def __init__(self, module):
        self._module = module
        self.clients: list = [None] * 8
        self.servers: list = [None] * 2  # [g.6]
        self._count = 0
        self.pending = None  # the link on which a running command waits
        self.open_until = 0.0  # when the open that runs fails, in the clock's seconds

    def drop_all(self):
        """Close all without an indication: the module restarts."""
        if self.pending is not None:
            self.pending.close()
            self.pending = None
        for n, server in enumerate(self.servers):
            if server is not None:
                server.close()
            self.servers[n] = None
        for n, client in enumerate(self.clients):
            if client is not None:
                client.link.close()
            self.clients[n] = None

    def network_gone(self):
        """End the connections, because the network is lost. Their ids stay taken. [g.5]"""
        for n, client in enumerate(self.clients):
            if client is not None and client.connected:
                client.link.close()
                if client.kind == "u":
                    client.ended = "network"
                else:
                    self._end(client, "", n, "network")

    def hang_up(self):
        """Have all peers close. What they sent before still arrives."""
        for client in self.clients:
            if client is not None and client.kind != "u":
                client.link.hang_up()

    def vanish(self):
        """Have all peers be gone without a word, as computers whose cable is pulled."""
        for client in self.clients:
            if client is not None:
                client.link.vanish()

    def filenos(self):
        """Return the file descriptors of real connections that may bring something."""
        servers = [s for s in self.servers if s is not None]
        clients = [*self.clients, *[c for s in servers for c in s.clients]]
        files = [
            c.link.fileno()
            for c in clients
            if c is not None and c.connected and len(c.buffer) < _WINDOW
        ]
        files += [fileno for s in servers for fileno in s.filenos()]
        if self.pending is not None:
            files.append(self.pending.fileno())
        return [f for f in files if f is not None]

    def free(self):
        """Return the lowest free id, None if all are taken."""
        return self.clients.index(None) if None in self.clients else None

    def link(self, target, udp=False):
        """Open a link to a target of the world: an address, or a function that makes a Peer."""
        quirks = self._module.quirks
        if callable(target):
            return PeerLink(target(), quirks.segment)
        if udp:
            return UdpLink(target, quirks.udp_received, quirks.udp_sent)
        return TcpLink(target, quirks.segment)

    def port_taken(self, local, udp):
        """True if an open socket has this port of its own."""
        return any(
            c is not None and c.local == local and (c.kind == "u") == udp for c in self.clients
        )

    def write(self, client, data):
        """Send data of a client; False if the connection does not take them."""
        taken = client.link.send(data)
        if taken and client.link.unanswered and self._module.quirks.dead_peer == "told":
            self._module.after(self._module.timing.give_up, self._give_up, client)
        return taken

    def _give_up(self, client):
        """Nothing was acknowledged for long: TCP gives the connection up."""
        servers = [(sid, s.clients) for sid, s in enumerate(self.servers) if s is not None]
        for sid, clients in [("", self.clients), *servers]:
            if client in clients and client.connected:
                client.link.close()
                self._end(client, sid, clients.index(client), "dead")

    def poll(self):
        """Read what has arrived, and announce it."""
        for n, client in enumerate(self.clients):
            if client is not None:  # tested here, because this runs at every step
                self._read(client, "", n)
        for sid, server in enumerate(self.servers):
            if server is not None:
                server.poll(sid)
                for n, client in enumerate(server.clients):
                    if client is not None:
                        self._read(client, sid, n)
                        self._free_place(server, n)

    def _free_place(self, server, n):
        """Free the place of a client that has gone and whose data are read, in one reading."""
        client = server.clients[n]
        if client is not None and not client.connected and not client.buffer:
            if self._module.quirks.gone_client == "free":
                client.link.close()
                server.clients[n] = None

    def _read(self, client, sid, n):
        """Take in what has arrived of a client, and announce it."""
        unannounced = 0
        while client.connected and len(client.buffer) < _WINDOW:
            data = client.link.receive(_WINDOW - len(client.buffer))
            if data is None or (client.kind == "u" and not data):
                break
            client.buffer += data
            client.received += len(data)
            unannounced += len(data)
            several = self._module.quirks.wind55_coalesced and client.kind != "u"
            if unannounced and not (several and data):
                self._announce(sid, n, client, unannounced)
                unannounced = 0
            if not data:
                self._end(client, sid, n, "reset" if client.link.was_reset else "closed")
        if unannounced:
            self._announce(sid, n, client, unannounced)

    def _end(self, client, sid, n, how):
        """Note how a connection has ended, and tell the host."""
        client.ended = how
        if how == "reset" and self._module.quirks.reset_unread == "lost":
            client.buffer.clear()
        number = reason(self._module, how)
        if sid == "":
            self._module.wind(58, f"Socket Closed:{n}:{number}")
        else:
            where = f"{client.ip}:{client.port}:{sid}:{n}"
            self._module.wind(62, f"Socket Client Gone:{where}:{number}")

    def _announce(self, sid, n, client, arrived):
        quirks = self._module.quirks
        self._count += 1
        if quirks.wind55_missing and self._count % 2 == 0:
            return
        last = {
            "waiting": len(client.buffer),
            "total": client.received,
            "arrival": arrived,
        }[quirks.wind55_cumulated]
        self._module.wind(55, f"Pending Data:{sid}:{n}:{arrived}:{last}")
