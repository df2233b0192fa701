"""Listening sockets: bind, listen and accept over the module's two servers. [g.6]

A context that wraps the listening socket (server_side=True) makes it a TLS server. Clients are
announced by an indication and taken by accept(); should that be lost, the first that tells of
their data will do, or a question that is asked in silence.

The module has eight places for a server's clients, and a place is taken until it is closed, though
the client has gone. Programs forget to close clients that have gone, and libraries do. So a client
that has gone, and has left nothing to be read, gives its place back when the listening socket
accepts or is polled: see clients.py. An object whose place is another's never names it again in
a command.
"""

from ..at.exchange import Exchange
from ..const import const
from .clients import Places, Servers

try:
    import errno
except ImportError:
    from ..errors import errno

_SERVERS = const(2)
_CLIENTS = const(8)
_MS = const(10000)
_OPEN = const(2)
_CLOSED = const(4)


class Server(Places):
    """What a listening socket becomes: takes its calls first."""

    def __init__(self, sock, kind):
        Places.__init__(self, sock)
        pool = self.pool
        if pool.servers is None:
            pool.servers = Servers(pool)
        self._open(kind)
        sock.state = _OPEN

    def listen(self):
        """Take the socket's calls."""
        sock = self.sock
        if sock.over is not None:
            sock.over.undo()  # Stepwise: there is nothing here that waits
        sock.over = sock.server = self

    def _open(self, kind):
        pool = self.pool
        servers = pool.servers.open
        command = b"AT+S.SOCKDON=%d,%s\r" % (self.sock.address[1], kind)
        exchange = Exchange(self._on_line)
        full = None not in servers
        if not full:
            pool.channel.run(exchange.prepare(command, None, _MS))
        if full or exchange.code in (73, 75):
            # Perhaps by servers that nobody owns: of an earlier run, or whose reply was lost; or
            # that are closed, and have clients that have gone
            for n in range(_SERVERS):
                if servers[n] is None:
                    pool.channel.run(Exchange().prepare(b"AT+S.SOCKDC=%d\r" % n, None, _MS))
                else:
                    servers[n].tidy()
            if None not in servers:
                raise OSError(
                    errno.ENOMEM, "the module has two servers, close one and its clients"
                )
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
                self.pool.servers.open[n] = self

    def settimeout(self, seconds):
        """As Socket.settimeout()."""
        self.sock.timeout_ms = -1 if seconds is None else int(seconds * 1000)

    def accept(self):
        """Take the next client: (its socket, (address, port)).

        Waits as settimeout() says: EAGAIN (0), ETIMEDOUT. ENOTCONN if the module restarted. A
        client that has gone again is passed over, unless it has sent something.
        """
        sock = self.sock
        channel = sock.channel
        deadline = sock.deadline()
        while True:
            channel.poll()
            if sock.state != _OPEN:
                sock.check_open()
            self.look()
            client = self._next()
            if client is not None:
                self.waiting.remove(client)
                return client, client.address
            if channel.expired(deadline):
                if sock.timeout_ms == 0:
                    raise OSError(errno.EAGAIN, "no client yet")
                raise OSError(errno.ETIMEDOUT, "no client in time")
            channel.step()

    def _next(self):
        for client in self.waiting:
            if client.sure and not client.spent():
                return client
        return None

    # the listening socket's other calls ------------------------------------------------------
    def recv_into(self, buffer, nbytes=0):
        """There is nothing to be received."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data")

    def send(self, data):
        """There is nobody to send to."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data")

    def connect(self, address, mode=None):
        """As Socket.connect(): it listens."""
        from .connect import connect

        connect(self.sock, address, mode)

    def poll(self, events):
        """As Socket.ioctl(3, events): readable when a client waits."""
        self.sock.channel.poll()
        if self.sock.state != _OPEN:
            return events & 5 | 16
        self.look()
        return events & 1 if self._next() is not None else 0

    def close(self):
        """As Socket.close(). Clients that were accepted go on; the module's server is closed
        with the last of them."""
        sock = self.sock
        if sock.state == _CLOSED:
            return
        alive = sock.state == _OPEN
        sock.state = _CLOSED
        self._listening = False
        if alive:
            while self.waiting:
                self.waiting[-1].close()
            if sock.timeout_ms:
                self.tidy()
            else:
                for client in self.clients:
                    if client is not None and client.spent():
                        client.give_up()
            self.end()

    def end(self):
        """Close the module's server if nobody needs it any more."""
        if self._listening or self.number < 0 or self.clients.count(None) < _CLIENTS:
            return
        servers = self.pool.servers
        if servers.open[self.number] is self:
            servers.open[self.number] = None
            self.send_close(b"%d" % self.number)
        self.number = -1

    def die(self):
        """The module restarted."""
        self.number = -1
        for client in self.clients:
            if client is not None:
                client.die()
        self.waiting = []
        self.clients = [None] * _CLIENTS
        self.closing = [None] * _CLIENTS
        self.sock.die()
