"""What people read of a certificate: its subject and its dates."""

from .epoch import seconds
from .x509 import element

_KINDS = (b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b")  # CN, O, OU


def subject(certificate):
    """The subject's common name, else organisation, else unit, as str; "" if it has none."""
    der = certificate.der
    at = certificate.subject
    end = _end_of_subject(certificate)
    best = None
    rank = len(_KINDS)
    while at < end:
        _, first, at = element(der, at, end, 0x31)
        _, first, last = element(der, first, at, 0x30)
        _, oid, value = element(der, first, last, 6)
        kind = bytes(der[oid:value])
        _, start, stop = element(der, value, last)
        if kind in _KINDS and _KINDS.index(kind) < rank:
            rank = _KINDS.index(kind)
            best = bytes(der[start:stop])
    if best is None:
        return ""
    try:
        return best.decode()
    except (UnicodeError, ValueError):
        return "".join([chr(c) if 32 <= c < 127 else "?" for c in best])


def _end_of_subject(certificate):
    der = certificate.der
    _, _, at = element(der, certificate.validity, len(der))
    return element(der, at, len(der))[2]


def dates(certificate):
    """(not before, not after) in seconds since 1970-01-01 UTC."""
    der = certificate.der
    _, at, end = element(der, certificate.validity, len(der))
    found = []
    for _ in range(2):
        tag, start, at = element(der, at, end)
        found.append(_seconds(tag, bytes(der[start:at])))
    return tuple(found)


def _seconds(tag, text):
    """UTCTime (0x17) or GeneralizedTime (0x18)."""
    year = 4 if tag == 0x18 else 2
    if tag not in (0x17, 0x18) or len(text) != year + 11 or text[-1] != 90:
        raise ValueError("a date of the certificate is damaged")
    fields = [int(text[:year])]
    for at in range(year, year + 10, 2):
        fields.append(int(text[at : at + 2]))
    if year == 2:
        fields[0] += 1900 if fields[0] >= 50 else 2000
    return seconds(*fields)
