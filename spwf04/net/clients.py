"""The clients of listening sockets: what the module says of them, their places, their streams."""

from ..at.exchange import Exchange
from ..const import const
from .closing import Closing
from .stream import Stream

_SERVERS = const(2)
_CLIENTS = const(8)
_MS = const(10000)
_RUNNING = const(-1)  # Exchange.code of channel.py
_LIST = const(8)  # Places._asked: all of them
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
    alive = False
    closing: "Closing | None" = None  # of the server
    _listening = True

    def __init__(self, sock):
        # not the socket: one that nobody holds gives its server back
        self.port = sock.address[1]
        self.secure = sock.tls is not None
        self.pool = sock.pool
        self.channel = sock.channel
        self.clients: list = [None] * _CLIENTS
        self.leaving: "list[Closing | None]" = [None] * _CLIENTS  # until the place is free
        self.waiting = []  # for accept()
        self._exchange = Exchange(self._on_answer)  # a question, see look()
        self._asked = -1  # whom it is about
        self._of = None
        self._answer = -1
        self._turn = False
        self._ask_at = None

    def client(self, n, address, sure=True):
        """The client with this number; a new one if there is none. None: it is being closed.

        sure: False for one of whom nothing was said but that its data wait: perhaps that was said
        of the one before.
        """
        if not 0 <= n < _CLIENTS or self.leaves(n):
            return None
        client = self.clients[n]
        if client is None:
            client = self.make(n, address or (_NOWHERE, n + 1))  # a port, to be answered
            client.sure = sure
            self.clients[n] = client
            self.waiting.append(client)
        return client

    def make(self, n, address) -> "Client":
        """The stream of a client."""
        return Client(self, n, address)

    def leaves(self, n):
        """True while the client with this number is being closed."""
        closing = self.leaving[n]
        if closing is not None and closing.free():
            self.leaving[n] = closing = None
        return closing is not None

    def crowded(self, waits):
        """True while all places are taken, and at least one is going to be free; if accept()
        waits, while one can be freed: so that they do not pile up."""
        if waits and any([c is not None and c.spent() for c in self.clients]):
            return True
        freed = False
        for n in range(_CLIENTS):
            client = self.clients[n]
            if client is not None:
                freed = freed or client.spent()
            elif self.leaves(n):
                freed = freed or not self.leaving[n].over  # pyright: ignore
            else:
                return False
        return freed

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
        elif self.leaves(n):
            closing = self.leaving[n]
            if closing is None or closing.sent:
                return  # with the one before, it is closed
            closing.cancel()
            if closing.stream is not None:
                closing.stream.lose()
            self.leaving[n] = None
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
        self.forget(client)
        client.lose()

    def forget(self, client):
        """A client has no place any more."""
        if self.clients[client.number] is client:
            self.clients[client.number] = None
        if client in self.waiting:
            self.waiting.remove(client)

    # looking after them ----------------------------------------------------------------------
    def look(self):
        """Ask what is to be known of the clients, one question at a time, and never wait: whether
        one that has gone has left something to read; whether there is one of whom nothing was
        said; after a while of silence, whether there are others, and who has gone. [decision 2]"""
        exchange = self._exchange
        channel = self.channel
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
                if not client.alive:
                    client.close()
                elif client.spent() or not client.sure:
                    return client.number
        return self.after_silence()

    def after_silence(self):
        """As question(), about those of whom nothing was said for a while."""
        channel = self.channel
        if self._ask_at is None:
            self._ask_at = channel.deadline(self.pool.quiet_ms)
        elif channel.expired(self._ask_at):
            self._ask_at = None
            self._turn = not self._turn
            if self._turn and self.clients.count(None) < _CLIENTS:
                return _LIST
            for n in range(_CLIENTS):
                if self.leaves(n):
                    closing = self.leaving[n]
                    if closing is not None and closing.over:
                        # and the module has not said that it is closed
                        self.leaving[n] = self.send_close(b"%d,%d" % (self.number, n))
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
                if client is not None:
                    if client.alive and client.spent():
                        client.readable()  # asks whether that is so
                        self.channel.wait(lambda of=client: not of.arriving(), _MS)
                        client.readable()
                        if client.spent():
                            client.give_up()
                    elif not client.alive:
                        client.close()
            self.channel.wait(lambda: not self.pool.work, _MS)

    def send_close(self, name, now=True):
        """SOCKDC, for a client or for the server; returns the closing.Closing."""
        closing = Closing(self.pool, b"D", name)
        self.pool.put_off(closing, now)
        return closing


class Client(Stream):
    """A client's end at a server."""

    verb = b"D"
    sure = True  # that there is such a client

    def __init__(self, server, number, address):
        Stream.__init__(self, server.pool)
        self._owner = server
        self.address_on_module = b"%d,%d" % (server.number, number)
        self.number = number
        self.address = address
        self.alive = True

    def give_up(self):
        """Give its place back; what is read from now on is the end of the stream."""
        self.lost = self.lost or self.out_at != self.out_end
        self.out_at = self.out_end = 0
        self.close()
        self.address_on_module = b""

    def lose(self):
        """Its place is another's."""
        self.address_on_module = b""
        # If it had not said goodbye, or not all was read, what it sent last is lost
        self.cut = self.cut or not self.peer_closed or self.pending > 0
        self.peer_closed = self.ended = True
        self.pending = self.owed = 0

    def on_line(self, parser):
        """As Stream.on_line(); what is another's is dropped."""
        if self.address_on_module:
            Stream.on_line(self, parser)
        elif parser.starts(b"AT-S.Reading:"):  # of whom has its place now
            self.got = 0
            parser.expect_data(max(0, parser.number(1)), None, 0)

    def close(self, now=True):
        """As Stream.close(): its place is given back, if it is not another's by now."""
        owner = self._owner
        if owner.clients[self.number] is self:
            Stream.close(self, now)
            owner.leaving[self.number] = self.closing
            owner.forget(self)
            owner.end(now)

    def closed(self):
        """As Stream.closed()."""
        owner = self._owner
        if owner.closing is not None and not owner.closing.over:
            return False  # the last one: with it, the server
        return self.closing is None or self.closing.over

    def release(self):
        """As Stream.release(): it has no number of its own."""
        return -1
