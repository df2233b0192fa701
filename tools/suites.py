"""Cases of public suites of certificates, and chains made of the parts of others.

limbo(): C2SP/x509-limbo, which may hold Netflix's BetterTLS. pkits(): NIST's PKITS, from PyPI's
cryptography-vectors. Mixer: after Frankencert. What is made of the cases: see laxness.py.
"""

import contextlib
import dataclasses
import datetime
import importlib.util
import json
import pathlib
import random
import ssl
import time
import typing

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from spwf04_cli.server.roots import info

_UNUSED = ("crls", "key_usage", "extended_key_usage")
_MID_2020 = 1593561600  # PKITS's certificates are valid from 2010 to 2030


@dataclasses.dataclass
class Case:
    """A server. name, kind: of the case, "rfc5280::nc::…". chain: list of DER that it sends, its
    own first. cas: list of DER that are trusted. host: its name, or None. now: seconds since 1970.
    wanted: True if its suite wants it to be trusted, None if that is not said."""

    name: str
    kind: str
    chain: list
    cas: list
    host: typing.Optional[str]
    now: int
    wanted: typing.Optional[bool] = None
    features: tuple = ()


def own_name(der):
    """A name that a certificate is for: its first host, else its common name; None if it has
    neither, or if it cannot be asked for."""
    name = _first_name(der)
    fits = name and all(len(label) < 64 for label in name.split("."))
    return name if fits else None


def _first_name(der):
    try:
        made = x509.load_der_x509_certificate(der)
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        hosts = names.value.get_values_for_type(x509.DNSName)
        if hosts:
            return hosts[0]
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        pass
    try:
        found = x509.load_der_x509_certificate(der).subject.get_attributes_for_oid(
            NameOID.COMMON_NAME
        )
        return str(found[0].value) if found else None
    except ValueError:
        return None


# x509-limbo ----------------------------------------------------------------------------------
def der(pem):
    """Return the DER of a certificate in PEM, without reading it."""
    return ssl.PEM_cert_to_DER_cert(pem)


def _applies(case):
    """True if no engine would need what neither has: clients, revocation, a limit of depth."""
    if case["validation_kind"] != "SERVER" or case.get("max_chain_depth") is not None:
        return False
    return not any(case.get(name) for name in _UNUSED if case.get(name) != ["serverAuth"])


def _kind(name):
    parts = name.split("::")
    return "::".join(parts[:2] if len(parts) > 2 else parts[:1])


def limbo(file):
    """The Cases of a limbo.json that apply, and how many do not."""
    found, left_out = [], 0
    for case in json.loads(pathlib.Path(file).read_text())["testcases"]:
        if not _applies(case):
            left_out += 1
            continue
        chain = [der(p) for p in [case["peer_certificate"], *case["untrusted_intermediates"]]]
        at = case["validation_time"]
        found.append(
            Case(
                case["id"],
                _kind(case["id"]),
                chain,
                [der(p) for p in case["trusted_certs"]],
                (case["expected_peer_name"] or {}).get("value"),
                int(datetime.datetime.fromisoformat(at).timestamp() if at else time.time()),
                case["expected_result"] == "SUCCESS",
                tuple(case["features"]),
            )
        )
    return found, left_out


# NIST PKITS ----------------------------------------------------------------------------------
def pkits_folder():
    """Where the certificates of PKITS are, or None if cryptography-vectors is not installed."""
    found = importlib.util.find_spec("cryptography_vectors")
    if found is None or not found.origin:
        return None
    return pathlib.Path(found.origin).parent / "x509" / "PKITS_data" / "certs"


def pkits(folder):
    """A Case for each end entity of PKITS. Its server sends all CAs' certificates that could be
    above its own, by their names or keys; the client finds the way."""
    known = {}
    for file in sorted(pathlib.Path(folder).glob("*.crt")):
        data = file.read_bytes()
        known[file.stem] = data, info(data)
    root, _ = known.pop("TrustAnchorRootCertificate")
    cas = [known[name] for name in known if not name.endswith("EE")]
    cases = []
    for name, (data, made) in known.items():
        if name.endswith("EE"):
            chain, known_ones = [data], [made]
            for below in known_ones:  # it grows meanwhile
                for above, ca in cas:
                    fits = ca.subject_hash == below.issuer_hash or ca.ski == below.aki
                    if fits and above not in chain:
                        chain.append(above)
                        known_ones.append(ca)
            kind = _pkits_kind(name)
            cases.append(Case(name, kind, chain, [root], own_name(data), _MID_2020))
    return cases


def _pkits_kind(name):
    """As PKITS wants it with its revocation lists and policies, of which no engine here knows."""
    for word in ("Valid", "Invalid"):
        if name.startswith(word):
            return "pkits " + word.lower()
    return "pkits, by policies"


# Parts of others' certificates ---------------------------------------------------------------
class Mixer:
    """Makes chains with extensions that others' certificates have, in places where they do not
    belong. The same seed makes the same chain, with other keys.

    ders: certificates, of which the readable ones give their extensions.
    """

    HOST = "www.example.com"

    def __init__(self, ders):
        self._pool = {}
        for data in ders:
            with contextlib.suppress(Exception):  # of any kind, if it cannot read one
                for extension in x509.load_der_x509_certificate(data).extensions:
                    values = self._pool.setdefault(extension.oid, [])
                    if extension.value.public_bytes() not in values:
                        values.append(extension.value.public_bytes())
        self._kinds = sorted(self._pool, key=lambda oid: oid.dotted_string)
        self._keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(5)]

    def make(self, seed, now):
        """The Case of a seed. now: seconds since 1970."""
        chance = random.Random(f"mixed {seed}")
        count = chance.choice([2, 3, 3, 4])
        odd = chance.sample(range(count), chance.choice([1, 1, 2]))
        made = []
        for n in range(count):  # the root first
            above = made[-1] if made else None
            made.append(self._certificate(n, above, n == count - 1, chance if n in odd else None))
            below = self._keys[n - 1 if n else 0]
            moment = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
            day = datetime.timedelta(days=1)
            builder = made[-1].not_valid_before(moment - day).not_valid_after(moment + 400 * day)
            made[-1] = builder.sign(below, hashes.SHA256())
        ders = [c.public_bytes(Encoding.DER) for c in reversed(made)]
        return Case(f"mixed {seed}", "mixed", ders[:-1], ders[-1:], self.HOST, now)

    def _certificate(self, n, above, is_leaf, chance):
        """A builder. chance: what makes it odd, or None."""
        key = self._keys[n].public_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Certificate {n}")])
        serial = 1000 + n
        if chance is not None and chance.random() < 0.05:
            serial = 1 << 158
        builder = x509.CertificateBuilder(above.subject if above else name, name, key, serial)
        found = {}
        for value, critical in self._usual(key, above, is_leaf):
            found[value.oid] = value.public_bytes(), critical
        if chance is not None:
            self._spoil(found, chance)
        for oid, (value, critical) in found.items():
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical)
        return builder

    def _usual(self, key, above, is_leaf):
        yield x509.BasicConstraints(not is_leaf, None), True
        usage = [is_leaf, False, False, False, False, not is_leaf, not is_leaf, False, False]
        yield x509.KeyUsage(*usage), True
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        yield own, False
        if above is None:
            yield x509.AuthorityKeyIdentifier(own.digest, None, None), False
        else:
            yield x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False
        if is_leaf:
            yield x509.SubjectAlternativeName([x509.DNSName(self.HOST)]), False
            yield x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False

    def _spoil(self, found, chance):
        for oid in list(found):
            if chance.random() < 0.12 and self._pool.get(oid):
                found[oid] = chance.choice(self._pool[oid]), found[oid][1]
            elif chance.random() < 0.06:
                del found[oid]
            elif chance.random() < 0.05:
                found[oid] = found[oid][0], not found[oid][1]
            elif chance.random() < 0.05:
                value = bytearray(found[oid][0])
                value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
                found[oid] = bytes(value), found[oid][1]
        for _ in range(chance.choice([0, 1, 1, 2])):
            oid = chance.choice(self._kinds)
            found[oid] = chance.choice(self._pool[oid]), chance.random() < 0.3
