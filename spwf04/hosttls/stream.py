"""The interpreter's own TLS as a stream over a stream, see net/stream.py.

cpython.py (ssl with MemoryBIO), micropython.py (tls) and circuitpython.py (ssl) each have a class
Engine, of which a connection has one object:

    handshake()      True when the handshake is over, False: not yet
    read(buffer, n)  bytes decrypted, 0 at the end, None: nothing yet; n is at least 1
    write(view)      bytes encrypted, of at most 2 KB
    close()          sends close_notify
    version(), cipher()

An Engine calls receive() and transmit() of HostTLS for the bytes on the line. Whoever makes a
HostTLS tells it whom to trust, by an object, its terms:

    address         (host, port) of the server, for messages
    engine          the class that engine() returns
    name            the server's name, str; check_name: whether its certificate must be for it
    cas()           list of the CAs, in DER
    identity()      (certificate, key) to be shown to the server, or None
    in_date()       those of cas() that are in date now; CertificateError if none is
    check_dates()   called with all certificates that the server sent: CertificateError unless all
                    that the connection may rest on are in date
    on_failure()    called when the connection failed

in_date() and check_dates() are for a TLS that does not check dates.
"""

import gc

from ..at.task import Wait
from ..const import const
from ..errors import CertificateError, SPWF04Error, errno
from .native import which

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

_IDENTITY = "It may ask for a client certificate: SSLContext.load_cert_chain()"
_PIECE = const(1024)  # bytes of a record, with time-out 0
_LEAST = const(256)  # least bytes of one without, however small pool.chunk is
_OVERHEAD = const(29)  # bytes that a record has beside the data: AES-GCM in TLS 1.2
_MOST_OVERHEAD = const(100)  # in any other cipher


def engine():
    """The Engine of this interpreter's TLS, or None."""
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


class HostTLS:
    """TLS over an open Stream, which nobody else holds: only records are on the line.

    Its methods are a Stream's. The stream below takes a record as a whole, so a write waits only
    before its record is made.
    """

    error: "OSError | None" = None  # the next call raises it
    raised = None  # what the stream below, or fail(), has raised inside the TLS library
    _heard = False  # bytes of the server were decrypted
    blocking = False  # the handshake may wait, because connect() waits for it

    def __init__(self, stream, terms):
        self.channel = stream.channel
        self.terms = terms
        self._below = stream
        self._engine = None
        self._established = False  # the handshake was successful
        self._finished = False  # the handshake is over
        self._handshake_error = None
        self._until = None  # its deadline
        self.eof = False
        self._raw: "Any" = bytearray(stream.pool.chunk)  # received bytes, and the part of them
        self._at = self._end = 0  # that is not decrypted yet
        self.peek = bytearray(1)  # a byte that readable() has decrypted, if peeked
        self.peeked = False
        self._at_once = False  # records go out at once, because their writer waits
        self._encrypted = 0  # bytes of records that the last write has made
        self._overhead = _OVERHEAD
        self._unsent = True  # close() found bytes that were not sent

    # opening ---------------------------------------------------------------------------------
    def handshake(self, ms, waits):
        """Steps: the handshake, within ms.

        waits: connect() waits for it, so a TLS whose handshake is one call may wait there. Else
        such a TLS waits only if it has no other way.
        """
        self._until = self.channel.deadline(ms)
        self._at_once = self.blocking = waits
        gc.collect()
        try:
            self._engine = self.terms.engine(self, self.terms)
            yield Wait(self._handshake_step, ms)
            if self._handshake_error is not None:
                raise self._handshake_error
        except MemoryError:
            raise self._too_large()
        except OSError as e:
            if e.errno == errno.ENOMEM:  # mbedTLS says so
                raise self._too_large()
            raise e
        if not self._finished:
            raise OSError(errno.ETIMEDOUT, "connect() timed out")
        self._at_once = self.blocking = False

    def _too_large(self):
        return SPWF04Error(
            errno.ENOMEM,
            "the host's TLS needs tens of KB of memory for %s:%d, and this board has less"
            % self.terms.address,
            hint='Use engine="module": the module\'s TLS takes no memory of this board',
            remedy="use_module_tls",
        )

    def _handshake_step(self):
        """True when the handshake is over, and the module has all bytes of it."""
        try:
            self._established = self._established or bool(self._run(self._engine.handshake))
        except Exception as e:
            self._handshake_error = e
        self._finished = self._handshake_error is not None or (
            self._established and self._below.poll()
        )
        return self._finished

    def _run(self, function, *args):
        """Call the engine; turn the TLS library's exceptions into the driver's."""
        self.raised = None
        try:
            return function(*args)
        except Exception as e:
            if self.raised is not None:
                raise self.raised
            words = self._engine.text_of(e)
            if words is None:
                raise
            raise self._explain(words)

    def _explain(self, words):
        self.terms.on_failure()
        where = self.terms.address + (words.strip(),)
        if self._established:
            missed = "ALERT" in words.upper() and self._misses_identity()
            return SPWF04Error(
                errno.ECONNRESET,
                "the host's TLS broke off the connection to %s:%d: %s" % where,
                text=words,
                hint=_IDENTITY if missed else "Connect again",
                remedy="client_certificate" if missed else "retry",
            )
        if self._engine.blames_certificate(words):
            return CertificateError(
                errno.EIO,
                "the host's TLS did not trust %s:%d: %s" % where,
                text=words,
                hint="radio.certs.diagnose(%r, %d) tells which certificate, and why" % where[:2],
                remedy="diagnose",
            )
        return SPWF04Error(
            errno.ECONNRESET,
            "the host's TLS failed in the handshake with %s:%d: %s" % where,
            text=words,
            hint="radio.certs.diagnose(%r, %d) tells what this server speaks" % where[:2],
            remedy="diagnose",
        )

    def _misses_identity(self):
        """True if the server may have asked for a client certificate: it has sent nothing. In TLS
        1.3 it refuses a client after the handshake."""
        if self._heard or self.terms.identity() is not None:
            return False
        # After an alert some TLS libraries do not tell the version any more
        return self._engine is not None and self._engine.version() in (None, "TLSv1.3")

    def _ended(self, error):
        """What a write raises in place of an OSError of the stream below."""
        if error.errno != errno.ECONNRESET or not self._misses_identity():
            return error
        return SPWF04Error(
            errno.ECONNRESET,
            "%s:%d closed the connection after the handshake, before it sent anything"
            % self.terms.address,
            hint=_IDENTITY,
            remedy="client_certificate",
        )

    # For the engine --------------------------------------------------------------------------
    def receive(self, buffer, waits=False):
        """Receive bytes of the server into buffer: how many, 0 at the end, None: nothing yet.
        waits: wait for some until connect() times out."""
        if self._at == self._end:
            n = self._fetch()
            while n is None and waits:
                self._step()
                n = self._fetch()
            if not n:
                return n
            self._at = 0
            self._end = n
        at = self._at
        n = min(len(buffer), self._end - at)
        self._at = at + n
        buffer[:n] = memoryview(self._raw)[at : at + n]
        return n

    def _fetch(self):
        try:
            return self._below.read(self._raw, len(self._raw))
        except OSError as e:
            self.fail(e)

    def _step(self):
        if self.channel.expired(self._until):
            self.fail(OSError(errno.ETIMEDOUT, "connect() timed out"))
        try:
            self.channel.step()
        except:  # Ctrl-C: the module's bytes go into this memory no more
            self.channel.interrupted()
            raise

    def transmit(self, data):
        """Send records, or a part of one; return its length. All of it is taken."""
        data = bytes(data)  # the TLS library uses its memory again
        n = 0
        try:
            if self._at_once:
                n = self._below.write(data, 0, False) or 0
            if n < len(data):
                self._below.queue(data[n:])
        except OSError as e:
            self.fail(e)
        self._encrypted += len(data)
        return len(data)

    def fail(self, error):
        """Raise an error inside the TLS library, as what the call of the program raises."""
        self.raised = error
        raise error

    def load_cas(self, load, unread):
        """Call load(CA) for each CA, in DER. A CA that the TLS library cannot read is left out;
        `unread` is what it raises for one. CertificateError if none is left."""
        n = 0
        for der in self.terms.cas():
            try:
                load(der)
                n += 1
            except unread:
                pass
        if n == 0:
            raise CertificateError(
                errno.EIO,
                "the host's TLS cannot read any of the CAs for %s:%d" % self.terms.address,
                hint='Use engine="module": the module\'s TLS may read them',
                remedy="use_module_tls",
            )

    # As a Stream's ---------------------------------------------------------------------------
    def read(self, buffer, n):
        """As Stream.read(), but nothing is put into buffer after the return."""
        self._raise_error()
        if not self.peeked:
            return self._decrypt(buffer, n)
        buffer[0] = self.peek[0]
        self.peeked = False
        if n == 1:
            return 1
        try:
            return 1 + (self._decrypt(memoryview(buffer)[1:n], n - 1) or 0)
        except OSError as e:  # after the byte that came before it
            self.error = e
            return 1

    def _decrypt(self, buffer, n):
        if self.eof:
            return 0
        if not self._below.alive:  # after a first error some TLS libraries raise others
            self._raise_not_open()
        got = self._run(self._engine.read, buffer, n)
        self.eof = got == 0
        self._heard = self._heard or bool(got)
        return got

    def readable(self):
        """As Stream.readable()."""
        if self.peeked or self.eof or self.error is not None or self._engine is None:
            return True
        try:
            self.peeked = bool(self._decrypt(self.peek, 1))
        except OSError as e:
            self.error = e
            return True
        return self.peeked or self.eof

    def arriving(self):
        """True while an answer of the module is on its way."""
        return self._below.arriving()

    def free_buffers(self):
        """True: no caller's buffer is in use."""
        return True

    def write(self, data, at, copy):
        """As Stream.write(): encrypts bytes of data into a record.

        copy: if the stream below has room. Else when the line is free, and as many bytes as one
        SOCKW can send.
        """
        below = self._below
        self.channel.poll()
        free = below.poll()
        self._raise_error()
        try:
            if not below.alive or below.error is not None:
                self._raise_not_open()
            if below.peer_closed and below.pool.in_doubt(below, copy):
                return None
        except OSError as e:
            raise self._ended(e)
        if copy:
            if not below.writable():
                return None
            n = _PIECE
        else:
            if not free or self.channel.busy():
                return None
            n = max(_LEAST, below.pool.chunk)
        return self._encrypt(data, at, n - self._overhead, not copy)

    def _encrypt(self, data, at, n, now):
        n = min(len(data) - at, n)
        self._encrypted = 0
        self._at_once = now
        try:
            n = self._run(self._engine.write, memoryview(data)[at : at + n])
        finally:
            self._at_once = False
        self._overhead = min(max(self._overhead, self._encrypted - n), _MOST_OVERHEAD)
        return n

    def queue(self, data):
        """As Stream.queue()."""
        at = 0
        while at < len(data):
            at += self._encrypt(data, at, _PIECE - self._overhead, False)

    def sent(self):
        """As Stream.sent()."""
        self._raise_error()
        try:
            return self._below.sent()
        except OSError as e:
            raise self._ended(e)

    def writable(self):
        """As Stream.writable()."""
        return self.error is not None or self._below.writable()

    def is_open(self):
        """As Stream.is_open()."""
        return self._engine is not None and self._below.is_open()

    def interrupted(self):
        """As Stream.interrupted()."""
        self._below.interrupted()

    def close(self, now=True):
        """As Stream.close(), after close_notify. now: False if this call may not send a command;
        then there is no close_notify."""
        below = self._below
        if self._engine is None:
            return
        if not now:
            self._engine = None
            below.close(False)
            return
        try:
            self._unsent = not below.poll() or below.unsent
            if not below.peer_closed:
                self._engine.close()
        except OSError:
            pass
        finally:
            self._engine = None
            self._raw = self.peek  # gives its memory back
            below.close()

    def release(self):
        """As Stream.release()."""
        return self._below.release()

    def die(self):
        """As Stream.die()."""
        self._below.die()

    def closed(self):
        """As Stream.closed()."""
        return self._below.closed()

    def confirm(self):
        """As Stream.confirm()."""
        if self._unsent:
            self._below.confirm()

    def _raise_not_open(self):
        from ..net.failure import not_open

        not_open(self._below)

    def _raise_error(self):
        error = self.error
        if error is not None:
            self.error = None
            raise error
        if self._engine is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")

    # For Socket ------------------------------------------------------------------------------
    def version(self):
        """The TLS version as str, None after close()."""
        return None if self._engine is None else self._engine.version()

    def cipher(self):
        """The cipher suite as the host's TLS tells it, None after close()."""
        return None if self._engine is None else self._engine.cipher()
