"""The clients of listening sockets: what the module says of them, their places, their sockets."""

from ..at.exchange import Exchange
from ..const import const
from .closing import Closing
from .socket import Socket
from .status import query

_SERVERS = const(2)
_CLIENTS = const(8)
_MS = const(10000)
_RUNNING = const(-1)  # Exchange.code of channel.py
_LIST = const(8)  # Places._asked: all of them
_OPEN = const(2)  # states of Socket
_DEAD = const(3)
_NOWHERE = "0.0.0.0"  # address of a client of whom nothing was said


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
        client = server.speaks(parser.number(4))
        if client is not None:
            client.on_pending(parser)

    def on_client(self, parser):
        """+WIND:61:Incoming Socket Client:<ip>:<port>:<sid>:<cid>"""
        server = self._server(parser.number(-2))
        if server is not None:
            words = parser.text().split(":")
            server.comes(
                parser.number(-1), (words[-4] if len(words) > 3 else "", parser.number(-3))
            )

    def on_gone(self, parser):
        """+WIND:62:Socket Client Gone:<ip>:<port>:<sid>:<cid>:<reason>; perhaps of one that
        never came: its TLS handshake failed, or there was no place for it. Then the number says
        nothing, so the port must be the client's."""
        server = self._server(parser.number(-3))
        n = parser.number(-2)
        if server is not None and 0 <= n < _CLIENTS and server.clients[n] is not None:
            client = server.clients[n]
            if client.address[0] == _NOWHERE or client.address[1] == parser.number(-4):
                client.peer_closed = True

    def on_restart(self):
        """Servers and their clients are gone."""
        for n in range(_SERVERS):
            server = self.open[n]
            if server is not None:
                self.open[n] = None
                server.die()


class Places:
    """The places that the module has for the clients of one server, and who is there."""

    number = -1  # of the server
    _listening = True

    def __init__(self, sock):
        self.sock = sock
        self.pool = sock.pool
        self.clients: list = [None] * _CLIENTS
        self.closing: list = [None] * _CLIENTS  # closing.Closing of each, until the place is free
        self.waiting = []  # for accept()
        self._exchange = Exchange(self._on_answer)  # a question, see look()
        self._asked = -1  # whom it is about
        self._of = None
        self._answer = -1
        self._turn = False

    def client(self, n, address, sure=True):
        """The client with this number; a new one if there is none. None: it is being closed.

        sure: False for one of whom nothing was said but that its data wait: perhaps that was said
        of the one before.
        """
        if not 0 <= n < _CLIENTS or self.leaving(n):
            return None
        client = self.clients[n]
        if client is None:
            client = self.make(n, address or (_NOWHERE, n + 1))  # a port, to be answered
            client.sure = sure
            self.clients[n] = client
            self.waiting.append(client)
        return client

    def make(self, n, address):
        """The socket of a client."""
        return Client(self, n, address)

    def leaving(self, n):
        """True while the client with this number is being closed."""
        closing = self.closing[n]
        if closing is not None and closing.free():
            self.closing[n] = closing = None
        return closing is not None

    def comes(self, n, address):
        """+WIND:61: a client, with a number that was another's perhaps."""
        if not 0 <= n < _CLIENTS:
            return
        client = self.clients[n]
        if client is not None:
            if client.address[0] == _NOWHERE and client.sure:
                client.address = address  # look() was quicker
                return
            if client.address == address and not client.peer_closed:
                return
            self.drop(client)
        elif self.leaving(n):
            if self.closing[n].sent:
                return  # with the one before, it is closed
            self.closing[n].cancel()
            self.closing[n] = None
        self.client(n, address)

    def speaks(self, n):
        """+WIND:55: data of a client wait."""
        if 0 <= n < _CLIENTS:
            client = self.clients[n]
            if client is not None and client.peer_closed:
                self.drop(client)  # it has gone: this is another, and nothing told of it
        return self.client(n, None, False)

    def drop(self, client):
        """The place of a client is another's, or nobody's."""
        if self.clients[client._number] is client:
            self.clients[client._number] = None
        if client in self.waiting:
            self.waiting.remove(client)
        client.lose()

    def release(self, client):
        """Have the module close a client."""
        n = client._number
        closing = self.send_close(client.address_on_module)
        if self.clients[n] is client:
            self.clients[n] = None
            self.closing[n] = closing  # pyright: ignore
        elif not closing.sent:
            closing.cancel()  # its place was given to another meanwhile
        if client in self.waiting:
            self.waiting.remove(client)

    # looking after them ----------------------------------------------------------------------
    def look(self):
        """Ask what is to be known of the clients, one question at a time, and never wait: whether
        one that has gone has left something to read; whether there is one of whom nothing was
        said; after a while of silence, whether there are others, and who has gone. [decision 2]"""
        exchange = self._exchange
        channel = self.pool.channel
        if self._asked >= 0:
            if exchange.code == _RUNNING:
                return
            n = self._asked
            self._asked = -1
            if n < _LIST:
                self._answered(n, exchange.code)
        if channel.busy():
            return
        n = self.question()
        if n < 0:
            return
        command = b"AT+S.SOCKDL=%d\r" % self.number
        if n < _LIST:
            self._of = self.clients[n]
            if self._of is not None:
                self._of.fresh = False
            command = b"AT+S.SOCKDQ=%d,%d\r" % (self.number, n)
        self._answer = -1
        self._asked = n
        channel.start(exchange.prepare(command, None, _MS))

    def question(self):
        """Whom to ask about: a client's number, _LIST, or -1."""
        for client in self.clients:
            if client is not None:
                if client.state == _DEAD:
                    client.abandon()
                elif client.spent() or not client.sure:
                    return client._number
        return self.after_silence()

    def after_silence(self):
        """As question(), about those of whom nothing was said for a while."""
        sock = self.sock
        if sock.ask_at is None:
            sock.ask_at = sock.channel.deadline(self.pool.quiet_ms)
        elif sock.channel.expired(sock.ask_at):
            sock.ask_at = None
            self._turn = not self._turn
            if self._turn and self.clients.count(None) < _CLIENTS:
                return _LIST
            for n in range(_CLIENTS):
                if self.leaving(n):
                    if self.closing[n].over:  # and the module has not said that it is closed
                        self.closing[n] = self.send_close(b"%d,%d" % (self.number, n), False)  # pyright: ignore
                elif self.clients[n] is None:
                    return n
        return -1

    def _on_answer(self, parser):
        if parser.starts(b"AT-S.Query:"):
            self._answer = parser.number(1)
        elif parser.starts(b"AT-S.List:") and parser.number(1) == self.number:
            # GUESS list_fields: what comes after the client's number is whether it is connected
            client = self.client(parser.number(2), None)
            if client is not None and parser.number(3) == 0:
                client.peer_closed = True

    def _answered(self, n, code):
        client = self.clients[n]
        if client is not self._of:
            return  # it is about another
        answer = self._answer
        if client is None:
            if code == 0 and answer >= 0:
                client = self.client(n, None)
                if client is not None:
                    client.pending = answer
        elif code in (72, 76):
            self.drop(client)  # there is none
        elif code == 0 and answer >= 0:
            client.sure = True
            if not client.fresh or client.pending <= answer:
                client.pending = answer
            if client.spent():
                if client.owed > 0:  # more was announced: ask again, a digit may be lost
                    client.owed = 0
                else:
                    client.give_up()
        elif code > 0:
            client.sure = True

    def tidy(self):
        """Give back the places of clients that have gone, if nobody accepts any more."""
        if not self._listening:
            for client in self.clients:
                if client is not None and client.spent():
                    if (
                        query(
                            self.pool, Exchange(), b"AT+S.SOCKDQ=%s\r" % client.address_on_module
                        )
                        <= 0
                    ):
                        client.give_up()
                elif client is not None and client.state == _DEAD:
                    client.abandon()

    def send_close(self, name, waits=True):
        """SOCKDC, for a client or for the server; returns the closing.Closing."""
        channel = self.pool.channel
        closing = Closing(channel, self.pool, -1, b"D", name)
        if waits and self.sock.timeout_ms != 0:
            channel.wait(lambda: closing.over, _MS)
        return closing


class Client(Socket):
    """A client's end at a server: as Socket, but it was not connected by us.

    After the end of the stream, and to a client that has gone, ECONNRESET is raised, which is
    what libraries for servers expect.
    """

    verb = b"D"
    sure = True  # that there is such a client

    def __init__(self, server, number, address):
        Socket.__init__(self, server.pool)
        self._owner = server
        self.address_on_module = b"%d,%d" % (server.number, number)
        self._number = number
        self.address = address
        self.state = _OPEN
        self.started = True  # no client of HTTP or MQTT: nothing is held back
        if server.sock.tls is not None:
            self.engine = "module"

    def spent(self):
        """True if it has gone, and nothing of it is known to wait in the module."""
        return (
            self.peer_closed
            and not self.pending
            and self.sink is None
            and bool(self.address_on_module)
        )

    def give_up(self):
        """Give its place back; what is read from now on is the end of the stream."""
        server = self._owner
        server.release(self)
        self.address_on_module = b""
        server.end()

    def lose(self):
        """Its place is another's."""
        self.address_on_module = b""
        self.peer_closed = self.ended = True
        self.pending = self.owed = 0

    def on_line(self, parser):
        """As Socket.on_line(); what is another's is dropped."""
        if self.address_on_module:
            Socket.on_line(self, parser)
        elif parser.starts(b"AT-S.Reading:"):  # of whom has its place now
            self.got = 0
            parser.expect_data(max(0, parser.number(1)), None, 0)

    def abandon(self):
        """As Socket.abandon(): its place is given back at once."""
        server = self._owner
        if server.clients[self._number] is self:
            server.release(self)
            server.end()
        return -1
