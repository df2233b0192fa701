"""The forum thread "SPWF04 - TLS anonymous negotiation": each of its questions and failures.

docs/faq.md answers them in prose and names these tests.
"""

import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04 import SPWF04, Bundle, CertificateError, SocketPool, SSLContext
from spwf04_sim import Quirks, SimulatedModule, Timing, VirtualClock, World
from tests import HANG
from tests.shims.credentials import bundle_file, servers

HOST = "www.example.com"


class Desk:
    """A fresh module, as the author of the thread has it: joined, with the clock set."""

    def __init__(self, clock_set=True, **quirks):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        for (host, port), target in servers().targets.items():
            self.world.route(host, port, target)
        clock = VirtualClock(longest=20)
        self.module = SimulatedModule(
            self.world, quirks=Quirks(**quirks), clock=clock, timing=Timing.fast()
        )
        self.module.power_on()
        self.radio = SPWF04(self.module.uart("machine"), clock=clock)
        self.radio.connect("home", "correct horse")
        if clock_set:
            self.radio.set_time(int(time.time()))

    def page(self, host=HOST, context=None):
        context = context or SSLContext(engine="module")
        sock = context.wrap_socket(SocketPool(self.radio).socket(), server_hostname=host)
        with sock:
            sock.connect((host, 443))
            sock.send(b"GET / HTTP/1.0\r\n\r\n")
            return sock.read()

    def put(self, name, data):
        """Write a file by hand, as the author did."""
        self.module.flash.files[2, name] = bytearray(data)


def ca_pem():
    return servers().ca.cert_pem.bytes()


def ca_der():
    return x509.load_pem_x509_certificate(ca_pem()).public_bytes(Encoding.DER)


def ca_ski():
    extensions = x509.load_pem_x509_certificate(ca_pem()).extensions
    return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()


@pytest.fixture
def roots():
    return Bundle(bundle_file())


def test_is_anonymous_negotiation_possible_no_and_the_driver_says_what_instead():
    with pytest.raises(ValueError, match="no anonymous TLS"):
        SSLContext().verify_mode = 0
    with pytest.raises(CertificateError, match=r"radio\.certs\.install"):
        Desk().page()


def test_must_i_load_a_ca_onto_each_client_module_no_one_call_does_it(roots):
    desk = Desk()
    assert desk.page(context=SSLContext(roots=roots)).startswith(b"HTTP/1.0 200")
    fresh = Desk(clock_set=False)
    fresh.world.ntp = int(time.time())
    assert fresh.radio.certs.install_for(HOST, roots=roots).engine == "module"


def test_do_i_need_key_files_or_other_tlscert_commands_no():
    desk = Desk()
    desk.radio.certs.install(ca_pem())
    assert desk.page().startswith(b"HTTP/1.0 200")
    assert sorted(desk.module.flash.slot) == ["ca"]


def test_a_ca_in_a_file_while_the_flash_slot_is_filled_is_certificate_error_23():
    desk = Desk()
    other = servers().other_ca.cert_pem.bytes()
    desk.radio.certs.install(other)
    desk.put(ca_ski() + ".ca", ca_der())
    found = desk.radio.certs.diagnose(HOST).findings
    assert "flash slot is filled" in found[0].what
    lines = []
    desk.module.traffic = lambda way, data: lines.append(data)
    assert desk.page().startswith(b"HTTP/1.0 200")  # the driver empties the slot, and tries again
    assert b"AT-S.Certificate Error:23\r\n" in b"".join(lines)
    assert desk.module.flash.slot == {}


def test_a_file_name_with_capitals_is_certificate_error_23():
    desk = Desk()
    desk.put(ca_ski().upper() + ".ca", ca_der())
    with pytest.raises(CertificateError):
        desk.page()
    assert "capitals" in desk.radio.certs.diagnose(HOST).findings[0].what
    desk.radio.certs.install(ca_pem())
    assert desk.page().startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize("inside", ["der", "pem"])
def test_der_or_pem_in_the_file_the_driver_finds_out(inside):
    desk = Desk(ca_file_encoding=inside, slot_lookup=False)
    desk.radio.certs.install(ca_pem())
    assert desk.page().startswith(b"HTTP/1.0 200")
    (data,) = desk.module.flash.files.values()
    assert data.startswith(b"-----BEGIN") == (inside == "pem")


def test_a_malformed_certificate_is_refused_before_it_is_sent():
    desk = Desk()
    before = desk.module.bytes_in
    for bad in (ca_der()[:-1], ca_pem()[:-40], b"-----BEGIN CERTIFICATE-----\n", b"x"):
        with pytest.raises(ValueError):
            desk.radio.certs.install(bad)
    assert desk.module.bytes_in == before


def test_a_clock_that_is_not_set_is_told_before_the_connection_is_tried():
    desk = Desk(clock_set=False)
    desk.radio.certs.install(ca_pem())
    with pytest.raises(CertificateError, match="clock is not set"):
        desk.page()
    assert not [c for c in desk.module.log if "SOCKON" in c]
    desk.world.ntp = int(time.time())
    assert desk.radio.ntp()
    assert desk.page().startswith(b"HTTP/1.0 200")


def test_the_cross_check_with_openssl_s_client_takes_the_very_file(tmp_path):
    desk = Desk(ca_file_encoding="pem", slot_lookup=False)
    desk.radio.certs.install(ca_pem())
    desk.page()
    ((name, data),) = [(n, bytes(d)) for (_, n), d in desk.module.flash.files.items()]
    assert name == ca_ski() + ".ca"
    (tmp_path / name).write_bytes(data)
    host, port = servers().targets[HOST, 443]
    done = subprocess.run(
        [
            "openssl",
            "s_client",
            "-CAfile",
            name,
            "-connect",
            f"{host}:{port}",
            "-servername",
            HOST,
        ],
        cwd=tmp_path,
        input=b"",
        capture_output=True,
        timeout=HANG,
        check=False,
    )
    assert b"Verify return code: 0 (ok)" in done.stdout


def test_the_servers_certificate_from_the_browser_instead_of_the_root_is_refused():
    leaf = servers().leaf.cert_chain_pems[0].bytes()
    with pytest.raises(ValueError, match="install the root that signed it"):
        Desk().radio.certs.install(leaf)


def test_a_self_signed_server_without_subject_key_identifier(tmp_path):
    desk = Desk()
    pin = desk.radio.certs.pin
    with pytest.raises(CertificateError) as e:  # shows the fingerprint, for a person to compare
        pin("self.example")
    cer = tmp_path / "server.cer"
    cer.write_bytes(servers().self_signed.certificate.public_bytes(Encoding.DER))
    command = ["openssl", "x509", "-inform", "der", "-in", str(cer), "-noout", "-fingerprint"]
    printed = subprocess.run(
        [*command, "-sha256"], capture_output=True, text=True, check=True
    ).stdout
    fingerprint = printed.strip().partition("=")[2]
    assert fingerprint in str(e.value)
    done = pin("self.example", fingerprint=fingerprint)
    assert done.entry.ski  # computed, RFC 5280 method 1
    assert desk.page("self.example", SSLContext()).startswith(b"HTTP/1.0 200")


def test_certificate_error_23_names_the_ca_that_is_missing():
    with pytest.raises(CertificateError) as e:
        Desk().page(context=SSLContext())
    assert e.value.code == 23
    assert ca_ski() in str(e.value)
    assert 'its CA is not trusted here: "trustme' in str(e.value)


def test_which_ca_does_a_server_need_discovery_answers():
    chain = Desk().radio.certs.discover(HOST)
    assert chain.certificates[-1].aki == ca_ski()
