"""Reads certificates: PEM or DER, key identifier, subject, dates. No cryptography.

Rule: ValueError is the only exception, whatever the bytes; nothing is read past the end;
nothing recurses.
"""

_OID_SKI = b"\x55\x1d\x0e"
_OID_CONSTRAINTS = b"\x55\x1d\x13"
_OID_CN = b"\x55\x04\x03"
_OID_O = b"\x55\x04\x0a"
_OID_OU = b"\x55\x04\x0b"
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_END = b"-----END CERTIFICATE-----"


def load(source):
    """Return the DER bytes of one certificate.

    source: DER or PEM as bytes-like, PEM as str, or the name of a file as str. Text around a
    PEM block is ignored. ValueError if there is no certificate in it, or more than one.
    """
    if isinstance(source, str):
        if "-----BEGIN" in source:
            source = source.encode()
        else:
            with open(source, "rb") as f:
                source = f.read()
    if not isinstance(source, (bytes, bytearray)):
        source = bytes(source)
    begin = source.find(_BEGIN)
    if begin < 0:
        if b"-----BEGIN" in source:
            raise ValueError("this PEM holds no certificate (a key, perhaps?)")
        return source
    end = source.find(_END, begin)
    if end < 0:
        raise ValueError("the PEM has no END CERTIFICATE line")
    if source.find(_BEGIN, end) >= 0:
        raise ValueError("there is more than one certificate in this PEM: install them one by one")
    from binascii import a2b_base64

    try:
        return a2b_base64(source[begin + len(_BEGIN) : end])
    except Exception:
        raise ValueError("the PEM's base64 is damaged") from None


def to_pem(der):
    """The PEM text of a DER certificate, as bytes."""
    from binascii import b2a_base64

    lines = [_BEGIN + b"\n"]
    for at in range(0, len(der), 48):
        lines.append(b2a_base64(der[at : at + 48]))
    lines.append(_END + b"\n")
    return b"".join(lines)


class Certificate:
    """What a CA store needs to know of a certificate.

    ski: subject key identifier, lower-case hex without separators. ski_computed: True if the
    certificate has none and it was computed (RFC 5280 4.2.1.2, method 1). subject: its common
    name, else organisation, str. not_before, not_after: seconds since 1970-01-01 UTC.
    is_ca: True or False as its basic constraints say, None if it has none. self_issued: issuer
    and subject are the same.
    """

    def __init__(self, der):
        """der: bytes-like. ValueError if it is not a certificate."""
        self._der = der
        self.size = len(der)
        _, at, end = self._element(0, len(der), 0x30)
        if end != len(der):
            raise ValueError("bytes follow the certificate")
        _, at, end = self._element(at, end, 0x30)
        tag, start, stop = self._element(at, end)
        if tag == 0xA0:  # version
            tag, start, stop = self._element(stop, end)
        _, _, stop = self._element(stop, end, 0x30)  # signature algorithm, after the serial
        _, issuer, issuer_end = self._element(stop, end, 0x30)
        _, start, stop = self._element(issuer_end, end, 0x30)  # validity
        tag, first, last = self._element(start, stop)
        self.not_before = self._time(tag, first, last)
        tag, first, last = self._element(last, stop)
        self.not_after = self._time(tag, first, last)
        _, subject, subject_end = self._element(stop, end, 0x30)
        self.subject = self._name(subject, subject_end)
        self.self_issued = bytes(der[subject:subject_end]) == bytes(der[issuer:issuer_end])
        _, start, stop = self._element(subject_end, end, 0x30)  # public key
        self.ski = None
        self.is_ca = None
        at = stop
        while at < end:
            tag, first, last = self._element(at, end)
            if tag == 0xA3:
                self._extensions(first, last)
            at = last
        self.ski_computed = self.ski is None
        if self.ski is None:
            self.ski = self._key_digest(start, stop)

    def _element(self, at, end, wanted=0):
        """The element at `at`: (tag, first byte of its content, byte after it)."""
        der = self._der
        if at + 2 > end:
            raise ValueError("not a certificate: it ends too early")
        tag = der[at]
        length = der[at + 1]
        at += 2
        if length & 0x80:
            n = length & 0x7F
            if not 0 < n < 4 or at + n > end:
                raise ValueError("not a certificate: a length is wrong")
            length = 0
            for _ in range(n):
                length = length << 8 | der[at]
                at += 1
        if at + length > end:
            raise ValueError("not a certificate: it ends too early")
        if wanted and tag != wanted:
            raise ValueError("not a certificate: its structure is wrong")
        return tag, at, at + length

    def _time(self, tag, at, end):
        text = bytes(self._der[at:end])
        year = 4 if tag == 0x18 else 2
        if tag not in (0x17, 0x18) or len(text) != year + 11 or text[-1] != 90:
            raise ValueError("not a certificate: a date is wrong")
        try:
            fields = [int(text[:year])]
            fields += [int(text[i : i + 2]) for i in range(year, year + 10, 2)]
        except ValueError:
            raise ValueError("not a certificate: a date is wrong") from None
        y, month, day, hour, minute, sec = fields
        if year == 2:
            y += 1900 if y >= 50 else 2000
        from .epoch import seconds

        return seconds(y, month, day, hour, minute, sec)

    def _name(self, at, end):
        best = None
        rank = 9
        while at < end:
            _, first, at = self._element(at, end, 0x31)
            _, first, last = self._element(first, at, 0x30)
            _, oid, value = self._element(first, last, 6)
            kind = bytes(self._der[oid:value])
            _, start, stop = self._element(value, last)
            order = (_OID_CN, _OID_O, _OID_OU)
            if kind in order and order.index(kind) < rank:
                rank = order.index(kind)
                best = bytes(self._der[start:stop])
        if best is None:
            return ""
        try:
            return best.decode()
        except (UnicodeError, ValueError):
            return "".join([chr(c) if 32 <= c < 127 else "?" for c in best])

    def _extensions(self, at, end):
        _, at, end = self._element(at, end, 0x30)
        while at < end:
            _, first, at = self._element(at, end, 0x30)
            _, oid, value = self._element(first, at, 6)
            kind = bytes(self._der[oid:value])
            tag, start, stop = self._element(value, at)
            if tag == 1:  # critical
                tag, start, stop = self._element(stop, at)
            if kind == _OID_SKI:
                _, start, stop = self._element(start, stop, 4)
                self.ski = "".join(["%02x" % c for c in bytes(self._der[start:stop])])
            elif kind == _OID_CONSTRAINTS:
                _, start, stop = self._element(start, stop, 0x30)
                self.is_ca = False
                if start < stop:
                    tag, start, stop = self._element(start, stop)
                    self.is_ca = tag == 1 and stop > start and self._der[start] != 0

    def _key_digest(self, at, end):
        _, _, at = self._element(at, end, 0x30)
        _, start, stop = self._element(at, end, 3)
        from hashlib import sha1

        digest = sha1(bytes(self._der[start + 1 : stop])).digest()
        return "".join(["%02x" % c for c in digest])
