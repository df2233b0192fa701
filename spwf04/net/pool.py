"""SocketPool: the module's eight sockets, and what the module says of them by itself."""

from ..at.channel import Exchange, rare
from ..const import const

_SOCKETS = const(8)  # [g.1]
_MS = const(10000)  # mbed's limit [k.20]
_STREAM = const(1)
_CUT = const(2)  # Socket._ended: by the network, not by the other side


class SocketPool:
    """The module's sockets, as CircuitPython's socketpool. One per radio: SocketPool(radio)
    returns the one that exists.

    chunk: most bytes moved by one command, 730 by default because of firmware bugs. [k.1]
    A larger one goes back to 730 when a read or write fails.
    quiet_ms: silence after which the module is asked whether data wait. [decision 2]

    Besides the methods below: getaddrinfo(), gaierror, and the constants, numbered as in
    CircuitPython's socketpool (constants.py).
    """

    chunk = 730
    quiet_ms = 500
    flush = None  # sends what cork.py holds back
    _rare = "SocketPool"
    _leaked = 0  # bit mask of ids that are open on the module and ours no more
    # Of the channel, when the module was last asked for its sockets. -1: it has some that nobody
    # owns, or may have some of an earlier run
    _resyncs = -1
    _writer = None  # the socket that wrote last
    __getattr__ = rare

    def __new__(cls, radio):
        if not hasattr(type(radio), "_rare"):
            from ..checks import radio as checked

            checked(radio)
        if radio._pool is None:
            radio._pool = self = object.__new__(cls)
            self.radio = radio
            self.channel = channel = radio.channel
            self._open = [None] * _SOCKETS  # id -> Socket
            if channel.generation:
                self._resyncs = channel.resyncs
            channel.on_indication[55] = self._on_pending
            channel.on_indication[58] = self._on_closed
            channel.on_restart.append(self._on_restart)
            channel.on_stray = self._on_stray
        return radio._pool

    # what the module says by itself ----------------------------------------------------------
    def _on_pending(self, parser):
        """+WIND:55:Pending Data:<sid>:<cid>:<received>:<cumulated>; no sid: a client. [g.7]"""
        if parser.number(3) < 0:
            n = parser.number(4)
            if 0 <= n < _SOCKETS and self._open[n] is not None:
                self._open[n]._on_pending(parser)

    def _on_closed(self, parser):
        """+WIND:58:Socket Closed:<cid>:<reason>; the id stays taken until SOCKC. [g.5]

        parser None: the network was lost, WIND 33. What the network took away is no end of a
        stream, whichever of the two comes first.
        """
        n = -1 if parser is None else parser.number(3)
        down = self.radio._known and self.radio._ip is None
        for sock in self._open:
            if sock is not None and (sock._id == n or (n < 0 and sock._peer_closed)):
                sock._peer_closed = True
                if down and not sock._ended:
                    sock._ended = _CUT

    def _on_restart(self):
        for sock in self._open:
            if sock is not None:
                sock._die()
        self._open = [None] * _SOCKETS
        self._leaked = 0
        self._resyncs = self.channel.resyncs

    def _on_stray(self, parser):
        if parser is None:  # what was written last may have lost bytes
            if self._writer is not None:
                self._writer._die()
        elif parser.starts(b"AT-S.On:"):
            # The answer to a SOCKON that we had given up: that socket is nobody's
            n = parser.number(-1)
            if 0 <= n < _SOCKETS and self._open[n] is None:
                self._leaked |= 1 << n

    # ids -------------------------------------------------------------------------------------
    def _release(self, n):
        """Close id n on the module; what cannot be closed now is closed before the next open."""
        self._leaked |= 1 << n
        exchange = Exchange().prepare(b"AT+S.SOCKC=%d\r" % n, None, _MS)
        self.channel.run(exchange)
        if exchange.code:
            from .closing import close

            close(self, n, exchange)
        else:
            self._leaked &= ~(1 << n)

    # public ----------------------------------------------------------------------------------
    def socket(self, family=2, type=_STREAM, proto=0):
        """Return a new socket for TCP or (SOCK_DGRAM) UDP; nothing is sent."""
        if isinstance(family, int) and isinstance(type, int) and (family, type) == (2, _STREAM):
            from .socket import Socket

            return Socket(self)
        from .odds import socket

        return socket(self, family, type)
