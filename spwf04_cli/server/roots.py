"""The roots that a person trusts on this computer, certifi's and those of files; and how a root
bundle is made of them."""

import pathlib
import ssl
import struct

from spwf04.pki.bundle import Bundle
from spwf04.pki.certificate import Bytes, read
from spwf04.pki.chain import issued
from spwf04.pki.limits import anchors, obstacles
from spwf04.pki.x509 import Certificate

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def certifi_roots():
    """DER of every root that certifi trusts, as a list."""
    import certifi

    return pem_certificates(pathlib.Path(certifi.where()).read_bytes())


def pem_certificates(data):
    """DER of every certificate in a PEM file, as a list."""
    blocks = data.decode("utf-8", "replace").split(_BEGIN)[1:]
    return [_pem_block(block) for block in blocks]


def file_certificates(name):
    """DER of every certificate in a file, PEM or DER. ValueError if there is none, or if one
    cannot be used; OSError."""
    found, left_out = usable_certificates(name)
    if left_out:
        raise ValueError(left_out[0])
    return found


def usable_certificates(name):
    """(DER of the certificates in a file that can be used, [which other cannot, and why]).
    ValueError if none can; OSError."""
    data = pathlib.Path(name).read_bytes()
    if b"-----BEGIN" in data:
        blocks = data.decode("utf-8", "replace").split(_BEGIN)[1:]
    else:
        blocks = [data]
    found, left_out = [], []
    for n, block in enumerate(blocks):
        try:
            der = _pem_block(block) if isinstance(block, str) else block
            _check(der)
            found.append(der)
        except ValueError as e:
            which = f", certificate {n + 1} of {len(blocks)}" if len(blocks) > 1 else ""
            left_out.append(f"{name}{which}: {e}")
    if not found:
        raise ValueError(
            left_out[0]
            if left_out
            else f"{name}: this PEM holds no certificate; it may hold a key"
        )
    return found, left_out


def _pem_block(text):
    return ssl.PEM_cert_to_DER_cert(_BEGIN + text.partition(_END)[0] + _END)


def _check(der):
    """ValueError unless the driver and OpenSSL can read a certificate, and it is a CA's or signs
    itself."""
    short = Certificate(der)
    if not (short.is_ca or short.self_issued):
        raise ValueError("a server's certificate, not a CA's: name the root that has signed it")
    known = info(der)
    if known.damaged:
        raise ValueError(known.damaged)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=der)
    except ssl.SSLError:
        who = f' "{known.subject}"' if known.subject else ""
        raise ValueError(f"OpenSSL cannot read the certificate{who}") from None


def info(der):
    """The spwf04.pki.chain.CertificateInfo of a certificate."""
    return read(Bytes(der), len(der))


def signed(der, issuer):
    """True if a certificate is signed with the key of another (DER), False if not, None if that
    cannot be checked."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        above = x509.load_der_x509_certificate(issuer)
        x509.load_der_x509_certificate(der).verify_directly_issued_by(above)
        return True
    except InvalidSignature:
        return False
    except Exception:  # of any kind, if it cannot read one of them
        return None


def build(ders):
    """The bytes of a bundle of these certificates. ders: each once is taken."""
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
    """Trusted roots and their origin.

    files: names of PEM or DER files. certifi: False leaves certifi's roots out. ders: list of DER,
    each once. bundle: the same as a spwf04.Bundle. left_out: which certificates of the files
    cannot be used, and why, as text. ValueError if a file has none that can be used; OSError.
    """

    def __init__(self, files=(), certifi=True):
        self._origins = {}
        self.left_out = []
        for name in files:
            found, left_out = usable_certificates(name)
            self.left_out += left_out
            for der in found:
                self._origins.setdefault(der, pathlib.Path(name).name)
        if certifi:
            for der in certifi_roots():
                self._origins.setdefault(der, "certifi")
        self.ders = list(self._origins)
        self.bundle = Bundle(build(self.ders))

    def anchors(self, chain):
        """[(DER, CertificateInfo)] of the CAs above a pki.chain.Chain, the topmost first."""
        return [(bytes(root.der()), known) for root, known in anchors(chain, self.bundle)]

    def needed(self, chain):
        """(DER, CertificateInfo) of the CA above the last certificate of a pki.chain.Chain, or
        None. This is most likely the one that the module looks for. In case it looks elsewhere,
        the driver tries those further down too. [h.8]"""
        path = chain.path()
        above = [a for a in self.anchors(chain) if issued(a[1], path[-1])]
        return min(above, key=lambda a: len(obstacles(chain, a[1])), default=None)

    def origin(self, der):
        """Where a root comes from: a file's name, or "certifi"."""
        return self._origins[bytes(der)]
