"""The clients of listening sockets: the indications that tell of them, their places, their
streams. [g.6]"""

from ..at.exchange import RUNNING, Exchange
from ..const import const
from .closing import FEW, Closing
from .stream import Stream

_SERVERS = const(2)
_CLIENTS = const(8)
_MS = const(10000)
_AGAIN_MS = const(500)  # for another try to close a client that goes on sending
_LIST = const(8)  # Places._question about all clients; else it is a client's number, or -1
_NOWHERE = "0.0.0.0"  # address of a client whose arrival was not announced


class Servers:
    """The servers of a pool, and the indications that tell of them. open: by the module's number,
    a Listener or None."""

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
        client = server.on_data(parser.number(4))
        if client is not None:
            client.on_pending(parser)

    def on_client(self, parser):
        """+WIND:61:Incoming Socket Client:<ip>:<port>:<sid>:<cid>"""
        server = self._server(parser.number(-2))
        if server is not None:
            words = parser.text().split(":")
            server.on_arrival(
                parser.number(-1), (words[-4] if len(words) > 3 else "", parser.number(-3))
            )

    def on_gone(self, parser):
        """+WIND:62:Socket Client Gone:<ip>:<port>:<sid>:<cid>:<reason>

        It also tells of clients whose TLS handshake failed, or that found no place. Then the
        number is another client's, so the port is compared too.
        """
        server = self._server(parser.number(-3))
        n = parser.number(-2)
        if server is not None and 0 <= n < _CLIENTS and server.clients[n] is not None:
            client = server.clients[n]
            if client.address[0] == _NOWHERE or client.address[1] == parser.number(-4):
                client.pool.ended(client, parser.number(-1))

    def on_restart(self):
        """The module restarted: servers and their clients are gone."""
        for n in range(_SERVERS):
            server = self.open[n]
            if server is not None:
                self.open[n] = None
                server.die()


class ServerClosing(Closing):
    """The close of a server, or of one of its clients: SOCKDC."""

    def throw_away(self):
        """As Closing.throw_away(). What keeps a server open is in its clients."""
        daemon, name = self.name
        if name.find(b",") > 0:
            yield from Closing.throw_away(self)
            return
        for n in range(_CLIENTS):
            self.name = daemon, b"%s,%d" % (name, n)
            yield from Closing.throw_away(self)
        self.name = daemon, name


class Places:
    """The places that the module has for the clients of one server, and the clients there."""

    number = -1  # of the server on the module
    alive = False  # it listens, as far as is known
    closing: "Closing | None" = None  # of the server
    listening = True  # the listening socket is not closed

    def __init__(self, sock):
        # It does not keep the socket: a socket that nobody holds gives its server back
        self.port = sock.bound[1]
        self.secure = sock.tls is not None
        self.pool = sock.pool
        self.channel = sock.channel
        self.clients: list = [None] * _CLIENTS
        self.closings: "list[Closing | None]" = [None] * _CLIENTS  # until the place is free
        self.waiting = []  # clients that wait for accept()
        self._exchange = Exchange(self._on_answer)  # a question, see ask_module()
        self._question = -1
        self._asked_client = None  # that the question is about
        self._answer = -1  # number in its reply
        self._list_next = False
        self._ask_at = None

    def client(self, n, address, certain=True):
        """The client with this number, a new one if there is none; None while it is being closed.

        certain: False if only its data were announced: they may be those of the client that had
        the place before.
        """
        if not 0 <= n < _CLIENTS or self.is_closing(n):
            return None
        client = self.clients[n]
        if client is None:
            # A port of its own, so that a UDP socket can answer
            client = self.make_client(n, address or (_NOWHERE, n + 1))
            client.certain = certain
            self.waiting.append(client)
            self.clients[n] = client
        return client

    def make_client(self, n, address) -> "Client":
        """Return the stream of a new client."""
        return Client(self, n, address)

    def is_closing(self, n):
        """True while the client with this number is being closed."""
        closing = self.closings[n]
        if closing is not None and closing.free():
            self.closings[n] = closing = None
        return closing is not None

    def crowded(self, waits):
        """True if accept() should let a client wait: all places are taken, and one will be free.

        waits: accept() may wait; then it lets clients wait while any place can be freed, so that
        spent clients do not pile up.
        """
        if waits and any([c is not None and c.spent() for c in self.clients]):
            return True
        freed = False
        for n in range(_CLIENTS):
            client = self.clients[n]
            if client is not None:
                freed = freed or client.spent()
            elif self.is_closing(n):
                freed = freed or not self.closings[n].over  # pyright: ignore
            else:
                return False
        return freed

    def on_arrival(self, n, address):
        """+WIND:61: a client has come. Another one may have had its number."""
        if not 0 <= n < _CLIENTS:
            return
        client = self.clients[n]
        if client is not None:
            if client.address[0] == _NOWHERE and client.certain:
                client.address = address  # ask_module() has found it before
                return
            if client.address == address and not client.peer_closed:
                return
            self.drop(client)
        elif self.is_closing(n):
            closing = self.closings[n]
            if closing is None or closing.sent:
                return  # the close of the client before closes this one too
            closing.cancel()
            if closing.stream is not None:
                closing.stream.lose_place()
            self.closings[n] = None
        self.client(n, address)

    def on_data(self, n):
        """+WIND:55: data of a client wait."""
        if 0 <= n < _CLIENTS:
            client = self.clients[n]
            if client is not None and client.peer_closed:
                self.drop(client)  # it has gone: these are the data of another one
        return self.client(n, None, False)

    def drop(self, client):
        """A client has lost its place: it is free, or another client has it."""
        self.forget(client)
        client.lose_place()

    def forget(self, client):
        """Take a client out of its place."""
        if self.clients[client.number] is client:
            self.clients[client.number] = None
        if client in self.waiting:
            self.waiting.remove(client)

    # Questions -------------------------------------------------------------------------------
    def ask_module(self):
        """Ask the module about the clients, one question at a time. Never waits.

        It asks whether a client that has gone left data, and whether there is a client of which
        only data were announced. After a while without indications it asks which clients there
        are, and which have gone. [decision 2]
        """
        exchange = self._exchange
        channel = self.channel
        if self._question >= 0:
            if exchange.code == RUNNING:
                return
            n = self._question
            self._question = -1
            if n < _LIST:
                self._answered(n, exchange.code)
        if channel.busy():
            return
        n = self.question()
        if n < 0:
            return
        command = b"AT+S.SOCKDL=%d\r" % self.number
        if n < _LIST:
            self._asked_client = self.clients[n]
            if self._asked_client is not None:
                self._asked_client.indicated = False
            command = b"AT+S.SOCKDQ=%d,%d\r" % (self.number, n)
        self._answer = -1
        self._question = n
        channel.start(exchange.prepare(command, None, _MS))

    def question(self):
        """What to ask about: the number of a client, _LIST, or -1 for nothing."""
        for client in self.clients:
            if client is not None:
                if not client.alive:
                    client.close()
                elif client.spent() or not client.certain:
                    return client.number
        return self.after_silence()

    def after_silence(self):
        """As question(), after a while without indications."""
        channel = self.channel
        if self._ask_at is None:
            self._ask_at = channel.deadline(self.pool.quiet_ms)
        elif channel.expired(self._ask_at):
            self._ask_at = None
            self._list_next = not self._list_next
            if self._list_next and self.clients.count(None) < _CLIENTS:
                return _LIST
            for n in range(_CLIENTS):
                if self.is_closing(n):
                    closing = self.closings[n]
                    if closing is not None and closing.over:
                        # The module has not said that it is closed: close it again
                        name = b"%d,%d" % (self.number, n)
                        self.closings[n] = self.send_close(name, True, FEW, _AGAIN_MS)
                elif self.clients[n] is None:
                    return n
        return -1

    def _on_answer(self, parser):
        if parser.starts(b"AT-S.Query:"):
            self._answer = parser.number(1)
        elif parser.starts(b"AT-S.List:") and parser.number(1) == self.number:
            # GUESS list_fields: the field after the client's number tells whether it is connected
            client = self.client(parser.number(2), None)
            if client is not None and parser.number(3) == 0:
                client.peer_closed = True

    def _answered(self, n, code):
        client = self.clients[n]
        if client is not self._asked_client:
            return  # another client has the place by now
        answer = self._answer
        if client is None:
            if code == 0 and answer >= 0:
                client = self.client(n, None)
                if client is not None:
                    client.pending = answer
        elif code == 76:
            self.drop(client)  # the module has no such client
        elif code == 72:  # its connection is over, and nothing is left: its place may be taken
            client.peer_closed = True
            client.pending = 0
            client.give_place_back()
        elif code == 0 and answer >= 0:
            client.certain = True
            if not client.indicated or client.pending <= answer:
                client.pending = answer
            if client.spent():
                if client.outstanding > 0:  # bytes are missing: ask again, a digit may be lost
                    client.outstanding = 0
                else:
                    client.give_place_back()
        elif code > 0:
            client.certain = True

    def free_places(self):
        """If the listening socket is closed: give back the places of clients that have gone."""
        if not self.listening:
            for client in self.clients:
                if client is not None:
                    if client.alive and client.spent():
                        client.readable()  # this asks the module whether it is so
                        self.channel.wait(lambda of=client: not of.arriving(), _MS)
                        client.readable()
                        if client.spent():
                            client.give_place_back()
                    elif not client.alive:
                        client.close()
            self.close_if_unused()  # pyright: ignore[reportAttributeAccessIssue]
            self.channel.wait(lambda: not self.pool.jobs, _MS)

    def send_close(self, name, now=True, *bound):
        """Begin to close a client or the server, SOCKDC; return the Closing. bound: its `reads`
        and `ms`."""
        closing = ServerClosing(self.pool, b"D", name, -1, None, *bound)
        self.pool.add_job(closing, now)
        return closing


class Client(Stream):
    """The connection of a client that a server accepted."""

    daemon = b"D"
    certain = True  # False while only its data were announced

    def __init__(self, server, number, address):
        Stream.__init__(self, server.pool)
        self._server = server
        self.address_on_module = b"%d,%d" % (server.number, number)
        self.number = number
        self.address = address
        self.alive = True

    def give_place_back(self):
        """Give its place back; the stream reads as ended from now on."""
        self.unsent = self.unsent or self.out_at != self.out_end
        self.out_at = self.out_end = 0
        self.close()
        self.address_on_module = b""

    def lose_place(self):
        """Its place is free, or another client has it."""
        self.address_on_module = b""
        # If nothing told of its end, or data waited, its last bytes are lost
        self.truncated = self.truncated or not self.peer_closed or self.pending > 0
        self.peer_closed = self.eof = True
        self.pending = self.outstanding = 0

    def on_line(self, parser):
        """As Stream.on_line(). Data of another client in its place are thrown away."""
        if self.address_on_module:
            Stream.on_line(self, parser)
        elif parser.starts(b"AT-S.Reading:"):
            self.got = 0
            parser.expect_data(max(0, parser.number(1)), None, 0)

    def close(self, now=True):
        """As Stream.close(): gives its place back, unless another client has it by now."""
        server = self._server
        if server.clients[self.number] is self:
            try:
                Stream.close(self, now)
            finally:
                if self.closing is not None:
                    server.closings[self.number] = self.closing
                    server.forget(self)
            server.close_if_unused(now)

    def closed(self):
        """As Stream.closed(). The last client is closed when the server is."""
        server = self._server
        if server.closing is not None and not server.closing.over:
            return False
        return self.closing is None or self.closing.over

    def release(self):
        """As Stream.release(): -1, it has no id of the eight. If its close could not begin, the
        next accept() closes it, or a listen() that needs its server."""
        if self.closing is None:
            self.alive = False
        return -1
