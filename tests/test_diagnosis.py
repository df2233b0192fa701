"""certs.diagnose(): each cause gives its finding and no other. What is right is no finding."""

import time

import pytest
from cryptography import x509

from spwf04 import Bundle, CertificateError, ModuleError, SocketPool, SSLContext
from spwf04_cli.server.roots import build
from spwf04_sim import Quirks
from tests.shims.flights import (
    HOST,
    LEAF,
    MIDDLE,
    ROOT,
    alert,
    certificate,
    flight,
    joined,
    key,
    says,
)
from tests.shims.shapes import Node, der, rsa_key
from tests.shims.tlspeer import Certified, TlsPeer

OLD_ROOT = certificate("Root", "Root", 0, 0, days=(-900, -5))
OTHER = certificate("Other", "Other", 9, 9)


def identifier(n):
    """The key identifier of a CA with this key, as in names of files."""
    from cryptography import x509

    return x509.SubjectKeyIdentifier.from_public_key(key(n).public_key()).digest.hex()


def diagnosis(*sent, cas=(), prepare=None, **options):
    """The Diagnosis of a server that sends these certificates."""
    radio, module = joined()
    module.world.route(HOST, 443, says(flight(sent)))
    for ca in cas:
        radio.certs.install(ca)
    if prepare:
        prepare(radio, module)
    return radio.certs.diagnose(HOST, **options)


def found(done, *words):
    """Check that there is one finding, with these words in it."""
    assert len(done.findings) == 1, str(done)
    for word in words:
        assert word in str(done.findings[0]), str(done)
    assert str(done).count("\n1. ") == 1


def test_nothing_is_wrong():
    done = diagnosis(LEAF, MIDDLE, cas=[ROOT])
    assert (list(done), len(done), bool(done)) == ([], 0, True)
    assert "nothing is wrong" in str(done)
    assert str(done).count("ok: ") == len(done.passed) > 5


@pytest.mark.parametrize("cas", [[ROOT], [OTHER, ROOT], [ROOT, OTHER]])
def test_a_ca_in_place_is_found_among_others(cas):
    assert not diagnosis(LEAF, MIDDLE, cas=cas).findings


def test_not_joined():
    found(diagnosis(LEAF, prepare=lambda radio, _: radio.disconnect()), "not joined")


def test_a_ca_in_place_that_has_expired_and_for_how_long():
    done = diagnosis(LEAF, MIDDLE, cas=[OLD_ROOT])
    found(done, "Root", "expired 5 days ago")


def test_a_ca_in_place_below_the_one_that_is_looked_for():
    done = diagnosis(LEAF, MIDDLE, cas=[MIDDLE])
    found(done, '"Root"', identifier(0))


def test_a_ca_that_is_missing_and_where_it_is():
    found(diagnosis(LEAF, MIDDLE), "Root", identifier(0))
    found(diagnosis(LEAF, MIDDLE, roots=Bundle(build([ROOT]))), identifier(0), "among the roots")
    found(diagnosis(LEAF, MIDDLE, roots=Bundle(build([OTHER]))), identifier(0), "not among")


def test_a_server_with_its_own_certificate_is_to_be_pinned():
    own = certificate(HOST, HOST, 5, 5, ca=False)
    found(diagnosis(own), "pin(")


@pytest.mark.parametrize(
    ("days", "words"),
    [((-90, -3), "expired 3 days ago"), ((3, 90), "not valid yet, for 3 days")],
)
def test_a_certificate_that_is_out_of_date(days, words):
    leaf = certificate(HOST, "Middle", 2, 1, ca=False, days=days)
    middle = certificate("Middle", "Root", 1, 0, days=days)
    found(diagnosis(leaf, MIDDLE, cas=[ROOT]), HOST, words)
    found(diagnosis(LEAF, middle, cas=[ROOT]), "Middle", words)


@pytest.mark.parametrize("days", [(0, 90), (-9, 0)])
def test_a_certificate_is_in_date_from_its_first_second_to_its_last(days):
    leaf = certificate(HOST, "Middle", 2, 1, ca=False, days=days)
    assert not diagnosis(leaf, MIDDLE, cas=[ROOT]).findings
    assert not diagnosis(LEAF, MIDDLE, cas=[certificate("Root", "Root", 0, 0, days=days)]).findings


def test_a_file_that_holds_another_certificate_than_its_name_says():
    def swap(radio, module):
        module.flash.files[2, identifier(0) + ".ca"] = bytearray(OTHER)

    done = diagnosis(LEAF, MIDDLE, prepare=swap)
    assert identifier(0) in str(done.findings[0]), str(done)
    old = certificate("Middle", "Root", 1, 0, days=(-900, -5))
    done = diagnosis(LEAF, old, prepare=swap)
    assert identifier(0) in str(done.findings[0]), str(done)  # the likelier cause comes first
    assert "expired 5 days ago" in str(done.findings[1]), str(done)


@pytest.mark.parametrize("number", [40, 70, 71])
def test_a_server_that_has_no_cipher_or_version_in_common_is_beyond_the_module(number):
    def refuses(radio, module):
        module.world.route(HOST, 443, says(alert(number), None))

    found(diagnosis(prepare=refuses), "cannot take this server")


@pytest.mark.parametrize("number", [20, 41, 69, 72, 80])
def test_another_alert_says_nothing_of_the_module(number):
    def refuses(radio, module):
        module.world.route(HOST, 443, says(alert(number), None))

    done = diagnosis(prepare=refuses)
    assert len(done.findings) == 1
    assert "cannot take this server" not in str(done)


def test_a_name_that_does_not_resolve_and_a_port_that_is_closed():
    radio, module = joined()
    found(radio.certs.diagnose("nowhere.example"), "nowhere.example", "resolve")
    module.world.route(HOST, 443, says(flight([LEAF])))
    done = radio.certs.diagnose(HOST, 444)
    found(done, "444", HOST)
    assert "resolve" not in str(done)


def test_a_clock_that_is_not_set():
    radio, module = joined(clock_is_set=False)
    module.world.route(HOST, 443, says(flight([LEAF, MIDDLE])))
    radio.certs.install(ROOT)
    found(radio.certs.diagnose(HOST), "clock is not set")


# what the driver cannot see ----------------------------------------------------------------------
def _unseen():
    """{what: chain and root as Nodes} of servers that the module refuses for a reason at which the
    driver does not look."""
    root = Node("Root of servers")
    clients = Node("For clients", root, eku=[x509.ExtendedKeyUsageOID.CLIENT_AUTH])
    none = Node("May not sign", root, usage=False, extra=[(KeyUsage, True)])
    rule = x509.NameConstraints([x509.DNSName("elsewhere.example")], None)
    constrained = Node("For elsewhere", root, extra=[(rule, True)])
    cas = {"purpose": clients, "usage": none, "constraints": constrained}
    return {what: ([Node(HOST, ca, hosts=[HOST]), ca], root) for what, ca in cas.items()}


KeyUsage = x509.KeyUsage(True, *[False] * 8)
UNSEEN = _unseen()


@pytest.mark.parametrize("number", [23, 24])
@pytest.mark.parametrize("what", UNSEEN)
def test_what_the_driver_does_not_look_at_is_said_and_no_other_cause_is_claimed(what, number):
    chain, root = UNSEEN[what]
    radio, module = joined(quirks=Quirks(certificate_error_rule=number))
    radio.set_time(int(time.time()))
    module.world.route(HOST, 443, says(flight([der(c.cert) for c in chain])))
    radio.certs.install(der(root.cert))
    said = []
    for roots in (None, Bundle(build([der(root.cert)]))):
        context = SSLContext(engine="module", roots=roots)
        sock = context.wrap_socket(SocketPool(radio).socket())
        with pytest.raises(CertificateError, match=f"Certificate Error:{number}") as e:
            sock.connect((HOST, 443))
        said.append(str(e.value))
    if number == 23:  # without roots the server is not asked
        assert "objects to something else" in said[0]
    else:
        assert "undocumented" in said[0]
    assert "its CA is on the module" in said[1] and "a constraint of a CA" in said[1]
    assert "not this server's" not in said[1]
    done = radio.certs.diagnose(HOST)
    assert not done.findings
    assert "as far as can be seen" in str(done) and "constraints of the CAs" in str(done)


@pytest.mark.parametrize("firmware", ["170216-fd39c59", "171117-0328fe3"])
@pytest.mark.parametrize("number", [74, 75, 91])
def test_one_connection_too_many_by_the_modules_tls_is_called_that(number, firmware):
    radio, module = joined(quirks=Quirks(tls_clients_error=number), firmware=firmware)
    root = Certified("RSA root", key=rsa_key(0))
    context = Certified(HOST, root, [HOST], key=rsa_key(1)).server
    context.set_ciphers("ALL")  # the key exchange of firmware 1.0.0 too
    module.world.route(HOST, 443, lambda: TlsPeer(context, []))
    radio.set_time(int(time.time()))
    radio.certs.install(root.der)
    opened = []

    def opens():
        sock = SSLContext(engine="module").wrap_socket(SocketPool(radio).socket())
        sock.connect((HOST, 443))
        opened.append(sock)

    for _ in range(1 if firmware.startswith("17021") else 2):
        opens()
    with pytest.raises(ModuleError, match="no room for another connection by its TLS") as e:
        opens()
    assert e.value.code == number
    opened.pop().close()
    opens()


def test_an_error_74_with_room_left_is_not_called_a_lack_of_room():
    radio, module = joined()
    radio.certs.install(ROOT)
    module.world.route(HOST, 443, says(None))
    sock = SSLContext(engine="module").wrap_socket(SocketPool(radio).socket())
    with pytest.raises(ModuleError) as e:
        sock.connect((HOST, 443))
    assert "no room" not in str(e.value)
