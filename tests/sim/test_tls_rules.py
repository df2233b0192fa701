"""How strict the simulated module's TLS is, under each reading: names, rules of X.509, keys."""

import ipaddress
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from spwf04_sim import Flash, Quirks
from spwf04_sim.parts.verify import verify
from spwf04_sim.tls.certificate import Refused
from tests.shims.shapes import DAY, NOW, Node, der, named, rsa_key, signed_with, three

HOST = "www.example.com"
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
ODD = x509.ObjectIdentifier("1.3.6.1.4.1.55555.9")


def refusal(chain, root, name=HOST, now=None, only_rsa=False, **quirks):
    """Return the number with which a chain of Nodes is refused, None if it is trusted."""
    flash = Flash()
    flash.slot["ca"] = der(root.cert if isinstance(root, Node) else root)
    sent = [der(c.cert if isinstance(c, Node) else c) for c in chain]
    try:
        verify(sent, name, flash, Quirks(**quirks), now or time.time(), only_rsa)
    except Refused as e:
        return e.number
    return None


# names -------------------------------------------------------------------------------------------
def with_names(subject, names, name, **quirks):
    """What a server of this name gets, whose certificate has these."""
    root = Node("Root")
    extra = [(x509.SubjectAlternativeName(names), False)] if names else []
    leaf = Node(subject, root, ca=False, extra=extra)
    return refusal([leaf], root, name, **quirks)


HOSTS, ADDRESS = x509.DNSName, x509.IPAddress(ipaddress.ip_address("192.0.2.7"))
NAMES = {  # what: (subject, alternative names, name of the server, readings that take it)
    "the name itself": (None, [HOSTS(HOST)], HOST, "all"),
    "in capitals": (None, [HOSTS("WWW.Example.com")], HOST, "all"),
    "a wildcard": (None, [HOSTS("*.example.com")], HOST, "all"),
    "a wildcard for two labels": (None, [HOSTS("*.example.com")], "a.b.example.com", "deep"),
    "a wildcard for no label": (None, [HOSTS("*.example.com")], "example.com", ""),
    "a part of a label": (None, [HOSTS("w*.example.com")], HOST, "partial"),
    "two wildcards": (None, [HOSTS("w*w*.example.com")], HOST, ""),
    "a wildcard further up": (None, [HOSTS("www.*.com")], HOST, ""),
    "a wildcard for all of a top level": (None, [HOSTS("*.com")], "example.com", ""),
    "a wildcard for a part of an IDN": (None, [HOSTS("xn--*.example.com")], HOST, ""),
    "a wildcard for an IDN": (None, [HOSTS("*.example.com")], "xn--bcher-kva.example.com", "all"),
    "the common name alone": (HOST, [], HOST, "all"),
    "the common name beside others": (HOST, [HOSTS("b.example")], HOST, "cn_beside_san"),
    "an address": (None, [ADDRESS], "192.0.2.7", "all but no_ip"),
    "an address as a host": (None, [HOSTS("192.0.2.7")], "192.0.2.7", "ip_as_text"),
    "an address as common name": ("192.0.2.7", [], "192.0.2.7", "ip_as_text"),
    "a wildcard for an address": (None, [HOSTS("*.0.2.7")], "192.0.2.7", ""),
    "an address, and a host is wanted": (None, [ADDRESS], HOST, ""),
}


@pytest.mark.parametrize("what", NAMES)
def test_which_names_fit_under_which_reading(what):
    subject, names, name, takers = NAMES[what]
    for rules in Quirks.choices()["name_rules"]:
        taken = (
            takers == "all" or rules == takers or takers == "all but no_ip" != "all but " + rules
        )
        expected = None if taken else 5
        assert with_names(subject, names, name, name_rules=rules) == expected, rules


def test_a_letter_that_becomes_k_in_lower_case_is_none():
    kelvin = "\N{KELVIN SIGN}"
    assert kelvin.lower() == "k"
    assert with_names(kelvin + ".example", [], "k.example") == 5


# name constraints --------------------------------------------------------------------------------
def directory(*parts):
    kinds = {"O": NameOID.ORGANIZATION_NAME, "CN": NameOID.COMMON_NAME}
    kinds["C"] = NameOID.COUNTRY_NAME
    return x509.Name([x509.NameAttribute(kinds[kind], text) for kind, text in parts])


def network(text):
    return x509.IPAddress(ipaddress.ip_network(text))


MAIL, URI, DIRECTORY = x509.RFC822Name, x509.UniformResourceIdentifier, x509.DirectoryName
NUMBER, OTHER = x509.RegisteredID(ODD), x509.OtherName(ODD, b"\x05\x00")
COMPANY = DIRECTORY(directory(("C", "DE"), ("O", "Example")))
CONSTRAINTS = {  # what: (rules, names of the leaf beside HOST, permitted, excluded)
    "host": ([HOSTS("example.com")], [], True, False),
    "host, another": ([HOSTS("example.org")], [], False, True),
    "host, with a dot": ([HOSTS(".example.com")], [], True, False),
    "host, the end of a label": ([HOSTS("ample.com")], [], False, True),
    "host, all": ([HOSTS("")], [], True, False),
    "host, wildcard": ([HOSTS("example.com")], [HOSTS("*.example.com")], True, False),
    "host, excluded in part": ([HOSTS("a.example.com")], [HOSTS("*.example.com")], False, False),
    "address": ([network("192.0.2.0/24"), HOSTS("")], [ADDRESS], True, False),
    "address, another": ([network("198.51.100.0/24")], [ADDRESS], False, True),
    "address, IPv6": ([network("2001:db8::/32")], [ADDRESS], False, True),
    "mail": ([MAIL("example.com")], [MAIL("a@example.com")], True, False),
    "mail, of one": ([MAIL("b@example.com")], [MAIL("a@example.com")], False, True),
    "mail, below": ([MAIL(".example.com")], [MAIL("a@b.example.com")], True, False),
    "uri": ([URI("example.com")], [URI("http://example.com/a")], True, False),
    "uri, another": ([URI(".example.com")], [URI("http://example.com/a")], False, True),
    "directory": ([COMPANY], [DIRECTORY(directory(("C", "DE"), ("O", "Example")))], True, False),
    "directory, another": (
        [COMPANY],
        [DIRECTORY(directory(("C", "DE"), ("O", "B")))],
        False,
        True,
    ),
    "number, which it does not know": ([NUMBER], [NUMBER], False, False),
    "another kind, which it does not know": ([OTHER], [OTHER], False, False),
    "another kind, of which the server has none": ([OTHER], [], True, True),
    "address, the server has a network": (
        [network("192.0.2.0/24")],
        [network("192.0.2.0/25")],
        False,
        False,
    ),
}


def constrained(rules, names, permitted, critical=True, **quirks):
    """What a server gets whose CA has these constraints."""
    made = x509.NameConstraints(rules if permitted else None, None if permitted else rules)
    root = Node("Root")
    middle = Node("Middle", root, extra=[(made, critical)])
    extra = [(x509.SubjectAlternativeName([HOSTS(HOST), *names]), True)]
    leaf = Node(None, middle, ca=False, extra=extra)
    return refusal([leaf, middle], root, **quirks)


@pytest.mark.parametrize("what", CONSTRAINTS)
def test_name_constraints(what):
    rules, names, permitted, excluded_others = CONSTRAINTS[what]
    assert constrained(rules, names, True) == (None if permitted else 23)
    assert constrained(rules, names, False) == (None if excluded_others else 23)
    assert constrained(rules, names, True, name_constraints="ignored") is None
    assert constrained(rules, names, True, name_constraints="unknown") == 23
    assert constrained(rules, names, True, critical=False, name_constraints="unknown") is None
    of_hosts = "host" in what
    hosts_alone = constrained(rules, names, True, name_constraints="dns")
    assert hosts_alone == (23 if of_hosts and not permitted else None)


def test_name_constraints_hold_for_a_common_name_and_a_mail_address_in_the_subject():
    root = Node("Root")
    rules = x509.NameConstraints([HOSTS("example.com")], [MAIL("example.org")])
    middle = Node("Middle", root, extra=[(rules, True)])
    assert refusal([Node("www.example.com", middle, ca=False), middle], root) is None
    assert refusal([Node("b.example", middle, ca=False), middle], root, "b.example") == 23
    mail = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@example.org")])
    assert refusal([with_subject(mail, middle), middle], root) == 23


def test_name_constraints_hold_for_a_common_name_beside_addresses():
    root = Node("Root")
    for excluded, taken in (("example.com", False), ("example.org", True)):
        rules = x509.NameConstraints(None, [HOSTS(excluded)])
        middle = Node("Middle", root, extra=[(rules, True)])
        chain = [Node(HOST, middle, hosts=[ADDRESS.value]), middle]
        assert refusal(chain, root, "192.0.2.7") == (None if taken else 23)


def with_subject(subject, issuer):
    """A leaf for HOST with a whole subject."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(issuer.subject, subject, key.public_key(), 77)
    builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
    builder = builder.add_extension(x509.SubjectAlternativeName([HOSTS(HOST)]), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier(issuer.ski, None, None), False)
    return builder.sign(issuer.key, hashes.SHA256())


def test_name_constraints_of_the_root_hold_for_cas_below_it_but_not_for_a_rollover():
    rules = x509.NameConstraints(None, [DIRECTORY(named("Middle"))])
    root = Node("Root", extra=[(rules, True)])
    middle = Node("Middle", root)
    assert refusal([Node(None, middle, hosts=[HOST]), middle], root) == 23
    rules = x509.NameConstraints(None, [DIRECTORY(named("Root"))])
    root = Node("Root", extra=[(rules, True)])
    newer = Node("Root", root)  # its own new key
    assert refusal([Node(None, newer, hosts=[HOST]), newer], root) is None


# rules of X.509 ----------------------------------------------------------------------------------
def _broken_rules():
    """{what: (chain, root, readings of x509_rules that take it)}"""
    found = {}
    lax = ("no_ca_purpose", "ca_flag", "none")
    root = Node("Root")

    def add(what, takers, middle_of=None, leaf_of=None, upper=root):
        middle = Node("Middle", upper, **(middle_of or {}))
        leaf = Node(HOST, middle, hosts=[HOST], **(leaf_of or {}))
        found[what] = [leaf, middle] + ([upper] if upper is not root else []), root, takers

    add("a CA for clients alone", lax, {"eku": [CLIENT]})
    add("a server's certificate for clients alone", lax[1:], leaf_of={"eku": [CLIENT]})
    add("CA:FALSE", lax[2:], {"constraints": False, "extra": [_flag(False)]})
    add("no CA flag", lax[2:], {"constraints": False})
    add("a path too long", lax[1:], upper=Node("Upper", root, path=0))
    add("a CA that may not sign", lax[1:], {"usage": False, "extra": [_usage()]})
    unknown = x509.UnrecognizedExtension(ODD, b"\x05\x00")
    add("an unknown critical extension", lax[1:], leaf_of={"extra": [(unknown, True)]})
    feature = x509.TLSFeature([x509.TLSFeatureType.status_request])
    add("a known one that must not be critical", lax[1:], leaf_of={"extra": [(feature, True)]})
    add("no certificate yet", lax[1:], leaf_of={"extra": [(x509.PrecertPoison(), True)]})
    add("a server that may only sign others", lax[1:], leaf_of={"extra": [_usage(sign=True)]})
    add("another key of its CA", lax[1:], {"aki": bytes(20)}, upper=Node("Upper", root))
    bare = Node("Root", constraints=False, usage=False)
    leaf = Node(HOST, bare, hosts=[HOST])
    found["a root that says nothing of itself"] = [leaf], bare, lax[1:]
    return found


def _flag(ca):
    return x509.BasicConstraints(ca, None), True


def _usage(sign=False):
    usage = dict.fromkeys(
        "content_commitment data_encipherment key_agreement crl_sign encipher_only "
        "decipher_only key_encipherment".split(),
        False,
    )
    return x509.KeyUsage(digital_signature=not sign, key_cert_sign=sign, **usage), True


BROKEN = _broken_rules()


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_of_x509_under_each_reading(what):
    chain, root, takers = BROKEN[what]
    for rules in Quirks.choices()["x509_rules"]:
        expected = None if rules in takers else 23
        assert refusal(chain, root, x509_rules=rules) == expected, rules


def test_a_broken_rule_may_have_a_number_of_its_own():
    chain, root, _ = BROKEN["a CA for clients alone"]
    assert refusal(chain, root, certificate_error_rule=24) == 24


def test_a_ca_for_servers_or_for_all_purposes_is_taken():
    for eku in ([SERVER, CLIENT], [ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]):
        root = Node("Root", eku=eku)
        middle = Node("Middle", root, eku=eku)
        assert refusal([Node(HOST, middle, hosts=[HOST], eku=eku), middle], root) is None


@pytest.mark.parametrize("reading", Quirks.choices()["self_issued"])
def test_a_cas_certificate_for_its_own_new_key(reading):
    old = Node("Root", path=0)
    newer = Node("Root", old)
    leaf = Node(HOST, newer, hosts=[HOST])
    expected = 23 if reading == "counted" else None
    assert refusal([leaf, newer], old, self_issued=reading) == expected


def test_a_rollover_without_identifiers_is_no_root():
    old = Node("Root", ski=False)
    newer = Node("Root", old, aki=False)
    leaf = Node(HOST, newer, hosts=[HOST])
    quirks = {"no_identifier": "slot"}
    assert refusal([leaf, newer], old, **quirks) is None
    # Taken for a root, it is looked for by its own key
    assert refusal([leaf, newer], old, self_issued="by_name", **quirks) == 23


WRITTEN = {  # names that are the same by RFC 5280 7.1 as "Root  of Example", and others
    "in capitals": ("ROOT OF EXAMPLE", _ASN1Type.UTF8String, True),
    "with other blanks": (" Root of   Example ", _ASN1Type.UTF8String, True),
    "in another type": ("Root of Example", _ASN1Type.BMPString, True),
    "another letter": ("Root of Exomple", _ASN1Type.UTF8String, False),
    "in two words": ("Root of Exam ple", _ASN1Type.UTF8String, False),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_an_issuer_that_is_written_otherwise(how):
    text, kind, same = WRITTEN[how]
    root = Node("Root of Example")
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, kind)])
    leaf = Node(HOST, root, hosts=[HOST], issuer_name=name)
    assert refusal([leaf], root) == (None if same else 23)
    assert refusal([leaf], root, issuer_names="bytes") == 23
    assert refusal([Node(HOST, root, hosts=[HOST])], root, issuer_names="bytes") is None


def test_certificates_out_of_order_twice_or_of_others():
    root, middle, leaf = three(HOST)
    other = Node("Other")
    for chain in ([leaf, root, middle], [leaf, middle, middle], [leaf, other, middle], [leaf] * 2):
        expected = 23 if chain[-1] is leaf else None
        assert refusal(chain, root) == expected
        assert refusal(chain, root, chain_order="given") == 23
    for chain in ([leaf, middle], [leaf, middle, root]):
        for lookup in ("top", "each"):
            assert refusal(chain, root, chain_order="given", ca_lookup=lookup) is None


def test_what_is_weak_and_not_needed_does_not_matter():
    root, middle, leaf = three(HOST, rsa_key(0), rsa_key(1), rsa_key(2))
    small = Node("Other", key=rsa_key(5, 1024))
    old = signed_with("SHA-1", Node("Other", root, rsa_key(3)), root.key)
    assert refusal([leaf, middle, small], root) is None
    assert refusal([leaf, middle, old], root) is None


def test_the_first_of_two_issuers_decides():
    """As in OpenSSL: it does not go back to look for another way."""
    root = Node("Root")
    middle = Node("Middle", root)
    false = Node("Middle", root, middle.key, constraints=False, extra=[_flag(False)])
    leaf = Node(HOST, middle, hosts=[HOST])
    assert refusal([leaf, middle, false], root) is None
    assert refusal([leaf, false, middle], root) == 23


def test_more_certificates_than_it_has_memory_for():
    root, middle, leaf = three(HOST)
    assert refusal([leaf] + [middle] * 15, root) is None
    assert refusal([leaf] + [middle] * 16, root) == 22


# keys and signatures -----------------------------------------------------------------------------
@pytest.mark.parametrize("bits", [1024, 1536, 2048])
def test_small_keys(bits):
    root, middle, leaf = three(HOST, rsa_key(5, bits), rsa_key(0), rsa_key(1))
    for least in Quirks.choices()["least_rsa"]:
        expected = None if bits >= least else 22
        assert refusal([leaf, middle], root, least_rsa=least) == expected


@pytest.mark.parametrize(
    ("curve", "takers"),
    [
        (ec.SECP256R1, ("nist", "p256", "more")),
        (ec.SECP384R1, ("nist", "more")),
        (ec.SECP521R1, ("nist", "more")),
        (ec.BrainpoolP256R1, ("more",)),
        (ec.SECP256K1, ("more",)),
    ],
)
def test_curves(curve, takers):
    for keys in ({"key": 1}, {"root_key": 1}):
        made = {name: ec.generate_private_key(curve()) for name in keys}
        root, middle, leaf = three(HOST, **made)
        for algorithms in Quirks.choices()["algorithms"]:
            expected = None if algorithms in takers else 11
            assert refusal([leaf, middle], root, algorithms=algorithms) == expected


def test_keys_and_signatures_of_other_kinds():
    root, middle, leaf = three(HOST, ed25519.Ed25519PrivateKey.generate())
    assert refusal([leaf, middle], root) == refusal([leaf, middle], root, algorithms="more") == 11
    root, middle, leaf = three(HOST, dsa.generate_private_key(1024))
    assert refusal([leaf, middle], root) == refusal([leaf, middle], root, algorithms="more") == 11


def test_rsa_pss():
    root = Node("Root", key=rsa_key(0))
    leaf = Node(HOST, root, rsa_key(1), [HOST])
    builder = x509.CertificateBuilder(
        root.subject, leaf.subject, leaf.key.public_key(), 5, NOW - DAY, NOW + DAY
    )
    for extension in leaf.cert.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    signed = builder.sign(root.key, hashes.SHA256(), rsa_padding=pss)
    assert refusal([signed], root) == 11
    assert refusal([signed], root, algorithms="more") is None


@pytest.mark.parametrize("only_rsa", [False, True])
def test_firmware_1_0_0_knows_rsa_alone(only_rsa):
    root, middle, leaf = three(HOST)
    assert refusal([leaf, middle], root, only_rsa=only_rsa) == (11 if only_rsa else None)
    root, middle, leaf = three(HOST, rsa_key(2), rsa_key(0), rsa_key(1))
    assert refusal([leaf, middle], root, only_rsa=only_rsa) is None


# dates -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("year", [2037, 2038, 2049, 2050, 9999])
def test_dates_far_away(year):
    end = NOW.replace(year=year, month=12, day=31) - NOW
    root = Node("Root", end=end)
    leaf = Node(HOST, root, hosts=[HOST])
    assert refusal([leaf], root) is None
    assert refusal([leaf], root, now=(NOW + end + DAY).timestamp() if year < 9999 else None) == (
        23 if year < 9999 else None
    )


def test_serial_numbers():
    root = Node("Root")
    for serial, expected in ((1, None), ((1 << 159) - 1, None), (0x7FFF, None)):
        leaf = x509.CertificateBuilder(root.subject, named(HOST), root.key.public_key(), serial)
        leaf = leaf.not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
        leaf = leaf.add_extension(x509.AuthorityKeyIdentifier(root.ski, None, None), False)
        assert refusal([leaf.sign(root.key, hashes.SHA256())], root) == expected


@pytest.mark.parametrize("serial", [b"\x00", b"\x80", b"\x7f" * 21])
def test_serial_numbers_that_are_none(serial):
    root = Node("Root")
    leaf = with_serial(Node(HOST, root, hosts=[HOST]), serial, root.key)
    assert refusal([leaf], root) == 11
    assert refusal([leaf], root, certificate_error_parse=23) == 23
    assert refusal([leaf], root, x509_rules="none") is None


def with_serial(node, serial, signer):
    """DER of a certificate with any bytes as its serial number."""
    tbs = node.cert.tbs_certificate_bytes
    content = tbs[4:]
    at = content.index(b"\x02", 5)
    n = content[at + 1]
    content = content[:at] + b"\x02" + bytes((len(serial),)) + serial + content[at + 2 + n :]
    tbs = b"\x30\x82" + len(content).to_bytes(2, "big") + content
    signature = signer.sign(tbs, ec.ECDSA(hashes.SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    body = tbs + algorithm + b"\x03" + bytes((len(signature) + 1, 0)) + signature
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body
