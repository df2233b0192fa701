"""Listening sockets: bind, listen and accept over the module's two servers. [g.6]

A context that wraps the listening socket (server_side=True) makes it a TLS server. Clients are
announced by an indication and taken by accept(); should that be lost, the first that tells of
their data will do, or a question that is asked in silence.

The module has eight places for a server's clients, and a place is taken until it is closed, though
the client has gone. Programs forget to close clients that have gone, and libraries do. So a client
that has gone, and has left nothing to be read, gives its place back when the listening socket
accepts or is polled: see clients.py. A stream whose place is another's never names it again in
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


class Listener(Places):
    """What a listening socket is over, in the place of a stream."""

    error = None

    def __init__(self, sock, kind):
        Places.__init__(self, sock)
        pool = self.pool
        if pool.servers is None:
            pool.servers = Servers(pool)
        self._open(kind)
        self.alive = True

    def _open(self, kind):
        pool = self.pool
        servers = pool.servers.open
        command = b"AT+S.SOCKDON=%d,%s\r" % (self.port, kind)
        exchange = Exchange(self._on_line)
        if pool.work:  # the one before is being closed still, on the same port perhaps
            pool.channel.wait(lambda: not pool.work, _MS)
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
                from ..errors import SPWF04Error

                raise SPWF04Error(
                    errno.ENOMEM,
                    "both servers of the module are in use",
                    hint="Close a listening socket and its clients",
                    remedy="close_sockets",
                )
            pool.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code == 73:
            raise OSError(errno.EADDRINUSE, "the module listens on this port already")
        pool.channel.check(exchange)
        if self.number < 0:
            pool.channel.lose()
            from .failure import without_number

            raise without_number(exchange)

    def _on_line(self, parser):
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < _SERVERS:
                self.number = n
                self.pool.servers.open[n] = self

    def take(self, waits):
        """The stream of the next client, None: not yet. ECONNRESET if the module restarted."""
        self.channel.poll()
        if not self.alive:
            raise OSError(errno.ECONNRESET, "the module restarted: listen on a new socket")
        self.look()
        client = self._next(waits)
        if client is not None:
            self.waiting.remove(client)
        return client

    def _next(self, waits=False):
        """The client to be accepted next. Not while all places are taken, and one can be freed:
        the module has none for those who come."""
        for client in self.waiting:
            if client.sure and not client.spent():
                return None if self.crowded(waits) else client
        return None

    # as a Stream's ---------------------------------------------------------------------------
    def is_open(self):
        """True while it listens."""
        return self.alive

    def read(self, buffer, n):
        """There is nothing to be received."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data: accept() clients")

    def write(self, data, at, copy):
        """There is nobody to send to."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data: accept() clients")

    def sent(self):
        """Nothing was sent."""
        return True

    def readable(self):
        """True when a client waits."""
        if self.alive:
            self.look()
        return not self.alive or self._next() is not None

    def writable(self):
        """True once it is over."""
        return not self.alive

    def arriving(self):
        """True while a question to the module is on its way, whose answer may be a client."""
        return False

    def stop(self):
        """Nothing is under way that has a buffer."""
        return True

    def interrupted(self):
        """Nothing is lost."""

    def confirm(self):
        """Nothing was taken."""

    def close(self, now=True):
        """As Stream.close(). Clients that were accepted go on; the module's server is closed with
        the last of them."""
        alive = self.alive
        self.alive = self._listening = False
        if alive:
            for client in list(self.waiting):
                client.close(now)
            for client in self.clients:
                if client is not None and client.spent():
                    client.give_up()
            self.end(now)

    def closed(self):
        """As Stream.closed(): nothing of it is on its way to be closed any more."""
        return self.closing is None or self.closing.over

    def end(self, now=True):
        """Close the module's server if nobody needs it any more."""
        if self._listening or self.number < 0 or self.clients.count(None) < _CLIENTS:
            return
        servers = self.pool.servers
        if servers.open[self.number] is self:
            servers.open[self.number] = None
            self.closing = self.send_close(b"%d" % self.number, now)
        self.number = -1

    def die(self):
        """The module restarted."""
        self.number = -1
        self.alive = False
        for client in self.clients:
            if client is not None:
                client.die()
        self.waiting = []
        self.clients = [None] * _CLIENTS
        self.leaving = [None] * _CLIENTS
