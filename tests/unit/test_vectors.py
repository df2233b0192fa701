"""Certificates that others have collected, with `cryptography` as the oracle: those of its own
tests, among them NIST's, and certifi's."""

import base64
import functools
import pathlib
import re
import warnings

import certifi
import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from spwf04.pki.certificate import Bytes, read
from spwf04.pki.names import same
from spwf04.pki.x509 import Certificate
from tests import ALL, chance
from tests.shims import micropython
from tests.shims.mp_certificates import line

FOLDER = pathlib.Path(cryptography_vectors.__file__).parent / "x509"
PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.*?)-----END ", re.S)


@functools.cache
def vectors():
    """{DER: where it is from}"""
    found = {}
    files = [f for f in sorted(FOLDER.rglob("*")) if f.suffix in (".pem", ".der", ".crt", ".cer")]
    for file in [*files, pathlib.Path(certifi.where())]:
        data = file.read_bytes()
        blocks = PEM.findall(data)
        name = file.relative_to(FOLDER).as_posix() if file in files else "certifi"
        for n, block in enumerate(blocks):
            lines = [x for x in block.splitlines() if b":" not in x]
            der = base64.b64decode(b"".join(lines))
            found.setdefault(der, name if len(blocks) == 1 else f"{name} {n}")
        if b"-----BEGIN" not in data:
            found.setdefault(data, name)
    return found


# The oracle: a function for each field -----------------------------------------------------------
CALLED = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
KINDS = {
    rsa.RSAPublicKey: "RSA",
    ec.EllipticCurvePublicKey: "EC",
    dsa.DSAPublicKey: "DSA",
    ed25519.Ed25519PublicKey: "Ed25519",
    ed448.Ed448PublicKey: "Ed448",
}


def extension(certificate, kind):
    """The value of an extension, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def called(name):
    """What the owner of a name is called."""
    for oid in CALLED:
        for attribute in name.get_attributes_for_oid(oid):
            return HIDDEN.sub("?", attribute.value)
    return ""


def loose(name):
    """A name as RFC 5280 7.1 compares it: what is the same is equal, what differs is not."""
    return [
        [(a.oid, a.value if isinstance(a.value, bytes) else folded(a.value)) for a in rdn]
        for rdn in name.rdns
    ]


def folded(text):
    text = re.sub("[A-Z]", lambda m: m[0].lower(), text)
    return re.sub("[ \t\n\r\x0b\x0c]+", " ", text).strip(" ")


def key(certificate):
    if certificate.public_key_algorithm_oid.dotted_string == "1.2.840.113549.1.1.10":
        return "RSA-PSS"
    found = [name for kind, name in KINDS.items() if isinstance(certificate.public_key(), kind)]
    return found[0] if found else "other"


def bits(certificate):
    public = certificate.public_key()
    known = isinstance(public, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey))
    return public.key_size if known else 0


def signature(certificate):
    name = certificate.signature_algorithm_oid._name.lower()
    for part, kind in (("ecdsa", "ECDSA"), ("dsa", "DSA"), ("pss", "RSA-PSS"), ("rsa", "RSA")):
        if part in name:
            return kind
    return {"ed25519": "Ed25519", "ed448": "Ed448"}.get(name, "other")


def hash_(certificate):
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        return "unknown hash"
    name = algorithm.name.upper()
    return name if name == "MD5" else name.replace("SHA", "SHA-")


def alternatives(certificate):
    names = extension(certificate, x509.SubjectAlternativeName) or ()
    found = []
    for name in names:
        if isinstance(name, x509.DNSName):
            found.append(HIDDEN.sub("?", name.value))
        elif isinstance(name, x509.IPAddress) and name.value.version == 4:
            found.append(str(name.value))
    return found


def identifier(certificate):
    own = extension(certificate, x509.SubjectKeyIdentifier)
    if own is None or not own.digest:
        own = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key())
    return own.digest.hex()


def identifier_above(certificate):
    above = extension(certificate, x509.AuthorityKeyIdentifier)
    found = above.key_identifier if above is not None else None
    return found.hex() if found else None


def for_servers(certificate):
    usage = extension(certificate, x509.ExtendedKeyUsage)
    if usage is None:
        return None
    return bool(
        {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & set(usage)
    )


KNOWN = (
    "2.5.29.14 2.5.29.15 2.5.29.17 2.5.29.19 2.5.29.30 2.5.29.31 2.5.29.32 2.5.29.33 2.5.29.35 "
    "2.5.29.36 2.5.29.37 2.5.29.54 1.3.6.1.5.5.7.1.1"
).split()


def critical(certificate):
    for each in certificate.extensions:
        if each.critical and each.oid.dotted_string not in KNOWN:
            return each.oid.dotted_string
    return None


def issuer_url(certificate):
    access = extension(certificate, x509.AuthorityInformationAccess) or ()
    for each in access:
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS:
            url = getattr(each.access_location, "value", "")
            if isinstance(url, str) and re.fullmatch("(?i:http://)[!-~]{1,193}", url):
                return url
    return None


def one(kind, name):
    def value(certificate):
        found = extension(certificate, kind)
        return None if found is None else getattr(found, name)

    return value


def self_issued(certificate):
    """By the names, unless its own key identifiers differ."""
    if loose(certificate.subject) != loose(certificate.issuer):
        return False
    own = extension(certificate, x509.SubjectKeyIdentifier)
    return own is None or identifier_above(certificate) in (None, own.digest.hex())


ORACLE = {
    "size": lambda c: len(c.public_bytes(Encoding.DER)),
    "sha256": lambda c: c.fingerprint(hashes.SHA256()).hex(),
    "version": lambda c: c.version.value + 1,
    "subject": lambda c: called(c.subject),
    "issuer": lambda c: called(c.issuer),
    "not_before": lambda c: int(c.not_valid_before_utc.timestamp()),
    "not_after": lambda c: int(c.not_valid_after_utc.timestamp()),
    "ski": identifier,
    "ski_computed": lambda c: not getattr(extension(c, x509.SubjectKeyIdentifier), "digest", b""),
    "aki": identifier_above,
    "is_ca": one(x509.BasicConstraints, "ca"),
    "path_length": one(x509.BasicConstraints, "path_length"),
    "signs": one(x509.KeyUsage, "key_cert_sign"),
    "server": for_servers,
    "critical": critical,
    "issuer_url": issuer_url,
    "key": key,
    "bits": bits,
    "signature": signature,
    "hash": hash_,
    "names": lambda c: alternatives(c)[:8],
    "name_count": lambda c: len(alternatives(c)),
    "self_issued": self_issued,
}


EXTENSIONS = (
    "ski ski_computed aki is_ca path_length signs server critical issuer_url names name_count "
    "self_issued"
).split()


def differences(der):
    """{field: (ours, the oracle's)} where they differ; {"damaged": …} if one cannot read it."""
    mine = read(Bytes(der), len(der))
    try:
        theirs = x509.load_der_x509_certificate(der)
    except Exception as e:
        return {} if mine.damaged else {"damaged": (None, repr(e))}
    found = {}
    try:
        tuple(theirs.extensions)
    except Exception as e:
        found["extensions"] = None, repr(e)
    for name, ask in ORACLE.items():
        if "extensions" in found and name in EXTENSIONS:
            continue
        try:
            wanted = ask(theirs)
        except Exception as e:
            wanted = repr(e)
        ours = getattr(mine, name)
        if ours != wanted or type(ours) is not type(wanted):
            found[name] = ours, wanted
    if mine.damaged:
        return {} if "extensions" in found else {"damaged": (mine.damaged, None)}
    return found


# What differs, and is meant: {file: (fields, why)}. "extensions": cryptography reads none of them;
# "damaged": one of the two cannot read the certificate at all
_SIGNED = "what is signed counts here, not the copy of the algorithm that is not"
_NOT_ASKED = "a part that this package does not ask for is damaged"
_OTHERS = "a part that this package does not ask for is of a kind that cryptography does not know"
MEANT = {
    "PKITS_data/certs/DSAParametersInheritedCACert.crt": ("damaged", _OTHERS),
    "PKITS_data/certs/ValidDSAParameterInheritanceTest5EE.crt": ("damaged", _OTHERS),
    "badssl-sct-anonymous-sig.der": ("extensions", _OTHERS),
    "badssl-sct-none-hash.der": ("extensions", _OTHERS),
    "custom/alternate-rsa-sha1-oid.der": ("hash", "an identifier that nobody uses"),
    "custom/cp_invalid.pem": ("extensions", _NOT_ASKED),
    "custom/cp_invalid2.der": ("extensions", _NOT_ASKED),
    "custom/dsa_null_alg_params.pem": ("damaged", _NOT_ASKED),
    "custom/ec_no_named_curve.pem": ("bits", "the module takes named curves alone"),
    "custom/ecdsa_null_alg.pem": ("damaged", _NOT_ASKED),
    "custom/empty-eku.pem": ("extensions", "an empty list of purposes allows none"),
    "custom/inhibit_any_policy_negative.pem": ("extensions", _NOT_ASKED),
    "custom/invalid-sct-length.der": ("extensions", _NOT_ASKED),
    "custom/invalid-sct-version.der": ("extensions", _NOT_ASKED),
    "custom/invalid_utf8_common_name.pem": (
        "subject issuer self_issued",
        "bytes that are no UTF-8 are shown as ?, and compared as they are",
    ),
    "custom/invalid_version.pem": ("damaged", "the version is told, whatever it is"),
    "custom/long-form-name-attribute.pem": ("damaged", "no name has tags of several bytes"),
    "custom/malformed-ian.pem": ("extensions", _NOT_ASKED),
    "custom/malformed-san.pem": ("extensions", "an alternative name of no kind is none"),
    "custom/mismatch_inner_outer_sig_algorithm.der": ("signature hash", _SIGNED),
    "custom/name_attribute_unsupported_tag.pem": (
        "subject issuer self_issued",
        "a value of an unknown type is compared as it is",
    ),
    "custom/nc_invalid_ip4_netmask.der": ("extensions", _NOT_ASKED),
    "custom/nc_invalid_ip_netmask.pem": ("extensions", _NOT_ASKED),
    "custom/nc_ip_invalid_length.pem": ("extensions", _NOT_ASKED),
    "custom/rsa_pss_cert_no_sig_params.der": ("hash", _SIGNED),
    "custom/unsupported_subject_public_key_info.pem": ("ski key bits", _OTHERS),
    "e-trust.ru.der": ("key bits", _OTHERS),
    "ed25519/ed25519-rfc8410.pem": ("damaged", "a FALSE that need not be written"),
    "san_edipartyname.der": ("extensions", _OTHERS),
    "san_x400address.der": ("extensions", _OTHERS),
    "v1_cert.pem": ("signature hash", _SIGNED),
    "verisign_md2_root.pem": ("hash", "MD2: neither can read such a signature"),
    "wosign-bc-invalid.pem": ("extensions", "a length of the path in what is no CA's"),
}


def test_every_certificate_is_read_as_cryptography_reads_it():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: differences(der) for der, name in vectors().items()}
    assert len(found) > 600
    wrong = {
        name: differing
        for name, differing in found.items()
        if set(differing) - set(MEANT.get(name, ("",))[0].split())
    }
    assert wrong == {}
    assert set(MEANT) <= set(found)


def test_names_are_equal_where_they_are_equal_by_rfc_5280():
    ours, theirs = {}, {}
    for der in vectors():
        mine = read(Bytes(der), len(der))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                certificate = x509.load_der_x509_certificate(der)
                names = [repr(loose(n)) for n in (certificate.subject, certificate.issuer)]
        except Exception:
            continue  # the test above
        if not mine.damaged:
            for name, digest in zip(names, (mine.subject_hash, mine.issuer_hash)):
                assert theirs.setdefault(digest, name) == name
                assert ours.setdefault(name, digest) == digest
    assert len(ours) > 300


def test_the_short_reader_agrees_with_the_long_one():
    for der, name in vectors().items():
        mine = read(Bytes(der), len(der))
        if mine.damaged:
            continue
        short = Certificate(der)
        alike = (short.ski, short.is_ca, short.signs) == (mine.ski, mine.is_ca, mine.signs)
        assert alike, name
        assert same(*short.names()) == (mine.subject_hash == mine.issuer_hash), name


def test_micropython_reads_every_certificate_in_the_same_way(tmp_path):
    ders = [*vectors(), *damaged_ones()]
    file = tmp_path / "certificates"
    file.write_text("".join(der.hex() + "\n" for der in ders))
    script = micropython.ROOT / "tests" / "shims" / "mp_certificates.py"
    code, output = micropython.run(script, [str(file)], None)
    assert code == 0, output[-2000:]
    for der, told in zip(ders, output.splitlines()):
        assert told == line(der), vectors().get(der, der.hex())
    assert len(output.splitlines()) == len(ders)


def damaged_ones():
    """Certificates with a few bytes changed, always the same."""
    ders = list(vectors())
    choose = chance("damaged certificates")
    made = []
    for _ in range(2000 if ALL else 300):
        data = bytearray(choose.choice(ders))
        for _ in range(choose.randint(1, 4)):
            if data:
                data[choose.randrange(len(data))] = choose.randrange(256)
        made.append(bytes(data))
    return made


@settings(max_examples=500 if ALL else 200, deadline=None)
@given(st.data())
def test_damage_anywhere_is_told_and_nothing_else_is_raised(data):
    changed = bytearray(data.draw(st.sampled_from(list(vectors()))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        way = data.draw(st.sampled_from(("change", "remove", "insert", "repeat")))
        if way == "change":
            changed[at] = data.draw(st.integers(0, 255))
        elif way == "remove":
            del changed[at : at + data.draw(st.integers(1, 40))]
        elif way == "insert":
            changed[at:at] = data.draw(st.binary(max_size=40))
        else:
            changed[at:at] = changed[at : at + data.draw(st.integers(1, 80))]
        if not changed:
            return
    der = bytes(changed)
    mine = read(Bytes(der), len(der), "www.example.com")
    told = (mine.subject, mine.issuer, *mine.names, mine.issuer_url or "", mine.damaged or "")
    assert not HIDDEN.search("".join(told))
    if mine.damaged:
        assert (mine.subject_hash, mine.issuer_hash, mine.ski, mine.aki) == (b"", b"", None, None)
        gone = "is_ca fits signs server critical issuer_url"
        assert [getattr(mine, name) for name in gone.split()] == [None] * 6
        assert not mine.self_issued
    try:
        same(*Certificate(der).names())
    except ValueError:
        pass
