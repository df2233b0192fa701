"""The roots that a person trusts on this computer, certifi's and those of files; and how a root
bundle is made of them."""

import pathlib
import ssl

from spwf04.pki.certificate import Bytes, read
from spwf04.pki.faults import needed
from spwf04.pki.names import same
from spwf04.pki.pem import each, open_source
from spwf04.pki.words import not_a_ca
from spwf04.pki.x509 import Certificate
from spwf04.roots.bundle import Bundle
from spwf04.roots.bundling import compose
from spwf04.roots.issuers import anchors

from .common import common_roots
from .listed import DATE

_OWN = "If it is an old root, or your server's own certificate, --self-signed takes it"


def certifi_roots():
    """DER of every root that certifi trusts, as a list."""
    import certifi

    return pem_certificates(pathlib.Path(certifi.where()).read_bytes())


def pem_certificates(data):
    """DER of every certificate in what a file holds, as a list. ValueError if one is damaged."""
    found = []
    for der in _each(data, "certificates"):
        if isinstance(der, ValueError):
            raise der
        found.append(der)
    return found


def _each(source, name):
    """DER of every certificate in a source as load() takes it; in place of one that cannot be
    read, the ValueError."""
    with open_source(source, name) as f:
        return [der if isinstance(der, ValueError) else bytes(der) for _, der in each(f, name)]


def file_certificates(name, self_signed=False):
    """DER of every certificate in a file, in any form that spwf04.pki.pem reads. ValueError if
    there is none, or if one cannot be used; OSError. self_signed: as for usable_certificates()."""
    found, left_out = usable_certificates(name, self_signed)
    if left_out:
        raise ValueError(left_out[0])
    return found


def usable_certificates(name, self_signed=False):
    """(DER of the certificates in a file that can be used, [which other cannot, and why]).
    ValueError if none can; OSError. self_signed: those that sign themselves can, though they do
    not say that they are CAs'."""
    with open(name, "rb"):  # its OSError has the file's name
        pass
    blocks = _each(pathlib.Path(name), name)
    found, left_out = [], []
    for n, der in enumerate(blocks):
        try:
            if isinstance(der, ValueError):
                raise der
            check_ca(der, self_signed)
            if der not in found:
                found.append(der)
        except ValueError as e:
            which = f", certificate {n + 1} of {len(blocks)}" if len(blocks) > 1 else ""
            left_out.append(f"{name}{which}: {str(e).removeprefix(f'{name}: ')}")
    if not found:
        raise ValueError(left_out[0])
    return found, left_out


def check_ca(der, self_signed):
    """ValueError unless the driver and OpenSSL can read a certificate, and it is a CA's; or, with
    self_signed, signs itself."""
    short = Certificate(der)
    if not short.is_ca or short.signs is False:
        own = same(*short.names())
        if not (own and self_signed):
            todo = _OWN if own else "If it is a server's, name the root that signed it"
            raise ValueError(f"{not_a_ca(short)}. {todo}")
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


def build(ders, origin="", made=0):
    """The bytes of a bundle of these certificates. ders: each once is taken. origin, made: as for
    spwf04.roots.bundling.make()."""
    parts = []
    compose(list(ders), bytes, parts.append, origin, made)
    return b"".join(parts)


class Roots:
    """Trusted roots and their origin.

    files: names of PEM or DER files. certifi: False leaves certifi's roots out. self_signed: as
    for usable_certificates(). common: True takes only those of certifi that ESP-IDF's list names.
    given: DER of further ones. ders: list of DER,
    each once. bundle: the same as a spwf04.Bundle. left_out: which certificates of the files
    cannot be used, and why, as text. missing: names of that list which certifi lacks. ValueError
    if a file has none that can be used; OSError.
    """

    def __init__(self, files=(), certifi=True, self_signed=False, common=False, given=()):
        self._origins: dict[bytes, str] = {}
        self.left_out = []
        self.missing = []
        self._common = common
        for der in given:
            self._origins.setdefault(bytes(der), "given")
        for name in files:
            found, left_out = usable_certificates(name, self_signed)
            self.left_out += left_out
            for der in found:
                self._origins.setdefault(der, pathlib.Path(name).name)
        for der in self._certifi() if certifi else ():
            self._origins.setdefault(der, "certifi")
        self.ders = list(self._origins)
        self.bundle = Bundle(build(self.ders))

    def _certifi(self):
        if not self._common:
            return certifi_roots()
        found, self.missing = common_roots(certifi_roots())
        return found

    def origins(self):
        """Where they come from, in words: "certifi 2026.10.19 + ours.pem"."""
        from certifi import __version__

        words = {"certifi": f"certifi {__version__}"}
        if self._common:
            words["certifi"] += f" (common roots, list of {DATE})"
        names = sorted(set(self._origins.values()), key=lambda name: name != "certifi")
        return " + ".join([words.get(name, name) for name in names])

    def anchors(self, chain, now=None):
        """[(DER, CertificateInfo)] of the CAs above a pki.chain.Chain, the topmost first. now:
        seconds since 1970, by which those in date come first."""
        clock = None if now is None else (lambda: now)
        found = anchors(chain, self.bundle, (), clock)
        return [(bytes(root.der()), known) for root, known in found]

    def needed(self, chain, now=None):
        """(DER, CertificateInfo) of the CA above the last certificate of a pki.chain.Chain, or
        None. This is most likely the one that the module looks for. In case it looks elsewhere,
        the driver tries those further down too. [h.8]"""
        path = chain.path()
        found = self.anchors(chain, now)
        info = needed(path, found) if path else None
        return next((ca for ca in found if ca[1] is info), None)

    def origin(self, der):
        """Where a root comes from: a file's name, or "certifi"."""
        return self._origins[bytes(der)]
