"""The module's MQTT client, with the interface of umqtt.simple. MQTT over WebSocket only. [j, j.2]

    client = MQTTClient(radio, "door-1", "broker.example", 8080)
    client.set_callback(lambda topic, message: print(topic, message))
    client.connect()
    client.subscribe("house/door")
    client.publish("house/door", "open")
    client.wait_msg()

The module keeps the connection alive and acknowledges messages itself. Messages come by
themselves, and wait here for wait_msg() or check_msg(). Each waiting method has a twin that
returns steps for spwf04.aio.take(): connecting(), publishing(), subscribing(), unsubscribing(),
waiting(), disconnecting().
"""

from ..arguments import argument, milliseconds
from ..arguments import host as check_host
from ..arguments import port as check_port
from ..at.exchange import ASLEEP, Exchange
from ..at.task import Wait
from ..checks import callback as check_callback
from ..checks import flag, integer
from ..checks import radio as check_radio
from ..commands.comma import delimited
from ..const import const
from ..errors import ModuleError, errno
from .links import command, links_of
from .secure import Opener

_TOPIC = const(190)  # bytes; the head of a message has to fit into the parser's memory
_MESSAGE = const(2048)  # bytes of one publication: fewer than resync.py fills up
_MS = const(15000)  # the module waits for a broker's answer
_ALIVE_MS = const(30000)  # after so much silence, see whether the module is there
_GONE = (72, 76, 78, 79)
# A message with one of these counts as damaged: the module may have restarted within it
_RESTART = (b"+WIND:1:Poweron:", b"+WIND:8:Hard Fault")
_TCP = (1883, 8883)  # brokers have MQTT without WebSocket there


class MQTTClient:
    """A connection to a broker.

    radio: SPWF04. client_id: a name that no other client of this broker has. server: host name or
    IPv4 address. port: of its WebSocket listener; 0: 80, or 443 with TLS. user, password: str or
    bytes, or None. keepalive: seconds; 0: what the module does by itself. ssl, or context: an
    SSLContext for TLS; True: one with the CAs of the device; None, or ssl=False: in clear. path:
    of the WebSocket. limit: most bytes of messages that wait here; a message beyond it is dropped.
    Nothing is sent before connect(). ValueError, TypeError.

    lost: count of messages that were dropped, because they were damaged on the line, or too many.
    """

    kind = b"m"
    id = -1
    wild = False  # a topic may have colons
    lost = 0
    _error = None  # why the connection is over
    _will = b"", b"", b""
    _callback = None
    _old = False  # firmware 1.0 repeats the last byte of a topic [d]
    _buffer = None  # of a message that is not complete
    _at = _piece = _left = 0
    _topic = b""
    _waiting = 0  # bytes in _messages

    def __init__(
        self,
        radio,
        client_id,
        server,
        port=0,
        user=None,
        password=None,
        keepalive=0,
        ssl=None,
        *,
        context=None,
        path="/mqtt",
        limit=8192,
    ):
        self._links = links_of(check_radio(radio))
        self._channel = radio.channel
        self._client_id = argument(client_id, "client_id", 128)
        if not self._client_id:
            raise ValueError("client_id must not be empty")
        self._context = context if context is not None or ssl is False else ssl
        Opener(radio, None, self._context)  # its errors
        port = integer(port, "port", 0, 65535)
        port = check_port(port or (443 if self._context is not None else 80))
        self._address = check_host(server, "server").decode(), port
        self._login = tuple(
            [
                b"" if value is None else argument(value, name, 200)
                for value, name in ((user, "user"), (password, "password"))
            ]
        )
        seconds = integer(keepalive, "keepalive", 0, 65535)
        self._keepalive = b"%d" % seconds if seconds else b""
        self._path = argument(path, "path", 200)
        if self._path[:1] != b"/" or b" " in self._path:
            raise ValueError("path must begin with / and have no blanks")
        self._limit = integer(limit, "limit", 0, None)
        self._messages = []
        self._topics = {}

    def set_callback(self, f) -> None:
        """Set the function f(topic, message) that wait_msg() and check_msg() call, both bytes."""
        self._callback = check_callback(f, "f")

    def set_last_will(self, topic, msg, retain=False, qos=0) -> None:
        """Set what the broker publishes when this client is gone without disconnect().

        topic, msg: str or bytes without CR, LF and NUL. retain: the module cannot ask for it, so
        True is a ValueError. qos: 0 to 2. To be called before connect().
        """
        if flag(retain, "retain"):
            raise ValueError("the module cannot ask for a last will that is retained")
        topic = _topic(topic)
        qos = b"%d" % integer(qos, "qos", 0, 2)
        self._will = qos, topic, argument(msg, "msg", 200)

    # connecting ------------------------------------------------------------------------------
    def connect(self, clean_session=True) -> int:
        """Connect to the broker; return 0, as umqtt.simple does for a session that is new.

        clean_session: False: subscribe again to what this client had subscribed to. The session is
        new in any case. An earlier connection of this client is closed. CertificateError: TLS.
        ModuleError: code 44, not joined; 65, no such host; 74 or 111, no broker that takes MQTT
        over WebSocket answers, or it refuses. SPWF04Error: two connections are open.
        """
        return self._channel.take(self.connecting(clean_session))

    def connecting(self, clean_session=True):
        """connect() as steps."""
        links = self._links
        again = {} if flag(clean_session, "clean_session") else self._topics
        opener = Opener(links.radio, self._address, self._context)
        host, port = self._address
        arguments = [host.encode(), b"%d" % port, self._path, opener.kind]
        arguments += self._login
        arguments += [self._client_id, self._keepalive, b""]
        arguments += self._will
        yield from links.closing(self)
        self._forget()
        self._topics = again  # also if this attempt fails: the next one subscribes to them
        self.wild = bool([t for t in again if _is_wild(t)])
        yield from links.opening(self, opener, b"MQTTCONN", arguments, self._refused)
        try:
            yield from self._ask_firmware()
            for topic in list(again):
                yield from self.subscribing(topic, again[topic])
        except:
            self.die("its connection could not be set up")
            raise
        return 0

    def _forget(self):
        self._error = self._buffer = None
        self._left = self._waiting = 0
        self._messages = []

    def _ask_firmware(self):
        def on_line(parser):
            self._old = parser.starts(b"AT-S.Var:fw_version=1.0")

        exchange = Exchange(on_line).prepare(b"AT+S.STS=fw_version\r")
        yield exchange
        if exchange.code < 0:
            self._channel.check(exchange)

    def _refused(self, opener, exchange, more):
        host, port = opener.address
        words = "no broker takes MQTT over WebSocket at %s:%d: AT-S.ERROR:%d:%s"
        words %= host, port, exchange.code, exchange.text
        hint = "Check host, port, path, user and password"
        remedy = "check_broker"
        if port in _TCP:
            hint = (
                "Port %d is for MQTT over TCP, which the module's client cannot speak. Use the "
                "broker's port for WebSocket, or umqtt.simple over the radio's sockets" % port
            )
            remedy = "plain_broker"
        elif more:
            hint += ". Or TLS is the reason: " + more
        return ModuleError(errno.ECONNREFUSED, words, exchange.code, exchange.text, hint, remedy)

    def disconnect(self) -> None:
        """Close the connection; the broker does not publish the last will. Messages that wait
        here are forgotten."""
        self._channel.take(self.disconnecting())

    def disconnecting(self):
        """disconnect() as steps."""
        try:
            yield from self._links.closing(self)
        finally:
            self._forget()

    def freeing(self):
        """Steps: free its id."""
        exchange = Exchange().prepare(b"AT+S.MQTTDISC=%d\r" % self.id, None, _MS)
        yield exchange
        if exchange.code not in _GONE:
            self._channel.check(exchange)

    def ping(self) -> None:
        """Raise OSError if the connection is known to be lost. Sends nothing: the module pings."""
        self._channel.poll()
        self._check_open()

    # sending ---------------------------------------------------------------------------------
    def publish(self, topic, msg, retain=False, qos=0) -> None:
        """Publish a message. With qos 1 or 2 this waits for the broker's answer.

        topic: str or bytes, 190 bytes at most. msg: str or bytes, 1 to 2048 bytes. retain: the
        broker keeps it for those who subscribe later. qos: 0, 1 or 2. ModuleError: code 111, the
        broker did not answer in time. OSError (ECONNRESET): the connection is lost.
        """
        self._channel.take(self.publishing(topic, msg, retain, qos))

    def publishing(self, topic, msg, retain=False, qos=0):
        """publish() as steps."""
        from ..payload import payload

        topic = _topic(topic)
        if b"+" in topic or b"#" in topic:
            raise ValueError("a topic to publish on has no wildcards")
        msg = payload(msg, "msg", True)
        if not 0 < len(msg) <= _MESSAGE:
            raise ValueError("msg must have 1 to %d bytes" % _MESSAGE)
        qos = b"%d" % integer(qos, "qos", 0, 2)
        retain = b"1" if flag(retain, "retain") else b"0"
        self._links.radio.pool.last_writer = self
        yield from self._command(b"MQTTPUB", (topic, qos, retain, b"%d" % len(msg)), msg)

    def subscribe(self, topic, qos=0) -> None:
        """Subscribe to a topic, with wildcards or not. set_callback() first. qos: 0, 1 or 2.

        ModuleError: code 111, the broker refuses. OSError (ECONNRESET): the connection is lost.
        """
        self._channel.take(self.subscribing(topic, qos))

    def subscribing(self, topic, qos=0):
        """subscribe() as steps."""
        topic = _topic(topic)
        qos = integer(qos, "qos", 0, 2)
        if self._callback is None:
            raise ValueError("set_callback() comes before subscribe()")
        self.wild = self.wild or _is_wild(topic)
        self._links.watch()
        yield from self._command(b"MQTTSUB", (topic, b"%d" % qos))
        self._topics[topic] = qos

    def unsubscribe(self, topic) -> None:
        """End the subscription to a topic, written as for subscribe()."""
        self._channel.take(self.unsubscribing(topic))

    def unsubscribing(self, topic):
        """unsubscribe() as steps."""
        topic = _topic(topic)
        yield from self._command(b"MQTTUNSUB", (topic,))
        self._topics.pop(topic, None)

    def _command(self, name, arguments, payload=None):
        channel = self._channel
        self._check_open()
        line, delimiter = command(name, b"%d" % self.id, *arguments)
        exchange = Exchange().prepare(line, payload, _MS)
        try:
            yield from delimited(channel, exchange, delimiter)
        except:
            if exchange.code:  # else it was not begun
                self.die("a command was broken off")
            raise
        code = exchange.code
        # 1: bytes stood before it
        if code in _GONE or (code < 0 and code != ASLEEP) or code == 1:
            self.die("it was closed, or bytes were lost")
        if code in _GONE:
            self._check_open()
        if code == 111:
            raise ModuleError(
                errno.EIO,
                "%s: the broker refuses it, or has not answered in time: AT-S.ERROR:111:%s"
                % (name.decode(), exchange.text),
                code,
                exchange.text,
                hint="Check the topic, and what the broker lets this user do",
                remedy="check_topic",
            )
        channel.check(exchange)

    # receiving -------------------------------------------------------------------------------
    def wait_msg(self, timeout=None) -> None:
        """Wait for a message, and call the callback.

        timeout: seconds, then OSError (ETIMEDOUT); None: for ever. OSError (ECONNRESET): the
        connection is lost, and no message waits any more.
        """
        self._channel.take(self.waiting(timeout))

    def waiting(self, timeout=None):
        """wait_msg() as steps."""
        channel = self._channel
        until = None if timeout is None else channel.deadline(milliseconds(timeout))
        while not self._messages:
            self._check_open()
            if channel.expired(until):
                raise OSError(errno.ETIMEDOUT, "no message came in time")
            ms = _ALIVE_MS if until is None else min(channel.left(until), _ALIVE_MS)
            yield Wait(self._moved, ms)
            if not self._moved() and not channel.expired(until):
                exchange = Exchange().prepare(b"AT\r")
                yield exchange
                channel.check(exchange)
        self._deliver()

    def check_msg(self) -> None:
        """Call the callback if a message waits; never wait. OSError (ECONNRESET) as wait_msg()."""
        self._channel.poll()
        if self._moved() and self._messages:
            self._deliver()
        else:
            self._check_open()

    def _moved(self):
        self._channel.busy()  # ends a message whose rest was lost
        return bool(self._messages) or self._error is not None or self.id < 0

    def _deliver(self):
        topic, message = self._messages.pop(0)
        self._waiting -= len(topic) + len(message)
        if self._callback is not None:
            self._callback(topic, message)

    def _check_open(self):
        if self.id < 0 or self._error is not None:
            from .links import not_open

            raise not_open(self._error)

    # what links.py calls ---------------------------------------------------------------------
    def ended_by_peer(self, reason):
        """+WIND:87. reason: the module's number, or -1."""
        if self._error is None:
            self._error = "the broker or the network has ended it"

    def die(self, words="bytes of it may be lost"):
        """It is over."""
        self._error = self._error or words
        self._buffer = None

    def spent(self):
        """True if its id can be freed."""
        return self._error is not None

    def told(self, parser):
        """A message begins, or the next piece of one."""
        try:
            self._begin(parser)
        except MemoryError:
            at = 0 if self._buffer is None else self._at
            n, total = parser.message.fields[3:]
            self._left = max(0, total - n - at)
            self._topic = b""  # the rest of this message is dropped, whatever its topic
            self.damaged()

    def _begin(self, parser):
        parts = parser.raw().rsplit(b":", 6)
        n, total = parser.message.fields[3:]
        topic = parts[0].split(b":", 4)[-1]
        if self._buffer is not None and (
            topic != self._topic
            or total != len(self._buffer)
            or n != min(self._piece, total - self._at)
        ):
            self.damaged()  # a piece is missing
        if self._buffer is None:
            if 0 < n <= self._left and self._topic in (topic, b""):
                self._left -= n  # more of a message that is dropped
                return
            self._topic = topic
            self._piece = n
            self._at = 0
            if parts[-1] or not 0 <= n <= total or self._waiting + total > self._limit:
                self.lost += 1
                self._left = max(0, total - n)
                return
            self._left = 0
            self._buffer = bytearray(total)
        parser.message.expect(self._buffer, self._at)
        self._at += n

    def taken(self, whole):
        """A message, or a piece of one, has ended. whole: none of its bytes is missing."""
        buffer = self._buffer
        if buffer is None:
            return
        if not whole:
            self.damaged()
        elif max([buffer.find(text) for text in _RESTART]) >= 0:
            self.damaged()
            self._channel.lose()
        elif self._at == len(buffer):
            self._buffer = None
            topic = self._topic
            if self._old and topic[-1:] == topic[-2:-1]:
                topic = topic[:-1]
            try:
                self._messages.append((topic, bytes(buffer)))
                self._waiting += len(topic) + len(buffer)
            except MemoryError:
                self.lost += 1

    def damaged(self):
        """Bytes of a message are missing."""
        self._buffer = None
        self.lost += 1


def _topic(topic):
    topic = argument(topic, "topic", _TOPIC)
    if not topic:
        raise ValueError("topic must not be empty")
    return topic


def _is_wild(topic):
    return b"+" in topic or b"#" in topic or b":" in topic
