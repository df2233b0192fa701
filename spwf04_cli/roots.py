"""The roots that a person trusts on the desk, certifi's and those of files, and how a root bundle
is made of them."""

import pathlib
import ssl
import struct

from spwf04.bundle import Bundle
from spwf04.x509 import Certificate
from spwf04.x509info import Bytes, CertificateInfo

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def certifi_roots():
    """DER of every root that certifi trusts, as a list."""
    import certifi

    return pem_certificates(pathlib.Path(certifi.where()).read_bytes())


def pem_certificates(data):
    """DER of every certificate in a PEM file, as a list."""
    blocks = data.decode("utf-8", "replace").split(_BEGIN)[1:]
    return [ssl.PEM_cert_to_DER_cert(_BEGIN + b.partition(_END)[0] + _END) for b in blocks]


def file_certificates(name):
    """DER of every certificate in a file, PEM or DER; ValueError if there is none, OSError."""
    data = pathlib.Path(name).read_bytes()
    try:
        ders = pem_certificates(data) if b"-----BEGIN" in data else [data]
        for der in ders:
            Certificate(der)
    except ValueError as e:
        raise ValueError(f"{name}: {e}") from None
    if not ders:
        raise ValueError(f"{name}: this PEM holds no certificate (a key, perhaps?)")
    return ders


def info(der):
    """The spwf04.x509info.CertificateInfo of a certificate."""
    return CertificateInfo(Bytes(der), len(der))


def signed(der, issuer):
    """True if a certificate is signed with the key of another (DER), False if not, None if that
    cannot be found out."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        above = x509.load_der_x509_certificate(issuer)
        x509.load_der_x509_certificate(der).verify_directly_issued_by(above)
        return True
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def build(ders):
    """The bytes of a bundle of these certificates (DER, duplicates are dropped)."""
    ders = list(dict.fromkeys(bytes(der) for der in ders))
    if len(ders) > 65535:
        raise ValueError("a bundle holds at most 65535 certificates")
    offset = 8 + 32 * len(ders)
    by_key, by_name = [], []
    for der in ders:
        known = info(der)
        if known.damaged:
            raise ValueError(known.damaged)
        place = struct.pack(">IHH", offset, len(der), 0)
        by_key.append(bytes.fromhex(str(known.ski)).ljust(8, b"\0")[:8] + place)
        by_name.append(known.subject_hash[:8] + place)
        offset += len(der)
    head = b"SPWR\x01\0" + struct.pack(">H", len(ders))
    return b"".join([head, *sorted(by_key), *sorted(by_name), *ders])


class Roots:
    """Trusted roots with their origin.

    files: names of PEM or DER files. certifi: False leaves out those of certifi. ders: list of
    DER, each once. bundle: the same as a spwf04.bundle.Bundle. ValueError, OSError.
    """

    def __init__(self, files=(), certifi=True):
        self._origins = {}
        for name in files:
            for der in file_certificates(name):
                self._origins.setdefault(der, pathlib.Path(name).name)
        if certifi:
            for der in certifi_roots():
                self._origins.setdefault(der, "certifi")
        self.ders = list(self._origins)
        self.bundle = Bundle(build(self.ders))

    def origin(self, der):
        """Where a root comes from: a file's name, or "certifi"."""
        return self._origins[bytes(der)]
