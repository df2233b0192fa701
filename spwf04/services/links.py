"""The module's WebSockets and MQTT connections: two together, because MQTT is one, too. [j]

A link, which is a WebSocket or an MQTTClient, has: kind, b"w" or b"m"; id, -1: it has no place on
the module; told(parser), an indication of data; ended_by_peer(reason), it has gone; die(words),
it is over at once; spent(), it is over and has nothing unread; freeing(), steps that free its id.
"""

from ..at.exchange import RESTARTED, Exchange
from ..at.reading import announced
from ..at.task import Task
from ..commands.comma import around, joined
from ..const import const
from ..errors import CertificateError, DiscoveryError, SPWF04Error, errno

_MOST = const(2)
_LINE_MAX = const(512)  # [a.2]
_NOBODYS = b"spwf04/nobody"  # a topic
_MS = const(10000)
_OPEN_MS = const(45000)  # a name, TCP, TLS, the handshake, the broker's answer
_TRIES = const(4)  # of WSOCKC [k.4]
_READS = const(64)  # that throw data away
_CLOSED = (0, 72, 76, 78, RESTARTED)
_REFUSED = (74, 111)  # by the other side, or nobody is there


def links_of(radio):
    """The Links of a radio."""
    if radio.links is None:
        radio.links = Links(radio)
    return radio.links


def command(name, *arguments):
    """Return (AT+S.<name>=…, the byte that separates its arguments), bytes and int.

    arguments: bytes. If one has a comma, another byte separates them. ValueError: too long.
    """
    fields, delimiter = joined(arguments)
    line = b"AT+S." + name + b"=" + fields + b"\r"
    if len(line) > _LINE_MAX:
        raise ValueError("the arguments together are too long: a command has 512 bytes at most")
    return line, delimiter


def close_websocket(radio, n, status):
    """Steps: close the WebSocket with the id n. While data wait, the module refuses: they are read
    and thrown away, within a bound. [g.5, k.4]"""
    channel = radio.channel
    chunk = radio.pool.chunk if radio.pool is not None else 730
    waiting = 0

    def on_line(parser):
        nonlocal waiting
        if waiting > 0:
            announced(channel, parser, waiting)
        elif parser.starts(b"AT-S.Query:"):
            waiting = parser.number(1)

    close = Exchange().prepare(b"AT+S.WSOCKC=%d,%s\r" % (n, status), None, _MS)
    exchange = Exchange(on_line)
    reads = _READS
    for _ in range(_TRIES):
        yield close
        if close.code != 77:
            break
        while reads:
            reads -= 1
            waiting = 0
            yield exchange.prepare(b"AT+S.WSOCKQ=%d\r" % n, None, _MS)
            if exchange.code or waiting <= 0:
                break
            waiting = min(waiting, chunk)
            exchange.awaits_payload = True
            yield exchange.prepare(b"AT+S.WSOCKR=%d,%d\r" % (n, waiting), None, _MS)
            exchange.awaits_payload = False
            if exchange.code:
                break
    if close.code not in _CLOSED:
        channel.check(close)


class Links:
    """Those of a radio. owners: the links that are open, or being opened."""

    def __init__(self, radio):
        self.radio = radio
        self.channel = channel = radio.channel
        self._messages = channel.parser.messages()
        self.owners = []
        self._taking = None  # whose message is on the line
        self._asking: "Task | None" = None  # what poll() runs
        # ATChannel.resyncs when the module last freed what nobody owns; -1: it has to
        self._freed_at = channel.resyncs if channel.generation else -1
        channel.on_indication[86] = self._on_message
        for number in (87, 88, 89):
            channel.on_indication[number] = self._on_link
        channel.on_restart.append(self._on_restart)

    # what the module tells by itself -----------------------------------------------------------
    def _find(self, kind, n):
        for link in self.owners:
            if link.kind == kind and link.id == n:
                return link
        return None

    def _on_message(self, parser):
        """+WIND:86:MQTT Published:<id>:…, once before the message and once behind it. [d]"""
        link = self._taking
        self._taking = None
        if parser.message is not None:
            if link is not None:
                link.damaged()  # the end of the message before has not come
            self._taking = link = self._find(b"m", parser.number(3))
            if link is not None:
                link.told(parser)
            return
        if link is not None:
            link.taken(self._messages.whole)
        elif self._messages.doubtful:
            for link in self.owners:
                if link.kind == b"m":
                    link.damaged()

    def _on_link(self, parser):
        """+WIND:87:MQTT Closed:<id>, 88:WebSocket Data:<id>:…, 89:WebSocket Closed:<id>. [d]"""
        link = self._find(b"m" if parser.code == 87 else b"w", parser.number(3))
        if link is None:
            return
        if parser.code == 88:
            link.told(parser)
        else:
            link.ended_by_peer(parser.number(4))

    def _on_restart(self):
        for link in self.owners:
            link.die("the module restarted")
        self.owners = []
        self._freed_at = self.channel.resyncs
        self._taking = None
        self.watch()

    def missed(self):
        """Indications were masked: what they would have told is asked for as soon as the line is
        free."""
        if self._asking is None and self.owners:
            self._asking = Task(self.channel, self._ask())
            self.radio.pool.add_job(self, False)

    def _ask(self):
        for link in list(self.owners):
            try:
                if link.kind == b"w":
                    yield from link.asking()
                else:  # only a command tells whether it is still open
                    yield from link.unsubscribing(_NOBODYS)
            except OSError:
                pass  # its next call finds out

    def poll(self):
        """As a job of the pool: True when it is over."""
        asking = self._asking
        if asking is None or asking.poll():
            self._asking = None
        return self._asking is None

    def watch(self):
        """Tell the parser whether topics may have colons, as with wildcards."""
        wild = self._freed_at < 0
        for link in self.owners:
            wild = wild or link.wild
        self._messages.wild = wild

    def doubt(self):
        """The module may have connections that nobody owns."""
        self._freed_at = -1
        self.watch()

    # opening and closing -----------------------------------------------------------------------
    def opening(self, link, opener, name, arguments, refused):
        """Steps: open a connection for a link, and give it its id.

        opener: a secure.Opener. name, arguments: of the command. refused(opener, exchange, more):
        returns the exception if the other side refuses; more: what to do if TLS is the reason, or
        "".
        """
        line, delimiter = command(name, *arguments)
        yield from self._make_room()

        def on_line(parser):
            if not opener.take(parser) and parser.starts(b"AT-S.On:") and link in self.owners:
                link.id = parser.number(1)  # else its caller has given up

        exchange = Exchange(on_line)
        try:
            self.owners.append(link)
            for attempt in (1, 2):
                link.id = -1
                exchange.prepare(line, None, _OPEN_MS)
                more = ""
                try:
                    yield from around(self.channel, delimiter, exchange, opener.steps(exchange))
                except (CertificateError, DiscoveryError):
                    raise
                except SPWF04Error as e:
                    if exchange.code not in _REFUSED:
                        raise
                    more = e.hint or ""
                if exchange.code != 75 or attempt == 2:
                    break
                self.doubt()  # an earlier run may have left some
                yield from self._free()
            self._opened(link, opener, exchange, refused, more)
            self.watch()
        except:
            if link in self.owners:
                self.owners.remove(link)
            if exchange.code <= 0:
                self._freed_at = -1
            link.id = -1
            self.watch()
            raise

    def _opened(self, link, opener, exchange, refused, more):
        if exchange.code == 75:
            raise _full(75, exchange.text)
        if exchange.code in _REFUSED:
            raise refused(opener, exchange, more)
        self.channel.check(exchange)
        if link not in self.owners:
            raise OSError(errno.ECONNRESET, "the module restarted")
        if not 0 <= link.id < _MOST:
            from ..net.failure import without_number

            raise without_number(exchange)
        for other in list(self.owners):
            if other is not link and other.kind == link.kind and other.id == link.id:
                other.id = -1  # the module had freed it
                self.owners.remove(other)

    def _make_room(self):
        """Steps: free what is over. SPWF04Error if two are open."""
        if self._freed_at != self.channel.resyncs:
            yield from self._free()
        for other in list(self.owners):
            if other.spent():
                yield from self.closing(other)
        if len(self.owners) >= _MOST:
            raise _full()

    def closing(self, link):
        """Steps: free a link's id. OSError if the module does not answer."""
        try:
            if link.id >= 0 and link in self.owners:
                yield from link.freeing()
        except:
            self._freed_at = -1  # the module may still have it
            raise
        finally:
            link.id = -1
            if link in self.owners:
                self.owners.remove(link)
            self.watch()

    def _free(self):
        """Steps: close what nobody owns: an earlier run or a failure has left it."""
        self._freed_at = self.channel.resyncs
        found = []

        def on_line(parser):
            if parser.starts(b"AT-S.List::"):
                found.append(parser.number(2))

        yield Exchange(on_line).prepare(b"AT+S.WSOCKL\r", None, _MS)
        for n in range(_MOST):
            if not self._is_nobodys(n):
                continue
            if n in found:
                yield from close_websocket(self.radio, n, b"0")
            # A list of these there is not
            exchange = Exchange().prepare(b"AT+S.MQTTDISC=%d\r" % n, None, _MS)
            # It may wait for the line until another task has opened one
            exchange.guard = lambda n=n: self._is_nobodys(n)
            yield exchange
        self.watch()

    def _is_nobodys(self, n):
        return not [link for link in self.owners if link.id == n]


def _full(code=None, text=None):
    return SPWF04Error(
        errno.ENOMEM,
        "the module has two connections of MQTT and WebSocket together, and both are in use",
        code,
        text,
        hint="Close one, or use a library over the radio's sockets, of which there are eight",
        remedy="close_links",
    )


def not_open(why):
    """The exception for a broker's connection that is not open. why: str; None: it never was."""
    if why is None:
        number, words = errno.ENOTCONN, "there is no connection to the broker"
        hint = "Call client.connect() first"
    else:
        number, words = errno.ECONNRESET, "the broker's connection is lost: " + why
        hint = "Connect again: client.connect(False)"
    return SPWF04Error(number, words, hint=hint, remedy="reconnect")
