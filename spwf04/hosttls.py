"""The host's own TLS over a plain socket of the module: for chains that the module cannot take.

Verified like the module's: the same CAs, the same name, TLS 1.2 or newer. Which TLS the
interpreter has is found out here; how it is used is in hosttls_cpython.py (ssl with MemoryBIO),
hosttls_stream.py (MicroPython's tls) and hosttls_circuitpython.py.
"""

import gc

from .errors import CertificateError, SPWF04Error, errno
from .native import native
from .pem import load


def _engine():
    """The class that drives this interpreter's TLS, or None."""
    try:
        ssl = native("ssl")
    except ImportError:
        ssl = None
    if ssl is not None and hasattr(ssl, "MemoryBIO"):
        from .hosttls_cpython import Engine
    elif _has_tls():
        from .hosttls_stream import Engine
    elif ssl is not None and hasattr(ssl, "create_default_context"):
        from .hosttls_circuitpython import Engine
    else:
        return None
    return Engine


def _has_tls():
    try:
        tls = native("tls")
    except ImportError:
        return False
    return hasattr(tls, "SSLContext")


def available():
    """True if this interpreter has TLS of its own, with verification."""
    return _engine() is not None


def divert(sock, context, address):
    """Before a connection: make it by the host's TLS, and return True, if that is decided."""
    if context.engine == "auto":
        if sock._pool.radio.certs.plans[address].engine != "host":
            return False
    elif context.engine != "host":
        return False
    connect(sock, context, address)
    return True


def connect(sock, context, address):
    """Connect sock to address and make it a TLS socket by the host's TLS. See Layer.

    Trusted are the context's CAs, those of the store, and what was found for this server among
    the context's roots.
    """
    engine = _engine()
    if engine is None:
        raise SPWF04Error(
            errno.ENODEV, "this interpreter has no TLS of its own", hint='Use engine="module"'
        )
    if not context.check_hostname and not engine.without_name:
        raise ValueError("this interpreter's TLS always checks the server's name")
    name = sock._tls[1]
    if name is None:
        from .argument import server_name

        name = server_name(address[0])
    radio = sock._pool.radio
    cas = context._cas + [e.source for e in radio.certs.entries() if e.source is not None]
    made = radio.certs.plans.get(address)
    if made is not None and not (made.anchors or made.fits(context.roots)):
        made = None
    if context.roots is not None and made is None:
        from .trust import plan

        made = plan(radio, address[0], address[1], name.decode(), context.roots, cas)
    if made is not None:
        if made.chain is not None:
            from .trust import check

            wanted = name.decode() if context.check_hostname else None
            check(radio, made, wanted, context.roots is not None)
        radio.certs.plans[address] = made
        cas = cas + made.anchors
        if context.roots is not None and made.chain is None:
            cas = cas + engine.all_of(context.roots)  # TLS 1.3 hides the chain
    if not cas:
        if made is not None and made.refused is not None:
            raise made.refused
        from .explain import no_ca

        raise no_ca(address)
    if sock._over is not None:
        sock._over.undo()  # Stepwise: Layer has its own way not to wait
    layer = Layer(sock, context, name, address, cas, engine)
    if sock.timeout_ms == 0:
        raise OSError(errno.EINPROGRESS, "connecting")
    layer.connect(address)


class Layer:
    """TLS between a Socket and the plain one below it. It takes the Socket's calls first."""

    busy = False  # see Socket._via()

    def __init__(self, sock, context, name, address, cas, engine):
        self.sock = sock
        self._context = context
        self._name = name.decode()
        self._address = address
        self._cas = cas
        self._engine = engine
        self._tls = None
        self._shaken = False
        self._one = bytearray(1)
        self._had = None
        self._peek = bytearray(1)  # for ioctl(): a byte that was read to see whether there is one
        self._peeked = None
        self._late = None  # an error for the next call
        self._begin()
        self.error = None  # what the plain socket raised inside the TLS library
        sock.engine = "host"
        sock.connect = self.connect
        sock._over = self
        sock.version = self.version
        sock.cipher = self.cipher
        sock.ioctl = self.ioctl

    # below -----------------------------------------------------------------------------------
    def receive(self, buffer, waits=True):
        """readinto() of the plain socket: 0 at the end, None if nothing is there yet.

        waits: as settimeout() of the socket says; else not at all.
        """
        raw = self.raw
        raw.timeout_ms = self.sock.timeout_ms if waits else 0
        if self._had is not None:  # what wait() found
            n = self._had
            self._had = None
            if n:
                buffer[0] = self._one[0]
            return n
        try:
            return raw.recv_into(buffer)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return None
            if e.errno == errno.ENOTCONN and raw._ended:
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

    def _begin(self):
        from .tcp import Socket

        self.raw = Socket(self.sock._pool)

    # above -----------------------------------------------------------------------------------
    def connect(self, address):
        """As Socket.connect()."""
        sock = self.sock
        if self._shaken:
            raise OSError(errno.EINVAL, "already connected, or closed")
        if self.raw is None:
            self._begin()
        try:
            if self.raw._state != 2:  # open
                self.raw.timeout_ms = sock.timeout_ms
                self.raw.connect(self._address)
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
                self._tls = self._engine(self, self._context, self._name, _ders(self._cas))
            self._run(self._tls.handshake)
        except MemoryError:
            self._drop()
            raise SPWF04Error(
                errno.ENOMEM,
                "%s:%d: the host's TLS does not fit into memory" % self._address,
                hint="It takes tens of KB, the module's none: a server with a chain that the "
                "module can take, see radio.certs.diagnose()",
            )
        self._shaken = True
        self.sock._state = 2

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
        host, port = self._address[0], self._address[1]
        store = self.sock._pool.radio.certs
        store.plans.pop((host, port), None)  # ask it again next time
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
        self._check()
        if self.sock._ended:
            raise OSError(errno.ENOTCONN, "the connection is closed")
        if self._peeked is not None:
            got = self._peeked
            self._peeked = None
            buffer[:got] = self._peek[:got]
            if got == 0:
                self.sock._ended = True
            return got
        got = self._run(self._tls.recv_into, buffer, n)
        if got is None:
            raise OSError(errno.EAGAIN, "no data yet")
        if got == 0:
            self.sock._ended = True
        return got

    def send(self, data):
        """As Socket.send()."""
        if self.sock.timeout_ms == 0:
            try:
                self._check()
            except OSError as e:
                if e.errno == errno.EINPROGRESS:
                    raise OSError(errno.EAGAIN, "connecting")
                raise
        self._check()
        total = len(data)
        if not self.sock._started:
            self.sock._started = True
            if total and self.sock.timeout_ms != 0:
                from .cork import send

                return send(self.sock, data)
        at = 0
        view = memoryview(data)
        while at < total:
            n = self._run(self._tls.send, view[at:])
            at += n or 0
        return total

    def ioctl(self, request, argument):
        """As Socket's; a step may wait for one command of the module."""
        if request == 4:
            self.close()
            return 0
        if request != 3:
            return -22
        if self.raw is None and self._late is None:
            return argument & 5 | 16
        waits = self.sock.timeout_ms
        self.sock.timeout_ms = 0
        try:
            self._check()
            if argument & 1 and self._peeked is None and not self.sock._ended:
                self._peeked = self._run(self._tls.recv_into, self._peek, 1)
        except OSError as e:
            if e.errno == errno.EINPROGRESS:
                return 0
            if e.errno != errno.EAGAIN:
                self._late = e
                return argument & 5 | 8
        finally:
            self.sock.timeout_ms = waits
        ready = self._peeked is not None or self.sock._ended
        return argument & (5 if ready else 4)

    def _check(self):
        if self._late is not None:
            error = self._late
            self._late = None
            raise error
        if not self._shaken:
            if self.raw is None:
                raise OSError(errno.ENOTCONN, "not connected")
            self.connect(self._address)

    def settimeout(self, seconds):
        """As Socket.settimeout()."""
        self.sock.timeout_ms = -1 if seconds is None else int(seconds * 1000)

    def close(self):
        """As Socket.close()."""
        if self._tls is not None and self._shaken:
            try:
                self._tls.close()
            except OSError:
                pass
        self._shaken = False
        self._drop()
        self.sock._state = 4  # closed

    def version(self):
        """The TLS version as a str, None before the handshake."""
        return self._tls.version() if self._shaken else None

    def cipher(self):
        """The cipher suite as the host's TLS shows it, None before the handshake."""
        return self._tls.cipher() if self._shaken else None


def _ders(cas):
    """DER of each CA, once."""
    found = []
    for ca in cas:
        der = bytes(load(ca))
        if der not in found:
            found.append(der)
    return found
