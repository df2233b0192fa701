"""Listening sockets: bind, listen and accept over the module's two servers. [g.6]

A context that wraps the listening socket (server_side=True) makes it a TLS server. Clients are
announced by an indication and taken by accept(); should that be lost, the first that tells of
their data will do.
"""

from .argument import address as checked
from .at import Exchange
from .errors import errno
from .parser import const
from .tcp import Socket

_EADDRNOTAVAIL = getattr(errno, "EADDRNOTAVAIL", 99)  # MicroPython's errno has fewer names
_SERVERS = const(2)
_CLIENTS = const(8)
_MS = const(10000)
_NEW = const(0)
_OPEN = const(2)
_CLOSED = const(4)


def bind(sock, address):
    """Choose the port to listen on: address is (host, port), port 1..65535.

    The module listens on its only address: host must be "", "0.0.0.0" or that one.
    """
    host, port = checked(address, True)
    if sock._state != _NEW or sock.address is not None:
        raise OSError(errno.EINVAL, "already bound, connected or closed")
    if host not in ("", "0.0.0.0") and host != sock._pool.radio.ipv4_address:
        raise OSError(_EADDRNOTAVAIL, "%s is not the module's address" % host)
    sock.address = (host, port)


def listen(sock, backlog=8):
    """Listen. backlog: most clients that wait for accept(), 8 at the utmost."""
    if not isinstance(backlog, int):
        raise TypeError("backlog must be an int, not " + type(backlog).__name__)
    if sock._state != _NEW or sock.address is None:
        raise OSError(errno.EINVAL, "bind() first")
    kind = b"t"
    if sock._tls is not None:
        kind = _secure(sock._pool.radio, sock._tls[0])
    Server(sock, kind, max(1, min(backlog, _CLIENTS))).listen()


def accept(sock):
    """Only after listen()."""
    raise OSError(errno.EINVAL, "listen() first")


def wrap_socket(context, sock):
    """Make sock (a Socket) a TLS server, before listen(): the context must have load_cert_chain().

    If it has CAs too, from load_verify_locations(), clients must show a certificate of one of
    them. The module needs its flash slot for that: one CA. [g.6]
    """
    if sock._state != _NEW:
        raise OSError(errno.EINVAL, "wrap the listening socket before listen(), not its clients")
    if context._identity is None:
        raise ValueError("a TLS server needs load_cert_chain()")
    if context.engine == "host":
        raise ValueError("the module's TLS serves, not the host's")
    sock._tls = (context, None)
    return sock


def _secure(radio, context):
    """Put the certificates in place; return the kind of server."""
    for ca in context._cas:
        radio.certs.install(ca)
    context._identity.install(radio.certs)
    radio.certs.restore()
    return b"s2" if context._cas else b"s1"


class Servers:
    """The servers of a pool, and what the module says about them."""

    def __init__(self, pool):
        self.open = [None] * _SERVERS
        winds = pool.channel.on_indication
        self._on_pending = winds[55]
        winds[55] = self.on_pending
        winds[61] = self.on_client
        winds[62] = self.on_gone
        pool.channel.on_restart.append(self.on_restart)

    def _server(self, n):
        return self.open[n] if 0 <= n < _SERVERS else None

    def on_pending(self, parser):
        """+WIND:55 of a server's client. [g.7]"""
        server = self._server(parser.number(3))
        if server is None:
            self._on_pending(parser)
            return
        client = server.client(parser.number(4), None)
        if client is not None:
            client._on_pending(parser)

    def on_client(self, parser):
        """+WIND:61:Incoming Socket Client:<ip>:<port>:<sid>:<cid>"""
        server = self._server(parser.number(-2))
        if server is not None:
            port = parser.number(-3)
            server.client(parser.number(-1), (parser.text().split(":")[-4], port))

    def on_gone(self, parser):
        """+WIND:62:Socket Client Gone:<ip>:<port>:<sid>:<cid>:<reason>; perhaps of one that
        never came, its TLS handshake having failed"""
        server = self._server(parser.number(-3))
        n = parser.number(-2)
        if server is not None and 0 <= n < _CLIENTS and server.clients[n] is not None:
            server.clients[n]._peer_closed = True

    def on_restart(self):
        """Servers and their clients are gone."""
        for n in range(_SERVERS):
            server = self.open[n]
            if server is not None:
                self.open[n] = None
                server.die()


class Server:
    """What a listening socket becomes: takes its calls first."""

    make = None  # (server, cid, address) -> a client's socket

    def __init__(self, sock, kind, backlog):
        self.sock = sock
        self.pool = sock._pool
        self.backlog = backlog
        self.clients = [None] * _CLIENTS
        self.waiting = []  # for accept()
        self.number = -1
        self._listening = True
        pool = self.pool
        if getattr(pool, "_servers", None) is None:
            pool._servers = Servers(pool)
        self._open(kind)
        sock._state = _OPEN

    def listen(self):
        """Take the socket's calls."""
        sock = self.sock
        if sock._over is not None:
            sock._over.undo()  # Stepwise: there is nothing here that waits
        sock.accept = self.accept
        sock.ioctl = self.ioctl
        sock._over = self

    def _open(self, kind):
        pool = self.pool
        if None not in pool._servers.open:
            raise OSError(errno.ENOMEM, "the module has two servers, close one")
        exchange = Exchange(self._on_line)
        command = b"AT+S.SOCKDON=%d,%s\r" % (self.sock.address[1], kind)
        pool.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code in (73, 75):
            # Perhaps by servers that nobody owns: of an earlier run, or whose reply was lost
            for n in range(_SERVERS):
                if pool._servers.open[n] is None:
                    pool.channel.run(Exchange().prepare(b"AT+S.SOCKDC=%d\r" % n, None, _MS))
            pool.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code == 73:
            raise OSError(errno.EADDRINUSE, "the module listens on this port already")
        pool.channel.check(exchange)
        if self.number < 0:
            pool.channel.lose()
            raise OSError(errno.EIO, "SOCKDON was answered without a server number")

    def _on_line(self, parser):
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < _SERVERS:
                self.number = n
                self.pool._servers.open[n] = self

    def client(self, n, address):
        """The client with this number; a new one if there is none."""
        if not 0 <= n < _CLIENTS:
            return None
        client = self.clients[n]
        if client is None:
            client = self.clients[n] = (self.make or Client)(self, n, address or ("0.0.0.0", n))
            self.waiting.append(client)
        return client

    def settimeout(self, seconds):
        """As Socket.settimeout()."""
        self.sock.timeout_ms = -1 if seconds is None else int(seconds * 1000)

    def accept(self):
        """Take the next client: (its socket, (address, port)).

        Waits as settimeout() says: EAGAIN (0), ETIMEDOUT. ENOTCONN if the module restarted.
        """
        sock = self.sock
        channel = sock.channel
        deadline = sock._deadline()
        while True:
            channel.poll()
            if sock._state != _OPEN:
                sock._check_open()
            self._turn_away()
            if self.waiting:
                client = self.waiting.pop(0)
                return client, client.address
            if channel.expired(deadline):
                if sock.timeout_ms == 0:
                    raise OSError(errno.EAGAIN, "no client yet")
                raise OSError(errno.ETIMEDOUT, "no client in time")
            self.look()
            channel.step()

    def look(self):
        """Ask for a client of whom nothing was said, after a while of silence. [decision 2]"""
        sock = self.sock
        if sock._quiet is None:
            sock._quiet = sock.channel.deadline(self.pool.quiet_ms)
        elif sock.channel.expired(sock._quiet) and None in self.clients:
            sock._quiet = None
            n = self.clients.index(None)
            command = b"AT+S.SOCKDQ=%d,%d\r" % (self.number, n)
            from .silence import query

            if query(self.pool, Exchange(), command) >= 0:
                self.client(n, None)

    def _turn_away(self):
        """Clients that nobody will serve: they have gone again, or are too many."""
        for client in list(self.waiting):
            if client._peer_closed and not client._pending:
                self.waiting.remove(client)
                client.close()
        while len(self.waiting) > self.backlog or (self.waiting and not self._listening):
            self.waiting.pop().close()

    def recv_into(self, buffer, nbytes=0):
        """There is nothing to be received."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data")

    def send(self, data):
        """There is nobody to send to."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data")

    def ioctl(self, request, argument):
        """As Socket's: readable when a client waits."""
        if not isinstance(request, int) or not isinstance(argument, int):
            raise TypeError("ioctl() takes two int")
        if request == 4:
            self.close()
            return 0
        if request != 3:
            return -22
        self.sock.channel.poll()
        if self.sock._state != _OPEN:
            return argument & 5 | 16
        return argument & 1 if self.waiting else 0

    def close(self):
        """As Socket.close(). Clients that were accepted go on; the module's server is closed
        with the last of them."""
        sock = self.sock
        if sock._state == _CLOSED:
            return
        alive = sock._state == _OPEN
        sock._state = _CLOSED
        self._listening = False
        if alive:
            self._turn_away()
            self.end()

    def end(self):
        """Close the module's server if nobody needs it any more."""
        if self._listening or self.number < 0 or self.clients.count(None) < _CLIENTS:
            return
        servers = self.pool._servers
        if servers.open[self.number] is self:
            servers.open[self.number] = None
            self.send_close(b"%d" % self.number)
        self.number = -1

    def send_close(self, name):
        """SOCKDC, for a client or for the server."""
        from .reclaim import Closing

        channel = self.pool.channel
        closing = Closing(channel, self.pool, -1, b"D", name)
        if self.sock.timeout_ms != 0:
            channel.wait(lambda: closing.over, _MS)

    def die(self):
        """The module restarted."""
        self.number = -1
        for client in self.clients:
            if client is not None:
                client._die()
        self.waiting = []
        self.clients = [None] * _CLIENTS
        self.sock._die()


class Client(Socket):
    """A client's end at a server: as Socket, but it was not connected by us."""

    _kind = b"D"

    def __init__(self, server, number, address):
        Socket.__init__(self, server.pool)
        self._server = server
        self._key = b"%d,%d" % (server.number, number)
        self._number = number
        self.address = address
        self._state = _OPEN
        self._started = True  # no client of HTTP or MQTT: nothing is held back
        if server.sock._tls is not None:
            self.engine = "module"

    def _abandon(self):
        server = self._server
        if server.clients[self._number] is self:
            server.clients[self._number] = None
            server.send_close(self._key)
            server.end()
        return -1
