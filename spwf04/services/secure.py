"""Commands that open a connection of their own, plain or by the module's TLS: HTTP, MQTT,
WebSocket, mail. [h.3]

The server is verified as for a socket: with the same CAs, clock and errors. The data do not pass
through the host, so the host's TLS cannot stand in.
"""

from ..at.task import Wait
from ..const import const
from ..errors import ModuleError
from ..net.pool import SocketPool
from ..tls.context import SSLContext

PLAIN = b"0"
SECURE = b"2"  # [h.3]
_TRIES = const(8)
_TURN_MS = const(30000)


class Opener:
    """Runs a command that opens a connection to `address`, (host, port).

    context: an SSLContext for TLS, True for one with the CAs of the device, None for plain.
    TypeError, ValueError. kind: the command's argument for TLS, PLAIN or SECURE. The owner's
    on_line() hands each line to take() first. answered: the owner sets it once the server has said
    something, so that an error which follows is not one of TLS.

    For SSLContext it stands for a socket: pool, address, tls and so on are what that looks at.
    """

    certificate_error = -1
    answered = False
    engine = connect_by = None
    closed = False
    timeout_ms = -1

    def __init__(self, radio, address, context=None):
        if context is True:
            context = SSLContext()
        elif context is not None and not isinstance(context, SSLContext):
            raise TypeError("context must be an SSLContext, not " + type(context).__name__)
        self.pool = SocketPool(radio)
        self.channel = radio.channel
        self.address = address
        self.kind = PLAIN
        self.tls = None
        if context is not None:
            if context.engine == "host":
                raise ValueError(
                    'the module makes this connection: its context cannot have engine="host"'
                )
            own = SSLContext(engine="module")
            own.roots = context.roots
            own.cas = context.cas
            own.identity = context.identity
            self.tls = own, None
            self.kind = SECURE

    def take(self, parser) -> bool:
        """True if a line of the reply is about TLS, and nobody else's."""
        if parser.starts(b"AT-S.Certificate Error:"):
            self.certificate_error = max(0, parser.number(1))
            return True
        return parser.starts(b"AT-S.Skip CA") or parser.starts(b"AT-S.Loading:")  # [h.2]

    def steps(self, exchange):
        """Steps: run a prepared exchange; again, while the context finds something to mend.

        The exchange ends with OK, or with an error that has nothing to do with TLS: its owner
        looks at it. CertificateError: the server cannot be trusted. OSError.
        """
        context = None if self.tls is None else self.tls[0]
        if context is None:
            yield exchange
            return
        store = self.pool.radio.certs
        # One after the other, or each would take the CAs of the others away
        yield Wait(lambda: store.opener is None, _TURN_MS)
        store.opener = self
        try:
            yield from self._secure(context, exchange)
        finally:
            if store.opener is self:
                store.opener = None

    def _secure(self, context, exchange):
        command, payload, ms = exchange.command, exchange.payload, exchange.timeout_ms
        context.before_connect(self)
        tries = _TRIES
        while True:
            self.certificate_error = -1
            exchange.guard = context.guard(self)
            yield exchange.prepare(command, payload, ms)
            if exchange.stale and not exchange.code:
                tries -= 1
                if not tries:
                    from ..net.failure import unsteady

                    raise unsteady(self.address)
                context.before_connect(self)
                continue
            if exchange.code == 0 and self.certificate_error < 0:
                context.accepted(self, exchange.guard())
                return
            if exchange.code < 0 or self.answered:
                return
            try:
                context.refused(self, exchange, self.certificate_error)
            except ModuleError as e:
                if e.remedy != "check_host":
                    raise
                return  # nothing answers there at all: its owner says what that means
