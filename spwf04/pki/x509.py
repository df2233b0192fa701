"""Reads from a certificate in DER what installing it needs: its key identifier, and whether it is
a CA's. certificate.py reads the rest.

Rules: ValueError is the only exception, whatever the bytes. Nothing is read past the end, and
nothing recurses. There is no cryptography.
"""

from binascii import hexlify


def element(der, at, end, type=0):
    """The DER element at index `at`: (tag, index of its content, index after it).

    end: index at which the data end. type: the tag that it must have, 0: any. ValueError: there is
    no such element.
    """
    if at + 2 <= end:
        tag = der[at]
        length = der[at + 1]
        at += 2
        n = 0
        if length & 0x80:
            n = length & 0x7F
            length = 0
            if 0 < n < 4 and at + n <= end:
                for _ in range(n):
                    length = length << 8 | der[at]
                    at += 1
            else:
                n = 9
        if n < 4 and at + length <= end and type in (0, tag):
            return tag, at, at + length
    raise ValueError("not a certificate, or damaged")


class Certificate:
    """What installing a certificate needs to know of it.

    ski: subject key identifier, lower-case hex without separators; if the certificate has none, it
    is computed by RFC 5280 4.2.1.2 method 1. is_ca: True or False by its basic constraints, None
    if it has none. signs: True or False, whether its key usage lets it sign certificates; None if
    it has none. size: bytes of DER.
    """

    def __init__(self, der):
        """der: bytes-like. ValueError if it is not a certificate."""
        self.der = der
        self.size = size = len(der)
        _, at, end = element(der, 0, size, 0x30)
        if end != size:
            raise ValueError("not a certificate: bytes follow it")
        _, at, end = element(der, at, end, 0x30)
        # [0] version, serial number, signature algorithm, issuer, validity, subject, key
        tag, _, stop = element(der, at, end)
        if tag == 0xA0:
            _, _, stop = element(der, stop, end)
        _, _, stop = element(der, stop, end, 0x30)
        _, issuer, validity = element(der, stop, end, 0x30)
        self._issuer = issuer, validity
        _, _, stop = element(der, validity, end, 0x30)
        _, subject, key = element(der, stop, end, 0x30)
        self._subject = subject, key
        self.ski = self.is_ca = self.signs = None
        _, start, stop = element(der, key, end, 0x30)
        at = stop
        while at < end:
            tag, first, at = element(der, at, end)
            if tag == 0xA3:
                if at != end:  # no second list may overrule this one
                    raise ValueError("not a certificate, or damaged")
                self._extensions(first, at)
        if self.ski is None:
            from ..digest import sha1

            _, _, start = element(der, start, stop, 0x30)
            _, start, stop = element(der, start, stop, 3)
            self.ski = hexlify(sha1(bytes(der[start + 1 : stop])).digest()).decode()

    def names(self):
        """The issuer and the subject, each as the content of a Name in DER, bytes."""
        issuer, subject = self._issuer, self._subject
        return bytes(self.der[issuer[0] : issuer[1]]), bytes(self.der[subject[0] : subject[1]])

    def _extensions(self, at, end):
        der = self.der
        seen = []
        _, at, end = element(der, at, end, 0x30)
        while at < end:
            _, first, at = element(der, at, end, 0x30)
            _, first, value = element(der, first, at, 6)
            kind = bytes(der[first:value])
            if len(kind) == 3 and kind[:2] == b"\x55\x1d":  # those that count here
                if kind in seen:
                    raise ValueError("the certificate has an extension twice")
                seen.append(kind)
            tag, first, last = element(der, value, at)
            if tag != 4:  # critical
                _, first, last = element(der, last, at, 4)
            if kind == b"\x55\x1d\x0e":  # subject key identifier
                _, first, last = element(der, first, last, 4)
                self.ski = hexlify(bytes(der[first:last])).decode() or None  # empty: as without
            elif kind == b"\x55\x1d\x0f":  # key usage
                _, first, last = element(der, first, last, 3)
                self.signs = first + 1 < last and der[first + 1] & 4 != 0
            elif kind == b"\x55\x1d\x13":  # basic constraints
                _, first, last = element(der, first, last, 0x30)
                self.is_ca = False
                if first < last:
                    tag, first, last = element(der, first, last)
                    self.is_ca = tag == 1 and last > first and der[first] != 0
