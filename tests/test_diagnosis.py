"""certs.diagnose(): each cause gives its finding and no other. What is right is no finding."""

import time

import pytest
from cryptography import x509

from spwf04 import SPWF04, Bundle, CertificateError, ModuleError, SocketPool, SSLContext
from spwf04.hosttls.cpython import Engine
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
    assert "expired" in str(done.findings[1]), str(done)


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
@pytest.mark.parametrize("number", [23, 24])
def test_what_the_driver_does_not_look_at_is_said_and_no_other_cause_is_claimed(number):
    root = Node("Root of servers")
    rule = x509.NameConstraints([x509.DNSName("elsewhere.example")], None)
    constrained = Node("For elsewhere", root, extra=[(rule, True)])
    chain = [Node(HOST, constrained, hosts=[HOST]), constrained]
    radio, module = joined(quirks=Quirks(certificate_error_rule=number))
    radio.set_time(int(time.time()))
    module.world.route(HOST, 443, says(flight([der(c.cert) for c in chain])))
    radio.certs.install(der(root.cert))
    for roots in (None, Bundle(build([der(root.cert)]))):
        context = SSLContext(engine="module", roots=roots)
        sock = context.wrap_socket(SocketPool(radio).socket())
        with pytest.raises(CertificateError, match=f"Certificate Error:{number}") as e:
            sock.connect((HOST, 443))
        assert "its CA is on the module" in str(e.value)
        assert "a constraint of names" in str(e.value) and "not this server's" not in str(e.value)
    done = radio.certs.diagnose(HOST)
    assert not done.findings
    assert "as far as can be seen" in str(done) and "a CA is constrained" in str(done)


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
    with pytest.raises(OSError, match="closed the connection without an answer") as e:
        sock.connect((HOST, 443))
    assert "no room" not in str(e.value)


# by which way the CA came ------------------------------------------------------------------------
def joined_with(*sent, **options):
    """(radio, module) with a server that sends these certificates."""
    radio, module = joined(**options)
    module.world.route(HOST, 443, says(flight(sent)))
    return radio, module


def refused(radio, context):
    """The exception of a connection by this context."""
    sock = context.wrap_socket(SocketPool(radio).socket())
    with pytest.raises((CertificateError, ModuleError)) as e:
        sock.connect((HOST, 443))
    return e.value


@pytest.mark.parametrize("kind", ["roots", "locations"])
def test_what_is_wrong_above_a_ca_that_a_context_brought_is_found_too(kind):
    middle = certificate("Middle", "Root", 1, 0, days=(-90, -3))
    radio, _ = joined_with(LEAF, middle)
    context = SSLContext(engine="module", roots=[ROOT] if kind == "roots" else None)
    if kind == "locations":
        context.load_verify_locations(cadata=ROOT)
    error = refused(radio, context)
    done = radio.certs.diagnose(HOST, roots=[ROOT])
    first, second = [finding.what for finding in done]
    here = "the CA is not on the module" if kind == "roots" else "the device does not have the CA"
    assert first.startswith(here) and identifier(0) in first
    assert "Middle expired 3 days ago" in second and second in str(error)


def test_a_ca_of_an_earlier_run_in_the_slot_that_has_expired_is_told():
    radio, module = joined_with(LEAF, MIDDLE)
    radio.certs.install(OLD_ROOT)
    radio = again(module, radio.time())
    done = radio.certs.diagnose(HOST)
    found(done, "the CA Root, which is trusted here, expired 5 days ago")
    assert done.findings[0].what in str(refused(radio, SSLContext(engine="module")))


def again(module, now):
    """A new program's radio: the module goes on, and this one knows nothing of it."""
    radio = SPWF04(module.uart("machine"), clock=module.clock)
    radio.connect("home", "correct horse")
    radio.set_time(now)
    return radio


def test_a_fault_is_told_once_though_two_certificates_have_it():
    root = Node("Root", key=rsa_key(0))
    middle = Node("Middle", root, rsa_key(0, 4096))
    again = Node("Middle", root, rsa_key(0, 4096))
    leaf = Node(HOST, middle, rsa_key(1), [HOST])
    sent = [der(node.cert) for node in (leaf, middle, again, middle)]
    done = diagnosis(*sent, cas=[der(root.cert)])
    words = [finding.what for finding in done]
    assert len(words) == len(set(words)) and any("RSA-4096" in text for text in words)


def test_a_ca_that_a_context_has_put_on_the_module_is_not_called_missing_there():
    radio, _ = joined_with(LEAF, MIDDLE)
    refused(radio, SSLContext(engine="module", roots=[ROOT]))  # this server does not go on
    done = radio.certs.diagnose(HOST, roots=[ROOT])
    found(done, "the device does not have the CA, only contexts", identifier(0))


# firmware 1.0.0 ----------------------------------------------------------------------------------
@pytest.mark.parametrize("ways", ["installed", "roots"])
@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_firmware_1_0_0_is_the_cause_if_a_chain_has_ecdsa(kind, ways):
    radio, module = joined(firmware="170216-fd39c59")
    key = [rsa_key(n) for n in range(2)] if kind == "RSA" else [None, None]
    root = Certified("Root", key=key[0])
    server = Certified(HOST, root, [HOST], key=key[1]).server
    server.set_ciphers("ALL")  # the key exchange of firmware 1.0.0 too
    module.world.route(HOST, 443, lambda: TlsPeer(server, []))
    radio.set_time(int(time.time()))
    if ways == "installed":
        radio.certs.install(root.der)
    roots = [root.der] if ways == "roots" else None
    context = SSLContext(engine="module", roots=roots)
    if kind == "RSA":
        with context.wrap_socket(SocketPool(radio).socket()) as sock:
            sock.connect((HOST, 443))
        done = radio.certs.diagnose(HOST)
        assert "firmware" not in str(done)
        return
    error = refused(radio, context)
    done = radio.certs.diagnose(HOST)
    assert "firmware 1.0.0" in str(error) and "knows RSA only" in str(error)
    assert error.remedy == done.findings[0].remedy == "update_firmware"
    assert done.findings[0].what in str(error)


# what was said is not said for ever --------------------------------------------------------------
def serves(module, root, key, **dates):
    """Have a server with a certificate of this root, valid for `dates`, see Certified."""
    context = Certified(HOST, root, [HOST], key=key, **dates).server
    module.world.route(HOST, 443, lambda: TlsPeer(context, []))


def verified(radio, context):
    """Whose TLS verified the server."""
    with context.wrap_socket(SocketPool(radio).socket()) as sock:
        sock.connect((HOST, 443))
        return sock.engine


@pytest.mark.parametrize("engine", ["host", "auto"])
def test_a_server_that_was_renewed_long_after_it_was_asked_is_asked_again(engine):
    radio, module = joined()
    now = int(time.time())
    radio.set_time(now)
    root = Certified("Root", key=rsa_key(0))  # a chain of both kinds: "auto" takes the host's TLS
    context = SSLContext(engine=engine, roots=[root.der])
    serves(module, root, None, days=(-9, 20))
    assert verified(radio, context) == "host"
    serves(module, root, None, days=(-9, 90))
    radio.set_time(now + 30 * 86400)  # the first certificate has ended by now
    assert verified(radio, context) == "host"


@pytest.mark.parametrize("engine", ["host", "auto", "module"])
def test_a_server_that_is_mended_is_asked_again_within_ten_minutes(engine):
    radio, module = joined()
    now = int(time.time())
    radio.set_time(now + 40 * 86400)
    root = Certified("Root")
    context = SSLContext(engine=engine, roots=[root.der])
    serves(module, root, None, days=(-9, 20))
    assert "expired 20 days ago" in str(refused(radio, context))
    serves(module, root, None, days=(-9, 90))
    assert "expired 20 days ago" in str(refused(radio, context))  # not asked again so soon
    later = module.clock.now() + 601
    module.clock.longest = 100000
    while module.clock.now() < later:
        module.clock.idle()
    module.clock.longest = 1
    assert verified(radio, context) == ("host" if engine == "host" else "module")


def test_a_server_that_was_silent_is_asked_again_by_the_hosts_tls(monkeypatch):
    monkeypatch.setattr(Engine, "all_cas", staticmethod(lambda roots: []))  # as on a small board
    radio, module = joined()
    radio.set_time(int(time.time()))
    root = Certified("Root")
    context = SSLContext(engine="host", roots=[root.der])
    module.world.route(HOST, 443, says(None))
    sock = context.wrap_socket(SocketPool(radio).socket())
    with pytest.raises(OSError, match="closed the connection without an answer"):
        sock.connect((HOST, 443))
    serves(module, root, None)
    assert verified(radio, context) == "host"


def damaged(bundle, *ders):
    """A bundle in which a byte of each of these certificates is another."""
    data = bytearray(bundle)
    for each in ders:
        data[bytes(data).index(each) + len(each) - 1] ^= 1
    return Bundle(bytes(data))


def test_a_root_that_a_bundle_has_damaged_is_passed_over_for_another_one():
    other = certificate("Root", "Root", 0, 0, days=(-9, 30))  # the same key
    both = build([ROOT, other])
    for victim in (ROOT, other):
        radio, _ = joined_with(LEAF, MIDDLE)
        refused(radio, SSLContext(engine="module", roots=damaged(both, victim)))
        (entry,) = radio.certs.entries()
        assert bytes(entry.source.der()) == (other if victim is ROOT else ROOT)
    radio, _ = joined_with(LEAF, MIDDLE)
    roots = damaged(both, ROOT, other)
    sock = SSLContext(engine="module", roots=roots).wrap_socket(SocketPool(radio).socket())
    with pytest.raises(ValueError, match="is damaged: copy it to the board again"):
        sock.connect((HOST, 443))
