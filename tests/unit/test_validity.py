"""The gate on dates: what could be on a path must be in date, and readable to its last byte."""

import datetime
import itertools

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type

from spwf04 import CertificateError
from spwf04.hosttls.validity import Fields, check, trusted
from tests import chance

D = datetime.timedelta
WHEN = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
NOW = int(WHEN.timestamp())
VALID = WHEN - D(days=3), WHEN + D(days=30)
OLD = WHEN - D(days=900), WHEN - D(days=500)
EARLY = WHEN + D(days=2), WHEN + D(days=30)
KEYS = [ec.generate_private_key(ec.SECP256R1()) for _ in range(5)]


def name(text, kind=_ASN1Type.UTF8String):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text, kind)])


def make(subject, issuer, key, signer, dates=VALID, ski=None, aki=None, more=()):
    """DER of a certificate. subject, issuer: text or x509.Name; key, signer: numbers of KEYS."""
    subject, issuer = (name(n) if isinstance(n, str) else n for n in (subject, issuer))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(KEYS[key].public_key())
        .serial_number(17)
        .not_valid_before(dates[0])
        .not_valid_after(dates[1])
        .add_extension(x509.BasicConstraints(key != 2, None), True)
    )
    if ski is not None:
        builder = builder.add_extension(x509.SubjectKeyIdentifier(ski), False)
    if aki is not None:
        builder = builder.add_extension(x509.AuthorityKeyIdentifier(aki, None, None), False)
    for extension in more:
        builder = builder.add_extension(extension, False)
    return builder.sign(KEYS[signer], hashes.SHA256()).public_bytes(Encoding.DER)


ROOT = make("Root", "Root", 0, 0)
MID = make("Mid", "Root", 1, 0)
LEAF = make("www", "Mid", 2, 1)


def gate(*chain, roots=(ROOT,), now=NOW):
    """The error's text; None if the gate lets the chain pass."""
    try:
        _, cas = trusted("www:443", roots, now)
        check("www:443", chain, cas, now)
    except CertificateError as e:
        return str(e)
    return None


def test_a_good_chain_passes():
    assert gate(LEAF, MID) is None
    assert gate(LEAF, MID, ROOT) is None
    assert gate(LEAF, ROOT, MID, MID) is None


@pytest.mark.parametrize(("dates", "words"), [(OLD, "expired 500 days"), (EARLY, "is not valid")])
def test_what_is_out_of_date_is_refused(dates, words):
    leaf = make("www", "Mid", 2, 1, dates)
    mid = make("Mid", "Root", 1, 0, dates)
    root = make("Root", "Root", 0, 0, dates)
    assert "its certificate (www) " + words in gate(leaf, MID)
    assert "a certificate that it sends (Mid) " + words in gate(LEAF, mid)
    assert "the CA (Root) " + words in gate(LEAF, MID, roots=(root,))
    assert gate(LEAF, MID, roots=(root, ROOT)) is None  # the old root is left out


def test_the_exact_moment():
    end = int(VALID[1].timestamp())
    assert gate(LEAF, MID, now=end) is None
    assert "expired" in gate(LEAF, MID, now=end + 1)
    begin = int(VALID[0].timestamp())
    assert gate(LEAF, MID, now=begin) is None
    assert gate(LEAF, MID, now=begin - 1) is not None


def test_a_forged_certificate_in_date_does_not_stand_in_for_the_one_that_is_not():
    old = make("Mid", "Root", 1, 0, OLD)
    forged = make("Mid", "Root", 3, 3, ski=b"k" * 20)
    leaf = make("www", "Mid", 2, 1, aki=b"k" * 20)
    for chain in itertools.permutations((old, forged)):
        assert "(Mid) expired" in gate(leaf, *chain)
    same_key = make("Mid", "Root", 1, 3)  # the key of `old`, newer dates, but no valid signature
    for chain in itertools.permutations((old, same_key)):
        assert "(Mid) expired" in gate(LEAF, *chain)


def test_names_are_compared_more_loosely_than_any_tls_does():
    kinds = _ASN1Type
    for owner in (
        name("MID"),
        name(" m i d "),
        name("Mid", kinds.PrintableString),
        name("Mid", kinds.IA5String),
        name("Mid", kinds.BMPString),
        name("Mid", kinds.T61String),
        name("M\u00efid"),
    ):
        assert "expired" in gate(LEAF, make(owner, "Root", 1, 0, OLD)), owner
    # a key identifier alone is enough
    other = make("Other", "Root", 1, 0, OLD, ski=b"k" * 20)
    assert "expired" in gate(make("www", "Mid", 2, 1, aki=b"k" * 20), MID, other)


def test_what_can_be_on_no_path_may_be_old():
    other = make("Other", "Root", 3, 0, OLD)
    assert gate(LEAF, MID, other) is None
    assert gate(LEAF, MID, make("Mid2", "Mid", 3, 1, OLD)) is None


def test_an_old_certificate_for_the_name_and_key_of_a_trusted_ca_does_no_harm():
    """DST Root CA X3 has signed such a one for ISRG Root X1, which is trusted by itself."""
    cross = make("Root", "Older Root", 0, 3, OLD)
    older = make("Older Root", "Older Root", 3, 3, OLD)
    assert gate(LEAF, MID, cross, older) is None
    # it does harm if its key is another, or if that CA is trusted no more
    assert "expired" in gate(LEAF, MID, make("Root", "Older Root", 4, 3, OLD))
    assert gate(LEAF, MID, cross, roots=(make("Older Root", "Older Root", 3, 3),)) is not None
    old_root = make("Root", "Root", 0, 0, OLD)
    mine = make("My Root", "My Root", 4, 4)
    assert gate(LEAF, MID, cross, roots=(old_root, mine)) is not None


def test_long_names_and_identifiers_are_read_like_others():
    long = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mid")]
        + [
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, f"unit {i} " + "x" * 50)
            for i in range(40)
        ]
    )
    odd = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.3.6.1.4.1." + ".".join(["99999"] * 11)), b"\5\0"
    )
    assert gate(make("www", long, 2, 1, more=[odd]), make(long, "Root", 1, 0)) is None
    assert "expired" in gate(make("www", long, 2, 1, OLD, more=[odd]), make(long, "Root", 1, 0))
    assert "expired" in gate(make("www", long, 2, 1), make(long, "Root", 1, 0, OLD, more=[odd]))


def test_nothing_sent_and_nothing_trusted():
    assert "sent no certificate" in gate()
    assert "cannot be read whole" in gate(LEAF, MID, roots=(ROOT[:-1],))
    assert gate(LEAF, MID, roots=(ROOT[:-1], ROOT)) is None


def outer(tag, *parts):
    """DER of one element with these parts in it."""
    body = b"".join(parts)
    n = len(body)
    size = n.to_bytes((n.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x80 | len(size)]) + size) + body


def split(der):
    """The elements in der, in order."""
    from spwf04.pki.x509 import element

    found = []
    at = 0
    while at < len(der):
        _, _, stop = element(der, at, len(der))
        found.append(bytes(der[at:stop]))
        at = stop
    return found


def inside(der):
    from spwf04.pki.x509 import element

    _, at, stop = element(der, 0, len(der))
    return split(der[at:stop])


def rebuilt(change, der=None):
    """A certificate after change(parts); its parts are version to extensions."""
    der = der or make("www", "Mid", 2, 1, ski=b"s" * 20, aki=b"k" * 20)
    tbs, algorithm, signature = inside(der)
    parts = inside(tbs)
    change(parts)
    return outer(0x30, outer(0x30, *parts), algorithm, signature)


def dates(*values):
    def change(parts):
        parts[4] = outer(0x30, *values)

    return change


def utc(text):
    return outer(0x17, text)


GOOD = utc(b"260101000000Z"), utc(b"270101000000Z")


def twice(parts):
    extensions = inside(inside(parts[7])[0])
    parts[7] = outer(0xA3, outer(0x30, *extensions, extensions[-1]))


DAMAGE = {
    "a third date": dates(*GOOD, GOOD[1]),
    "one date": dates(GOOD[0]),
    "no date": dates(),
    "month 13": dates(GOOD[0], utc(b"271301000000Z")),
    "day 0": dates(GOOD[0], utc(b"270100000000Z")),
    "30 February": dates(GOOD[0], utc(b"270230000000Z")),
    "hour 24": dates(GOOD[0], utc(b"270101240000Z")),
    "no seconds": dates(GOOD[0], utc(b"2701010000Z")),
    "a time zone": dates(GOOD[0], utc(b"270101000000+0100")),
    "no zone": dates(GOOD[0], utc(b"270101000000")),
    "no digit": dates(GOOD[0], utc(b"27010100000xZ")),
    "a sign": dates(GOOD[0], utc(b"27010100-500Z")),
    "a date of another kind": dates(GOOD[0], outer(0x13, b"270101000000Z")),
    "fractions": dates(GOOD[0], outer(0x18, b"20270101000000.5Z")),
    "an extension twice": twice,
    "extensions twice": lambda parts: parts.append(parts[7]),
    "something after the extensions": lambda parts: parts.append(outer(0x04, b"x")),
    "version 4": lambda parts: parts.__setitem__(0, outer(0xA0, outer(2, b"\3"))),
    "a version of two bytes": lambda parts: parts.__setitem__(0, outer(0xA0, outer(2, b"\0\2"))),
    "two versions": lambda parts: parts.__setitem__(0, outer(0xA0, outer(2, b"\2") * 2)),
    "extensions of version 2": lambda parts: parts.__setitem__(0, outer(0xA0, outer(2, b"\1"))),
    "no serial number": lambda parts: parts.pop(1),
    "another algorithm": lambda parts: parts.__setitem__(2, outer(0x30, outer(6, b"\1\2"))),
    "no subject": lambda parts: parts.pop(5),
    "no key": lambda parts: parts.pop(6),
}


def test_the_damage_is_all_that_is_wrong_with_them():
    assert gate(rebuilt(lambda parts: None), MID) is None
    assert gate(rebuilt(dates(*GOOD)), MID) is None
    assert gate(rebuilt(dates(GOOD[0], outer(0x18, b"20600101000000Z"))), MID) is None


@pytest.mark.parametrize("version", [0, 1])
def test_older_versions_are_read_which_have_no_extensions(version):
    def older(parts):
        parts[0] = outer(0xA0, outer(2, bytes([version])))
        parts.pop(7)

    assert gate(rebuilt(older), MID) is None
    assert gate(rebuilt(lambda parts: (parts.pop(7), parts.pop(0))), MID) is None


@pytest.mark.parametrize("what", DAMAGE)
def test_a_certificate_that_cannot_be_read_whole_is_refused(what):
    bad = rebuilt(DAMAGE[what])
    assert "certificate 0 cannot be read whole" in gate(bad, MID)
    # so is any other that the server sent, wherever it belongs
    assert "certificate 2 cannot be read whole" in gate(LEAF, MID, bad)


def test_lengths_that_are_not_der():
    for der in (
        LEAF + b"\0",
        LEAF[:-1],
        b"",
        b"\x30",
        b"\x30\x80" + LEAF[4:] + b"\0\0",  # indefinite
        b"\x30\x83\0" + LEAF[2:],  # more bytes of length than needed
    ):
        assert "cannot be read whole" in gate(der, MID)
    assert "cannot be read whole" in gate(
        rebuilt(lambda parts: parts.__setitem__(1, b"\2\x81\1\5")), MID
    )


@pytest.mark.parametrize("n", [1, 126, 127, 128, 254, 255, 256, 65534, 65535, 65536])
def test_a_length_is_read_as_der_wants_it_and_in_no_other_form(n):
    """A serial number may have any length."""
    number = b"\1" * n
    good = outer(2, number)
    assert gate(rebuilt(lambda parts: parts.__setitem__(1, good)), MID) is None
    size = n.to_bytes(len(good) - n - 1, "big")
    longer = b"\2" + bytes([0x80 | len(size)]) + size + number
    if len(longer) <= n + 5:
        assert longer != good
        bad = rebuilt(lambda parts: parts.__setitem__(1, longer))
        assert "cannot be read whole" in gate(bad, MID)


def test_no_bytes_make_it_do_anything_but_refuse():
    """Fields raises ValueError, or gives the dates that are in the bytes."""
    draw = chance("validity")
    whole = make("www", "Mid", 2, 1, ski=b"s" * 20, aki=b"k" * 20)
    for _ in range(3000):
        bad = bytearray(whole)
        for _ in range(draw.randrange(1, 4)):
            bad[draw.randrange(len(bad))] = draw.choice(
                (0, 1, 0x30, 0x80, 0xFF, draw.randrange(256))
            )
        if draw.randrange(4) == 0:
            del bad[draw.randrange(len(bad)) :]
        try:
            fields = Fields(bytes(bad))
        except ValueError:
            continue
        said = x509.load_der_x509_certificate(whole)
        if bytes(bad)[:150] == whole[:150]:  # the dates are in these bytes
            assert fields.not_after == int(said.not_valid_after_utc.timestamp())
