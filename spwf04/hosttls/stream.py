"""The interpreter's own TLS as a stream over a stream, see net/stream.py.

How it is used is in cpython.py (ssl with MemoryBIO), micropython.py (tls) and circuitpython.py, an
Engine each, one per connection, with

    handshake()      True when the hands are shaken, False: not yet
    read(buffer, n)  bytes decrypted, 0 at the end, None: not yet; n is 1 at least
    write(view)      bytes encrypted, of at most 2 KB
    close()          says goodbye
    version(), cipher()

It calls receive() and transmit() for what is on the line. Whom to trust is told by who makes the
stream, as an object with

    address         (host, port), as people know the server
    engine          the class of engine(); not None
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

from ..at.task import Wait
from ..const import const
from ..errors import CertificateError, SPWF04Error, errno
from .native import which

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

_PIECE = const(1024)  # bytes of a record for a writer who does not wait
_LEAST = const(256)  # of one for a writer who does, however small the module's commands are
_OVERHEAD = const(29)  # bytes of a record beside what was written: AES-GCM in TLS 1.2
_MOST_OVER = const(100)  # in any other cipher


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


class HostTLS:
    """TLS over an open Stream, of which it is the only holder: what is on the line is a record.

    The methods of a Stream do here what they do there. A record is handed to the stream below as
    a whole, so that writing waits only before one is made.
    """

    error: "OSError | None" = None  # for the next call
    failed = None  # what was raised inside the TLS library, by the stream below or by us
    waits = False  # while the hands are shaken: connect() does nothing else meanwhile

    def __init__(self, stream, terms):
        self.channel = stream.channel
        self.terms = terms
        self._under = stream
        self._tls = None
        self._shaken = self._done = self.ended = False  # ended: as a Stream's
        self._why = None  # the error that the handshake ended with
        self._until = None  # when it must be over
        self._raw: "Any" = bytearray(stream.pool.chunk)  # what came and is not decrypted yet,
        self._at = self._end = 0  # its part
        self.peek = bytearray(1)  # a byte that was decrypted to see whether there is one
        self.peeked = False
        self._now = False  # a record goes out at once, because its writer waits for it
        self._made = 0  # bytes of records that were made
        self._over = _OVERHEAD
        self._owes = True  # when it was closed, the server did not have all yet

    # opening ---------------------------------------------------------------------------------
    def shake(self, ms, waits):
        """Steps: shake hands, within ms; waits: nothing else goes on meanwhile, so that a TLS
        which shakes them in one call may wait in it. Else it does so only if it cannot do
        otherwise."""
        self._until = self.channel.deadline(ms)
        self._now = self.waits = waits
        gc.collect()
        try:
            self._tls = self.terms.engine(self, self.terms)
            yield Wait(self._shake, ms)
            if self._why is not None:
                raise self._why
        except MemoryError:
            raise SPWF04Error(
                errno.ENOMEM,
                "the host's TLS needs tens of KB of memory for %s:%d, and this board has less"
                % self.terms.address,
                hint='Use engine="module": the module\'s TLS takes no memory of this board',
                remedy="use_module_tls",
            )
        if not self._done:
            raise OSError(errno.ETIMEDOUT, "connect() timed out")
        self._now = self.waits = False

    def _shake(self):
        """True when the handshake is over, well or not; the module has all of ours then."""
        try:
            self._shaken = self._shaken or bool(self._run(self._tls.handshake))
        except Exception as e:
            self._why = e
        self._done = self._why is not None or (self._shaken and self._under.poll())
        return self._done

    def _run(self, function, *args):
        """Call the engine; its own exceptions become ours."""
        self.failed = None
        try:
            return function(*args)
        except Exception as e:
            if self.failed is not None:
                raise self.failed
            words = self._tls.words(e)
            if words is None:
                raise
            raise self._explain(words)

    def _explain(self, words):
        self.terms.failed()
        where = self.terms.address + (words.strip(),)
        if self._shaken:
            return SPWF04Error(
                errno.ECONNRESET,
                "the host's TLS broke off the connection to %s:%d: %s" % where,
                text=words,
                hint="Connect again",
                remedy="retry",
            )
        if self._tls.blames_certificate(words):
            return CertificateError(
                errno.EIO,
                "the host's TLS did not trust %s:%d: %s" % where,
                text=words,
                hint="radio.certs.diagnose(%r, %d) tells which certificate, and why" % where[:2],
                remedy="diagnose",
            )
        return SPWF04Error(
            errno.ECONNRESET,
            "the host's TLS could not shake hands with %s:%d: %s" % where,
            text=words,
            hint="radio.certs.diagnose(%r, %d) tells what this server speaks" % where[:2],
            remedy="diagnose",
        )

    # for the engine --------------------------------------------------------------------------
    def receive(self, buffer, waits=False):
        """What came from the server, into buffer: how many bytes, 0 at the end, None: not yet.
        waits: until connect() must be over."""
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
            return self._under.read(self._raw, len(self._raw))
        except OSError as e:
            self.fail(e)

    def _step(self):
        if self.channel.expired(self._until):
            self.fail(OSError(errno.ETIMEDOUT, "connect() timed out"))
        try:
            self.channel.step()
        except:  # Ctrl-C: the memory that is read into is ours again
            self.channel.interrupted()
            raise

    def transmit(self, data):
        """Send a record, or several, or part of one: all of it is taken. Returns its length."""
        data = bytes(data)  # the TLS library's own memory is copied
        n = 0
        try:
            if self._now:
                n = self._under.write(data, 0, False) or 0
            if n < len(data):
                self._under.keep(data[n:])
        except OSError as e:
            self.fail(e)
        self._made += len(data)
        return len(data)

    def fail(self, error):
        """Raise inside the TLS library what the caller is to get."""
        self.failed = error
        raise error

    def give(self, load, unread):
        """Have the TLS library load each CA that it can read; the others vouch for nobody. unread:
        what it raises for those. CertificateError if none is left."""
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

    # as a Stream's ---------------------------------------------------------------------------
    def read(self, buffer, n):
        """Decrypt up to n bytes into buffer: how many, 0 at the end, None: not yet. Nothing is
        written to buffer later."""
        self._raise()
        if not self.peeked:
            return self._decrypt(buffer, n)
        buffer[0] = self.peek[0]
        self.peeked = False
        if n == 1:
            return 1
        try:
            return 1 + (self._decrypt(memoryview(buffer)[1:n], n - 1) or 0)
        except OSError as e:  # after what came before it
            self.error = e
            return 1

    def _decrypt(self, buffer, n):
        if self.ended:
            return 0
        if not self._under.alive:  # after the first error some TLS libraries raise others
            self._refuse()
        got = self._run(self._tls.read, buffer, n)
        self.ended = got == 0
        return got

    def readable(self):
        """True if read() gives bytes, the end or an error at once."""
        if self.peeked or self.ended or self.error is not None or self._tls is None:
            return True
        try:
            self.peeked = bool(self._decrypt(self.peek, 1))
        except OSError as e:
            self.error = e
            return True
        return self.peeked or self.ended

    def arriving(self):
        """True while an answer of the module is on its way."""
        return self._under.arriving()

    def stop(self):
        """A read that said None is given up: nothing of the caller's is in use."""
        return True

    def write(self, data, at, copy):
        """Encrypt bytes of data, from byte `at` on: how many, None: not yet. They are copied.

        copy: as long as there is room below. Else when the line is free: one record, which one
        SOCKW can take.
        """
        under = self._under
        self.channel.poll()
        free = under.poll()
        self._raise()
        if not under.alive or under.error is not None or under.peer_closed:
            self._refuse()
        if copy:
            if not under.writable():
                return None
            n = _PIECE
        else:
            if not free or self.channel.busy():
                return None
            n = max(_LEAST, under.pool.chunk)
        return self._encrypt(data, at, n - self._over, not copy)

    def _encrypt(self, data, at, n, now):
        n = min(len(data) - at, n)
        self._made = 0
        self._now = now
        try:
            n = self._run(self._tls.write, memoryview(data)[at : at + n])
        finally:
            self._now = False
        self._over = min(max(self._over, self._made - n), _MOST_OVER)
        return n

    def keep(self, data):
        """Take all of data, and send it when the line is free."""
        at = 0
        while at < len(data):
            at += self._encrypt(data, at, _PIECE - self._over, False)

    def sent(self):
        """True when the module has all that was taken."""
        self._raise()
        return self._under.sent()

    def writable(self):
        """True if write() takes at least a byte, or raises, at once."""
        return self.error is not None or self._under.writable()

    def is_open(self):
        """True while bytes may come or go, as far as is known."""
        return self._tls is not None and self._under.is_open()

    def interrupted(self):
        """A call ended in the midst of it: see Stream.interrupted()."""
        self._under.interrupted()

    def close(self, now=True):
        """Say goodbye, and begin to close. now: False if no command may be sent yet; then without
        a goodbye."""
        under = self._under
        if self._tls is None:
            return
        if not now:
            self._tls = None
            under.close(False)
            return
        try:
            self._owes = not under.poll() or under.lost
            if not under.peer_closed:
                self._tls.close()
        except OSError:
            pass
        finally:
            self._tls = None
            self._raw = self.peek  # its memory is given back
            under.close()

    def closed(self):
        """True when close() is over."""
        return self._under.closed()

    def confirm(self):
        """After close(): OSError if bytes that were taken could not be sent."""
        if self._owes:
            self._under.confirm()

    def _refuse(self):
        from ..net.failure import not_open

        not_open(self._under)

    def _raise(self):
        error = self.error
        if error is not None:
            self.error = None
            raise error
        if self._tls is None:
            raise OSError(errno.ENOTCONN, "the socket is not connected")

    # what a Socket shows ---------------------------------------------------------------------
    def version(self):
        """The TLS version as a str, None after close()."""
        return None if self._tls is None else self._tls.version()

    def cipher(self):
        """The cipher suite as the host's TLS shows it, None after close()."""
        return None if self._tls is None else self._tls.cipher()
