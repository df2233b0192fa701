"""Checks that all certificates that a connection may rest on are in date: for a TLS that does not
check dates itself.

Such a TLS checks signatures and names along a path that it chooses and does not tell. So no
certificate that could lie on any path may be out of date, and every certificate that came must be
readable in all its parts. Whatever is in doubt is refused:

- The server's own certificate is on every path.
- If a certificate may be on a path, so may everything that could have issued it: by name, compared
  more loosely than any TLS does, or by key identifier.
- A certificate with the name and the key of a trusted CA that is in date does not count. What its
  key has signed, the CA itself has signed, and a path may end there.

No signature is checked here. So a server can be refused without need: for example if it sends an
old certificate of an intermediate that was renewed, and the path does not need it.
"""

from ..dates import encoded, in_days
from ..digest import sha256
from ..errors import CertificateError, errno
from ..pki.x509 import element

_TEXTS = (0x0C, 0x12, 0x13, 0x16, 0x1A)  # strings in which a byte below 128 is a character


class Fields:
    """What this check needs of one certificate; ValueError unless all of it can be read.

    der: bytes-like. subject, issuer: the names in a form for loose comparison, None if they may be
    any. who: a digest of the exact name and key. title: the name in printable characters. ski,
    aki: key identifiers as bytes, or None. not_before, not_after: seconds since 1970.
    """

    ski = aki = None

    def __init__(self, der):
        self._der = der
        size = len(der)
        at, end = self._next(0, size, 0x30)
        self._filled(end, size)
        tbs, stop = self._next(at, end, 0x30)
        algorithm = stop
        _, last = self._next(algorithm, end, 0x30)
        algorithm = bytes(der[algorithm:last])
        _, last = self._next(last, end, 3)
        self._filled(last, end)
        self._to_be_signed(tbs, stop, algorithm)
        self._der = None

    def _next(self, at, end, type):
        """The element of this type at index `at`: (index of its content, index after it)."""
        _, start, stop = element(self._der, at, end, type)
        n = stop - start
        if start - at != (2 if n < 128 else 3 if n < 256 else 4 if n < 65536 else 5):
            raise ValueError("a length is not encoded as DER wants it")
        return start, stop

    @staticmethod
    def _filled(at, end):
        if at != end:
            raise ValueError("something follows where nothing should")

    def _to_be_signed(self, at, end, algorithm):
        der = self._der
        version = 1
        if at < end and der[at] == 0xA0:
            at, stop = self._next(at, end, 0xA0)
            first, last = self._next(at, stop, 2)
            self._filled(last, stop)
            if last - first != 1 or der[first] > 2:
                raise ValueError("its version is unknown")
            version = der[first] + 1
            at = stop
        _, at = self._next(at, end, 2)  # the serial number
        start = at
        _, at = self._next(at, end, 0x30)
        if bytes(der[start:at]) != algorithm:
            raise ValueError("it names two algorithms")
        start, at = self._next(at, end, 0x30)
        self.issuer, _ = self._name(start, at)
        start, at = self._next(at, end, 0x30)
        self.not_before, start = self._date(start, at)
        self.not_after, start = self._date(start, at)
        self._filled(start, at)
        owner = at
        start, at = self._next(at, end, 0x30)
        self.subject, self.title = self._name(start, at)
        _, at = self._next(at, end, 0x30)
        self.who = sha256(bytes(der[owner:at])).digest()
        for type in (0x81, 0x82, 0xA3):
            if at < end and der[at] == type:
                start, at = self._next(at, end, type)
                if type == 0xA3:
                    self._extensions(start, at)
                    if version != 3:
                        raise ValueError("it has extensions, which its version has not")
        self._filled(at, end)

    def _name(self, at, end):
        """(form for loose comparison, printable form) of a name."""
        der = self._der
        loose = b""
        title = ""
        strange = False
        while at < end:
            start, at = self._next(at, end, 0x31)
            while start < at:
                first, start = self._next(start, at, 0x30)
                oid, stop = self._next(first, start, 6)
                tag = der[stop] if stop < start else 0
                value, last = self._next(stop, start, tag)
                self._filled(last, start)
                text = bytes(der[value:last])
                strange = strange or tag not in _TEXTS
                kind = bytes(der[oid:stop])
                # Letters are compared without their case, and neither spaces nor what is not ASCII
                loose += kind + b"=" + bytes([c for c in text.lower() if 32 < c < 127]) + b"\n"
                if kind == b"\x55\x04\x03" or not title:  # the common name, else the first
                    title = "".join([chr(c) if 32 <= c < 127 else "?" for c in text])
        return None if strange else loose, title

    def _date(self, at, end):
        """A UTCTime or GeneralizedTime: (seconds since 1970, index after it)."""
        der = self._der
        tag = der[at] if at < end else 0
        first, stop = self._next(at, end, tag)
        return encoded(tag, bytes(der[first:stop])), stop

    def _extensions(self, at, end):
        der = self._der
        start, stop = self._next(at, end, 0x30)
        self._filled(stop, end)
        seen = []
        while start < end:
            first, start = self._next(start, end, 0x30)
            oid, stop = self._next(first, start, 6)
            kind = bytes(der[oid:stop])
            if kind in seen:
                raise ValueError("an extension comes twice")
            seen.append(kind)
            if stop < start and der[stop] == 1:  # critical
                _, stop = self._next(stop, start, 1)
            at, stop = self._next(stop, start, 4)
            self._filled(stop, start)
            if kind == b"\x55\x1d\x0e":
                first, last = self._next(at, stop, 4)
                self._filled(last, stop)
                self.ski = bytes(der[first:last])
            elif kind == b"\x55\x1d\x23":
                at, last = self._next(at, stop, 0x30)
                self._filled(last, stop)
                while at < last:
                    tag = der[at]
                    first, at = self._next(at, last, tag)
                    if tag == 0x80:
                        if self.aki is not None:
                            raise ValueError("it names two keys of its issuer")
                        self.aki = bytes(der[first:at])

    def may_have_issued(self, below):
        """True if a TLS might take it for the issuer of `below`, but for the signature."""
        if self.subject is None or below.issuer is None or self.subject == below.issuer:
            return True
        return self.ski is not None and self.ski == below.aki

    def fault(self, now):
        """What is wrong with its dates, as words that follow its name; or None."""
        if now > self.not_after:
            return "expired %s ago" % in_days((now - self.not_after) // 86400)
        if now < self.not_before:
            ahead = (self.not_before - now) // 86400 + 1
            return "is not valid before %s from now" % in_days(ahead)
        return None


def trusted(where, ders, now):
    """Those of the CAs that can be trusted at this time: (list of DER, list of Fields).

    where: the server, for messages. ders: the CAs. now: seconds since 1970. A CA that is out of
    date, or cannot be read whole, is left out. CertificateError if none remains.
    """
    kept = []
    read = []
    error = None
    for der in ders:
        try:
            fields = Fields(der)
        except ValueError as e:
            error = error or CertificateError(
                errno.EIO,
                "%s was not trusted: a CA cannot be read whole: %s" % (where, e),
                hint="Install another copy of it: radio.certs.install(pem)",
                remedy="install_ca",
            )
            continue
        fault = fields.fault(now)
        if fault is None:
            kept.append(der)
            read.append(fields)
        else:
            error = error or CertificateError(
                errno.EIO,
                "%s was not trusted: the CA (%s) %s, by the module's clock: %d seconds since 1970"
                % (where, fields.title, fault, now),
                hint="If that clock is right, install the CA that has taken its place: "
                "radio.certs.install(pem)",
                remedy="install_ca",
            )
    if not kept:
        raise error or CertificateError(
            errno.EIO,
            where + " was not trusted: there is no CA",
            hint="Install the root certificate of the server's chain: radio.certs.install(pem)",
            remedy="install_ca",
        )
    return kept, read


def check(where, ders, cas, now):
    """Raise CertificateError unless all that the connection may rest on is in date.

    where: the server, for messages. ders: what it sent, its own certificate first, all of it.
    cas: Fields of the CAs that the TLS was given, from trusted(). now: seconds since 1970.
    """
    sent = _read_all(where, ders)
    fault = sent[0].fault(now)
    if fault is not None:
        raise CertificateError(
            errno.EIO,
            "%s was not trusted: its certificate (%s) %s, by the module's clock: %d seconds since "
            "1970" % (where, sent[0].title, fault, now),
            hint="If that clock is right, only the server's owner can mend it",
            remedy="ask_owner",
        )
    vouched = [ca.who for ca in cas]
    reached = sent[:1]
    for below in reached:  # it grows meanwhile
        for above in sent:
            if above in reached or above.who in vouched or not above.may_have_issued(below):
                continue
            fault = above.fault(now)
            if fault is not None:
                raise CertificateError(
                    errno.EIO,
                    "%s was not trusted: a certificate that it sends (%s) %s, by the module's "
                    "clock: %d seconds since 1970; this TLS has no dates and may rely on it, "
                    "whether it must or not" % (where, above.title, fault, now),
                    hint="If that clock is right, the server's owner can mend it; or trust the CA "
                    "above that certificate with a newer one",
                    remedy="ask_owner",
                )
            reached.append(above)


def _read_all(where, ders):
    """Fields of each certificate that a server sent; CertificateError unless all can be read."""
    sent = []
    for der in ders:
        try:
            sent.append(Fields(der))
        except ValueError as e:
            raise CertificateError(
                errno.EIO,
                "%s was not trusted: its certificate %d cannot be read whole: %s"
                % (where, len(sent), e),
                hint="Only the server's owner can mend it",
                remedy="ask_owner",
            )
    if not sent:
        raise CertificateError(
            errno.EIO,
            where + " was not trusted: it sent no certificate",
            hint="Only the server's owner can mend it",
            remedy="ask_owner",
        )
    return sent
