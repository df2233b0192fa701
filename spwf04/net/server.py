"""Listening sockets: bind, listen and accept over the module's two servers. [g.6]

SSLContext.wrap_socket(sock, server_side=True) makes one a TLS server. An indication announces a
client. If it is lost, an indication of the client's data, or a question, finds the client.

The module has eight places for a server's clients. A place is taken until it is closed, even if
the client has gone, and programs and libraries forget to close such clients. So a client that has
gone and has left nothing to be read gives its place back when the listening socket accepts or is
polled: see clients.py. A stream that has lost its place never names it in a command again.
"""

from ..at.exchange import Exchange
from ..const import const
from .clients import Places, ServerClosing, Servers
from .closing import FEW

try:
    import errno
except ImportError:
    from ..errors import errno

_MS = const(10000)
_AGAIN_MS = const(1500)  # for another try to close a server whose clients go on sending


def _both_taken():
    from ..errors import SPWF04Error

    return SPWF04Error(
        errno.ENOMEM,
        "both servers of the module are in use",
        hint="Close a listening socket and its clients",
        remedy="close_sockets",
    )


class Listener(Places):
    """The stream of a listening socket: it is readable when a client waits, and has no data."""

    error = None

    def __init__(self, sock, kind):
        Places.__init__(self, sock)
        pool = self.pool
        if pool.servers is None:
            pool.servers = Servers(pool)
        self._open(kind)

    def _open(self, kind):
        pool = self.pool
        servers = pool.servers.open
        command = b"AT+S.SOCKDON=%d,%s\r" % (self.port, kind)
        exchange = Exchange(self._on_line)
        if pool.jobs:  # a server on the same port may be on its way to be closed
            pool.channel.wait(lambda: not pool.jobs, _MS)
        try:
            self._begin(servers, exchange, command)
        except:  # MemoryError, for one
            self.release()
            raise
        self.alive = True

    def _begin(self, servers, exchange, command):
        pool = self.pool
        full = None not in servers
        if not full:
            pool.channel.run(exchange.prepare(command, None, _MS))
        if full or exchange.code in (73, 75):
            # Maybe nobody owns them: they are of an earlier run, or their reply was lost. Or they
            # are closed, and only wait for clients that have gone
            for n in range(len(servers)):
                if servers[n] is None:
                    closing = ServerClosing(pool, b"D", b"%d" % n, -1, None, FEW, _AGAIN_MS)
                    pool.channel.take(closing.steps())
                else:
                    servers[n].free_places()
            if None not in servers:
                raise _both_taken()
            pool.channel.run(exchange.prepare(command, None, _MS))
        if exchange.code == 73:
            raise OSError(
                errno.EADDRINUSE,
                "the module listens on this port already; its own servers have port 80 (until "
                "ip_use_httpd is 0 and it joins again) and 69 (ip_use_tftpd)",
            )
        pool.channel.check(exchange)
        if self.number < 0:
            pool.channel.lose()
            from .failure import without_number

            raise without_number(exchange)

    def _on_line(self, parser):
        if parser.starts(b"AT-S.On:"):
            n = parser.number(-1)
            if 0 <= n < len(self.pool.servers.open):
                self.number = n
                self.pool.servers.open[n] = self

    def take(self, waits):
        """Return the stream of the next client, None if there is none yet. waits: accept() may
        wait. OSError (ECONNRESET) if the module restarted."""
        self.channel.poll()
        if not self.alive:
            raise OSError(
                errno.ECONNRESET, "the module restarted, and the server is gone: use a new socket"
            )
        self.ask_module()
        client = self._next(waits)
        if client is not None:
            self.waiting.remove(client)
        return client

    def _next(self, waits=False):
        """The client to be accepted next, or None; see crowded()."""
        for client in self.waiting:
            if client.certain and not client.spent():
                return None if self.crowded(waits) else client
        return None

    # As a Stream's ---------------------------------------------------------------------------
    def is_open(self):
        """True while it listens."""
        return self.alive

    def read(self, buffer, n):
        """A listening socket receives nothing: OSError (ENOTCONN)."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data: accept() clients")

    def write(self, data, at, copy):
        """A listening socket sends nothing: OSError (ENOTCONN)."""
        raise OSError(errno.ENOTCONN, "a listening socket has no data: accept() clients")

    def sent(self):
        """True: nothing was taken."""
        return True

    def readable(self):
        """True when a client waits, or the server is gone."""
        if self.alive:
            self.ask_module()
        return not self.alive or self._next() is not None

    def writable(self):
        """True when the server is gone: a call raises."""
        return not self.alive

    def arriving(self):
        """False: with time-out 0, accept() does not wait for the answer to a question."""
        return False

    def free_buffers(self):
        """True: no caller's buffer is in use."""
        return True

    def interrupted(self):
        """Nothing is lost."""

    def confirm(self):
        """Nothing was taken."""

    def close(self, now=True):
        """As Stream.close(). Clients that were accepted stay connected. The module's server is
        closed when the last of them is."""
        alive = self.alive
        self.alive = self.listening = False
        if alive:
            for client in list(self.waiting):
                client.close(now)
            for client in self.clients:
                if client is not None and client.spent():
                    client.give_place_back()
                elif client is not None and not client.alive:
                    client.close(now)
            self.close_if_unused(now)

    def release(self):
        """After a failure, such as too little memory to close it: nobody owns it, unless it has
        clients that were accepted. The next listen() that needs it closes it. Return -1: it has no
        id of the eight."""
        self.alive = self.listening = False
        unused = self.number >= 0
        for n in range(len(self.clients)):
            client = self.clients[n]
            if client is not None:
                if client in self.waiting:
                    self.clients[n] = None
                else:
                    unused = False
        if unused:
            self.pool.servers.open[self.number] = None
            self.number = -1
        return -1

    def closed(self):
        """As Stream.closed(); True too while clients keep the module's server open."""
        return self.closing is None or self.closing.over

    def close_if_unused(self, now=True):
        """Close the module's server if the socket is closed and there are no clients."""
        if self.listening or self.number < 0 or self.clients.count(None) < len(self.clients):
            return
        servers = self.pool.servers
        if servers.open[self.number] is self:
            servers.open[self.number] = None
            self.closing = self.send_close(b"%d" % self.number, now)
        self.number = -1

    def die(self):
        """The module restarted: the server is gone."""
        self.number = -1
        self.alive = False
        for client in self.clients:
            if client is not None:
                client.die()
        self.waiting = []
        self.closings = [None] * len(self.clients)
        self.clients = [None] * len(self.clients)
