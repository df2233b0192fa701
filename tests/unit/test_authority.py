"""Which certificates are taken for CAs', and what is said of those that are not, or are weak."""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from spwf04 import SPWF04, SSLContext
from spwf04.pki.authority import check
from spwf04.pki.certificate import Bytes, read
from spwf04.pki.words import warnings
from spwf04.roots.search import open_roots
from spwf04_cli.output import DONE, USAGE
from spwf04_cli.server.roots import Roots, file_certificates
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests.cli import spwf04
from tests.shims.shapes import DAY, NOW, Node, der, rsa_key, signed_with, version_1

ROOT = Node("Root", key=rsa_key(0))
SIGNS_NOT = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
SERVER = [ExtendedKeyUsageOID.SERVER_AUTH]
# What a certificate says of itself: as arguments of Node, and whether it is a CA's then
SAYS = {
    "CA:TRUE": ({}, True),
    "CA:TRUE, no key usage": ({"usage": False}, True),
    "CA:TRUE, signs nothing": ({"usage": False, "extra": [(SIGNS_NOT, True)]}, False),
    "CA:FALSE": ({"ca": False}, False),
    "nothing": ({"constraints": False, "usage": False}, False),
    "for servers": ({"constraints": False, "usage": False, "eku": SERVER}, False),
    "version 1": ({}, False),
}
SIGNED = {
    "by itself": lambda **says: Node("Mine", key=rsa_key(1), **says),
    "by another": lambda **says: Node("Theirs", ROOT, key=rsa_key(1), **says),
}


def made(says, signed):
    node = SIGNED[signed](**SAYS[says][0])
    return version_1(node) if says == "version 1" else der(node.cert)


def radio():
    module = SimulatedModule(World(), clock=VirtualClock(longest=20), timing=Timing.fast())
    module.power_on()
    return SPWF04(module.uart("machine"), clock=module.clock)


@pytest.mark.parametrize("says", SAYS)
@pytest.mark.parametrize("signed", SIGNED)
@pytest.mark.parametrize("self_signed", [False, True])
def test_what_is_no_ca_is_trusted_only_if_it_signs_itself_and_somebody_says_so(
    says, signed, self_signed, tmp_path
):
    data = made(says, signed)
    file = tmp_path / "ca.der"
    file.write_bytes(data)
    strict = [
        lambda: check(data, "certificate", self_signed),
        lambda: check(str(file), "certificate", self_signed),
        lambda: radio().certs.install(data, self_signed=self_signed),
        lambda: file_certificates(str(file), self_signed),
        lambda: Roots([str(file)], False, self_signed),
    ]
    if not self_signed:
        strict += [
            lambda: open_roots([data]),
            lambda: open_roots(data),
            lambda: SSLContext(roots=[data]),
        ]
        if not SAYS[says][1]:  # else it goes on, and asks the server
            strict.append(lambda: radio().certs.install_for("www.example.com", roots=[data]))
    for take in strict:
        if SAYS[says][1] or (self_signed and signed == "by itself"):
            take()
        else:
            with pytest.raises(ValueError, match="so it is not trusted as one") as caught:
                take()
            words = str(caught.value)
            if signed == "by itself":
                assert "self_signed=True" in words or "--self-signed" in words
            else:
                assert "the root that signed it" in words and "self" not in words


@pytest.mark.parametrize("says", SAYS)
@pytest.mark.parametrize("signed", SIGNED)
def test_a_context_takes_what_signs_itself_as_cpythons_ssl_does(says, signed):
    """load_verify_locations() counts for the connections of one program alone."""
    data = made(says, signed)
    if SAYS[says][1] or signed == "by itself":
        SSLContext().load_verify_locations(cadata=data)
    else:
        with pytest.raises(ValueError, match=r"cadata: .* not trusted as one"):
            SSLContext().load_verify_locations(cadata=data)


def test_whether_it_signs_itself_is_told_by_the_name_not_by_its_bytes():
    """RFC 5280 7.1: case, blanks and types of strings make no difference."""
    written = [
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text, kind)])
        for text, kind in (
            ("Old  Root", x509.name._ASN1Type.PrintableString),
            (" old root", x509.name._ASN1Type.BMPString),
        )
    ]
    node = Node("Old Root", constraints=False, usage=False, issuer_name=written[1])
    data = der(node.cert)
    check(data, "certificate", True)
    assert read(Bytes(data), len(data)).self_issued


@pytest.mark.parametrize("bad", ["yes", 1.5, b"", [], object()])
def test_self_signed_is_a_flag(bad):
    with pytest.raises(TypeError, match="self_signed"):
        radio().certs.install(der(ROOT.cert), self_signed=bad)


# Warnings ----------------------------------------------------------------------------------------
def old(hash_):
    node = Node("Old", key=rsa_key(2))
    return signed_with(hash_, node, rsa_key(2))


WEAK = {
    "fine": (lambda: der(ROOT.cert), 0, []),
    "expired": (lambda: der(ROOT.cert), 4000, ["it expired 350 days ago"]),
    "expired today": (lambda: der(ROOT.cert), 3650.1, ["it expired 0 days ago"]),
    "too early": (lambda: der(ROOT.cert), -40, ["it is not valid before 10 days from now"]),
    "SHA-1": (lambda: old("SHA-1"), 0, ["it is signed with SHA-1"]),
    "MD5": (lambda: old("MD5"), 0, ["it is signed with MD5"]),
    "small": (lambda: der(Node("Small", key=rsa_key(0, 1024)).cert), 0, ["an RSA key of 1024"]),
    "all": (lambda: old("MD5"), 4000, ["expired 350 days ago", "MD5"]),
}


@pytest.mark.parametrize("how", WEAK)
def test_a_weak_root_is_installed_with_a_warning(how):
    make, days, expected = WEAK[how]
    data = make()
    there = radio()
    entry = there.certs.install(data)
    assert entry.where == "slot"
    dateless = [words for words in expected if "expired" not in words and "before" not in words]
    said = entry.warnings  # the clock is not set
    assert len(said) == len(dateless)
    there.set_time((NOW + days * DAY).timestamp())
    assert len(entry.warnings) == len(expected)
    for words, wanted in zip(entry.warnings, expected):
        assert wanted in words


def test_a_certificate_whose_file_is_gone_has_no_warnings(tmp_path):
    file = tmp_path / "ca.der"
    file.write_bytes(old("MD5"))
    entry = radio().certs.install(str(file))
    assert len(entry.warnings) == 1
    file.unlink()
    assert entry.warnings == []


def test_what_cannot_be_read_whole_is_a_warning():
    data = der(ROOT.cert)[:-1]
    assert "cannot be read whole" in warnings(read(Bytes(data), len(data)))[0]


# The command line --------------------------------------------------------------------------------
@pytest.mark.parametrize("says", ["version 1", "for servers", "CA:FALSE"])
def test_bundle_and_trust_take_what_is_no_ca_only_with_self_signed(says, tmp_path):
    file = tmp_path / "mine.der"
    file.write_bytes(made(says, "by itself"))
    bundle = "bundle", "-o", str(tmp_path / "x.bin"), "--no-certifi", "--ca", str(file)
    trust = "trust", "--pem", str(file), "--port", "sim"
    for command in (bundle, trust):
        done = spwf04(*command)
        assert done.code == USAGE and "--self-signed" in done.err
        assert not (tmp_path / "x.bin").exists()
    for command in (bundle, trust):
        assert spwf04(*command, "--self-signed").code == DONE
    assert (tmp_path / "x.bin").exists()


def test_trust_shows_what_speaks_against_a_root(tmp_path):
    file = tmp_path / "old.der"
    file.write_bytes(old("SHA-1"))
    done = spwf04("trust", "--pem", str(file), "--port", "sim")
    assert done.code == DONE and "warning: it is signed with SHA-1" in done.out
