"""The interpreter's own TLS, as a layer between a Socket and the plain socket below it.

How it is used is in cpython.py (ssl with MemoryBIO), micropython.py (tls) and circuitpython.py, an
Engine each. Whom to trust is told by who makes the layer, as an object with

    name            the server's, str; check_name: whether the certificate must be for it
    cas()           list of the CAs, in DER
    identity()      (certificate, key) to be shown to the server, or None
    in_date()       those of cas() that are in date now; CertificateError if none is
    check_dates()   with all certificates that the server sent: CertificateError unless all that
                    the connection may rest on is in date
    failed()        called when the connection failed

in_date() and check_dates() are for a TLS that does not look at dates.
"""

import gc

from ..const import const
from ..errors import CertificateError, SPWF04Error, errno
from .native import which

_STEP_MS = const(100)  # most that a call with time-out 0 takes to read on


def engine():
    """The class that drives this interpreter's TLS, or None."""
    kind = which()
    if kind == "cpython":
        from .cpython import Engine
    elif kind == "micropython":
        from .micropython import Engine
    elif kind == "circuitpython":
        from .circuitpython import Engine
    else:
        return None
    return Engine


class Layer:
    """TLS between a Socket and the plain one below it. It takes the Socket's calls.

    The Socket itself has no connection: no number of the module's, nothing that was read. What is
    sent and received goes through this object and its raw socket, or not at all; net/transfer.py
    and net/stepwise.py refuse what would go past it.
    """

    def __init__(self, sock, engine, terms, address, end):
        self.sock = sock
        self.channel = sock.channel
        self.address = address
        self._terms = terms
        self._engine = engine
        self._tls = None
        self._shaken = self._closed = False
        self._started = False  # something was sent
        self._shake_end = end  # when connect() is given up; None once the hands are shaken
        self._end = None  # of the call under way; None: no limit
        self._one = bytearray(1)
        self._had = None
        self._peek = bytearray(1)  # for poll(): a byte that was read to see whether there is one
        self._peeked = None
        self._late = None  # an error for the next call
        self.error = None  # what the plain socket raised inside the TLS library
        self.raw = raw = sock.pool.socket()
        raw.started = True  # records are held back by nobody
        sock.hand_over(self)

    def undo(self):
        """Take the layer off a socket whose connection did not come about: it is as before."""
        self._drop()
        self.sock.take_back()

    # below -----------------------------------------------------------------------------------
    def receive(self, buffer, waits=True):
        """readinto() of the plain socket: 0 at the end, None if nothing is there yet.

        waits: as settimeout() of the socket says, for what is left of the call under way: then
        ETIMEDOUT. Else not at all.
        """
        if self._had is not None:  # what wait() found
            n = self._had
            self._had = None
            if n:
                buffer[0] = self._one[0]
            return n
        ms = self.sock.timeout_ms if waits else 0
        end = self._end
        if self._shake_end is not None:
            end = self._shake_end
        if end is not None:
            left = self.channel.left(end)
            if left == 0:
                if not ms and self._shake_end is None:
                    return None
                self.fail(OSError(errno.ETIMEDOUT, "no data in time"))
            if ms:
                ms = left
        raw = self.raw
        raw.timeout_ms = ms
        try:
            return raw.own_recv_into(buffer)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            if e.errno == errno.ENOTCONN and raw.ended:
                return 0
            self.error = e
            raise

    def wait(self):
        """Wait until the plain socket has something, as settimeout() says: ETIMEDOUT, or False
        if it must not wait."""
        self._had = self.receive(self._one)
        return self._had is not None

    def transmit(self, data):
        """send() of the plain socket."""
        try:
            return self.raw.send(data)
        except OSError as e:
            self.error = e
            raise

    def fail(self, error):
        """Raise inside the TLS library what the caller is to get."""
        self.error = error
        raise error

    def give(self, load, unread):
        """Have the TLS library load each CA that it can read; the others vouch for nobody. unread:
        what it raises for those. CertificateError if none is left."""
        n = 0
        for der in self._terms.cas():
            try:
                load(der)
                n += 1
            except unread:
                pass
        if n == 0:
            raise CertificateError(
                errno.EIO,
                "%s:%d was not trusted: the host's TLS can read none of the CAs" % self.address,
                hint='They are damaged, or new to it in kind: engine="module" may do',
            )

    # above -----------------------------------------------------------------------------------
    def connect(self, address, mode=None):
        """As Socket.connect()."""
        sock = self.sock
        if self._shaken or self._closed:
            raise OSError(errno.EINVAL, "already connected, or closed")
        if self.raw is None:  # the last one failed: as if it were the first, perhaps elsewhere
            self.undo()
            sock.connect(address, mode)
            return
        try:
            if not self.raw.is_open():
                ms = self.channel.left(self._shake_end)
                if ms == 0:
                    raise OSError(errno.ETIMEDOUT, "connect timed out")
                self.raw.timeout_ms = ms if sock.timeout_ms else 0
                self.raw.connect(self.address)
            self._shake()
        except OSError as e:
            if e.errno not in (errno.EINPROGRESS, errno.EAGAIN):
                self._drop()
            if e.errno == errno.EAGAIN:
                raise OSError(errno.EINPROGRESS, "connecting")
            raise
        except ValueError:
            self._drop()
            raise

    def _shake(self):
        try:
            if self._tls is None:
                gc.collect()
                self._tls = self._engine(self, self._terms)
            self._run(self._tls.handshake)
        except MemoryError:
            self._drop()
            raise SPWF04Error(
                errno.ENOMEM,
                "%s:%d: the host's TLS does not fit into memory" % self.address,
                hint="It takes tens of KB, the module's none: a server with a chain that the "
                "module can take, see radio.certs.diagnose()",
            )
        if self._tls is None:  # by what the program does in a callback, trace's for example
            raise OSError(errno.ENOTCONN, "closed while it was being opened")
        self._shaken = True
        self.sock.mark(True)

    def _run(self, function, *args):
        """Call the engine; its own exceptions become ours."""
        self.error = None
        try:
            return function(*args)
        except Exception as e:
            if self.error is not None:
                raise self.error
            words = self._tls.words(e)
            if words is None:
                raise
            raise self._explain(words)

    def _explain(self, words):
        host, port = self.address[0], self.address[1]
        self._terms.failed()
        text = "%s:%d: the host's TLS: %s" % (host, port, words.strip())
        if not self._shaken and self._tls.blames_certificate(words):
            return CertificateError(
                errno.EIO,
                text,
                text=words,
                hint="radio.certs.diagnose(%r, %d) tells which certificate, and why"
                % (host, port),
            )
        return SPWF04Error(errno.ECONNRESET, text, text=words)

    def _drop(self):
        if self.raw is not None:
            self.raw.close()
        self.raw = self._tls = None

    def recv_into(self, buffer, nbytes=0):
        """As Socket.recv_into()."""
        n = len(buffer)
        if 0 < nbytes < n:
            n = nbytes
        if n == 0:
            return 0
        self._begin()
        if self.sock.ended:
            raise OSError(errno.ENOTCONN, "the connection is closed")
        if self._peeked is not None:
            got = self._peeked
            self._peeked = None
            buffer[:got] = self._peek[:got]
            if got == 0:
                self.sock.ended = True
            return got
        got = self._run(self._tls.recv_into, buffer, n)
        if got is None:
            raise OSError(errno.EAGAIN, "no data yet")
        if got == 0:
            self.sock.ended = True
        return got

    def send(self, data):
        """As Socket.send()."""
        self._begin()
        total = len(data)
        if total and not self._started:
            self._started = True
            # sock.started: TCP_NODELAY was set
            if self.sock.timeout_ms != 0 and not self.sock.started:
                from ..net.cork import begin

                cork = begin(self.sock, data)
                if cork is not None:
                    return cork.send(data)
        at = 0
        view = memoryview(data)
        while at < total:
            n = self._run(self._tls.send, view[at:])
            if n is None:  # the hands are being shaken still
                if self.sock.timeout_ms == 0:
                    if at:
                        break
                    raise OSError(errno.EAGAIN, "connecting")
                self._run(self.wait)
            at += n or 0
        return at

    def poll(self, events):
        """As Socket.ioctl(3, events); a step may wait for one command of the module."""
        if self.raw is None and self._late is None:
            return events & 5 | 16
        waits = self.sock.timeout_ms
        self.sock.timeout_ms = 0
        try:
            if self.sock.pool.holds is not None:
                self.sock.pool.holds.flush()
            self._begin()
            if events & 1 and self._peeked is None and not self.sock.ended:
                self._peeked = self._run(self._tls.recv_into, self._peek, 1)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return 0  # connecting
            self._late = e
            return events & 5 | 8
        finally:
            self.sock.timeout_ms = waits
        ready = self._peeked is not None or self.sock.ended
        return events & (5 if ready else 4)

    def _begin(self):
        """A call begins: raise unless there is a connection, EAGAIN while there is none yet.
        settimeout() is for all that it waits for."""
        if self._late is not None:
            error = self._late
            self._late = None
            raise error
        if not self._shaken:
            if self.raw is None:
                raise OSError(errno.ENOTCONN, "not connected")
            try:
                self.connect(self.address)
            except OSError as e:
                if e.errno == errno.EINPROGRESS:
                    raise OSError(errno.EAGAIN, "connecting")
                raise
        if self._tls.shaken:
            self._shake_end = None
        ms = self.sock.timeout_ms
        # With time-out 0 for what has arrived already: it may arrive faster than it is read
        self._end = None if ms < 0 else self.channel.deadline(ms or _STEP_MS)

    def settimeout(self, seconds):
        """As Socket.settimeout()."""
        self.sock.timeout_ms = -1 if seconds is None else int(seconds * 1000)

    def close(self):
        """As Socket.close()."""
        try:
            if self._tls is not None and self._shaken:
                self._tls.close()
        except OSError:
            pass
        finally:
            self._shaken = False
            self._drop()
            self._closed = True
            self.sock.mark(False)

    # for a Cork, which lies over this one: see net/socket.py
    own_recv_into = recv_into
    own_send = send
    own_settimeout = settimeout
    own_close = close
    own_poll = poll

    def version(self):
        """The TLS version as a str, None before the handshake."""
        return self._tls.version() if self._shaken else None

    def cipher(self):
        """The cipher suite as the host's TLS shows it, None before the handshake."""
        return self._tls.cipher() if self._shaken else None
