"""Finds the roots that nearly all public servers use, by the names of listed.py."""

import warnings

from .listed import NAMES

# Names in ESP-IDF's list that are not those of the subject
_SUBJECTS = {
    "Comodo AAA Services root": "AAA Certificate Services",
    "Starfield Class 2 CA": "Starfield Class 2 Certification Authority",
}


def common_roots(ders):
    """([DER of those that ESP-IDF's list names], [names that none of them has])."""
    wanted = {_SUBJECTS.get(name, name): name for name in NAMES}
    kept, found = [], set()
    for der in ders:
        names = _names(der) & wanted.keys()
        if names:
            kept.append(der)
            found |= names
    return kept, [name for subject, name in wanted.items() if subject not in found]


def _names(der):
    """Common name and units of a certificate's subject."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a serial number
        subject = x509.load_der_x509_certificate(der).subject
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    return {name.value for name in subject if name.oid in wanted}
