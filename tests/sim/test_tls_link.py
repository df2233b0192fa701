"""TLS of the simulated module: versions, cipher suites, room, its own certificate; odd servers."""

import base64
import contextlib
import functools
import ssl
import subprocess
import tempfile
import time
import warnings

import pytest
from cryptography.hazmat.primitives import serialization

from spwf04_sim import Peer, Quirks, SimulatedModule, Timing, VirtualClock, World
from spwf04_sim.commands.secure import tls_room
from tests import HANG
from tests.shims.daemons import free_port, need
from tests.shims.flights import flight, says
from tests.shims.shapes import rsa_key
from tests.shims.tlspeer import Certified, TlsPeer
from tests.sim.test_server import Setup, secure

FOLDER = tempfile.TemporaryDirectory()
EC_CA = Certified("EC root")
EC_LEAF = Certified("ec.example", EC_CA, ["ec.example"])
RSA_CA = Certified("RSA root", key=rsa_key(0))
RSA_LEAF = Certified("rsa.example", RSA_CA, ["rsa.example"], key=rsa_key(1))


def server(certified=RSA_LEAF, ciphers="ALL:@SECLEVEL=0", version=None, client_ca=None):
    """Return a function that makes the server's end of a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_files(certified))
    context.set_ciphers(ciphers)
    if ciphers.startswith("DHE"):
        context.load_dh_params(_dh_file())
    if version is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = context.maximum_version = version
    if client_ca is not None:
        context.load_verify_locations(cadata=client_ca.der)
        context.verify_mode = ssl.CERT_REQUIRED
    seen = []

    def made():
        return TlsPeer(context, seen)

    made.seen = seen
    return made


@functools.cache
def _dh_file():
    """The name of a file with parameters for DHE: a prime, which any may be here, and 2."""
    prime = b"\0" + rsa_key(0).private_numbers().p.to_bytes(128, "big")
    der = b"\x30\x81\x87\x02\x81\x81" + prime + b"\x02\x01\x02"
    text = base64.encodebytes(der).decode()
    with tempfile.NamedTemporaryFile("w", suffix=".pem", dir=FOLDER.name, delete=False) as file:
        file.write(f"-----BEGIN DH PARAMETERS-----\n{text}-----END DH PARAMETERS-----\n")
    return file.name


def _files(certified):
    with tempfile.NamedTemporaryFile("w", suffix=".pem", dir=FOLDER.name, delete=False) as file:
        file.write(certified.pem + certified.key_pem)
    return (file.name,)


class Bench:
    """A module in a network, and what it says."""

    def __init__(self, target, host="rsa.example", ca=RSA_CA, firmware="171117-0328fe3", **quirks):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        self.world.route(host, 443, target)
        self.host = host
        self.module = SimulatedModule(
            self.world,
            clock=VirtualClock(),
            timing=Timing.fast(),
            quirks=Quirks(**quirks),
            firmware=firmware,
        )
        self.module.flash.saved = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
        self.module.flash.slot["ca"] = ca.der
        self.module.power_on()
        self.module.clock.advance(1)
        self.module.set_clock(int(EC_CA.certificate.not_valid_before_utc.timestamp()) + 86400 * 10)
        self.ask("AT+S.SCFG=console_echo,0")

    def ask(self, line, data=b"", seconds=2):
        self.module.receive(line.encode() + b"\r" + data)
        self.module.clock.advance(seconds)
        return self.module.transmit().decode("latin-1")

    def open(self, seconds=2):
        host = self.host
        return self.ask(f"AT+S.SOCKON={host},443,NULL,{host}", seconds=seconds)


def opens(*args, **quirks):
    """What a SOCKON answers: "On", or the number of its error."""
    said = Bench(*args, **quirks).open(30)
    return "On" if "AT-S.On:" in said else int(said.partition("AT-S.ERROR:")[2].partition(":")[0])


# versions and cipher suites ----------------------------------------------------------------------
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
def test_which_versions_of_tls_it_takes(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        number = getattr(ssl.TLSVersion, version)
    target = server(version=number)
    assert opens(target) == (74 if version == "TLSv1_3" else "On")
    assert opens(target, tls_versions="1.2") == ("On" if version == "TLSv1_2" else 74)
    if version != "TLSv1_3":  # it verifies in older versions too
        assert "Certificate Error:23" in Bench(target, ca=EC_CA).open()


SUITES = {  # what a server takes: readings of `suites` that reach it
    "AES128-GCM-SHA256": ("ecdhe_rsa", "with_dhe"),
    "AES256-SHA": ("ecdhe_rsa", "no_gcm", "with_dhe"),
    "ECDHE-RSA-AES128-GCM-SHA256": ("ecdhe_rsa", "with_dhe"),
    "ECDHE-RSA-AES128-SHA256": ("ecdhe_rsa", "no_gcm", "with_dhe"),
    "ECDHE-RSA-CHACHA20-POLY1305": (),
    "DHE-RSA-AES128-SHA256": ("with_dhe",),
}


@pytest.mark.parametrize("suite", SUITES)
def test_which_cipher_suites_reach_which_servers(suite):
    for reading in Quirks.choices()["suites"]:
        target = server(ciphers=suite + ":@SECLEVEL=0")
        expected = "On" if reading in SUITES[suite] else 74
        assert opens(target, suites=reading) == expected, reading


OLD = "170216-fd39c59"  # 1.0.0


def test_firmware_1_0_0_has_rsa_key_exchange_alone():
    assert opens(server(), firmware=OLD) == "On"
    for suite in ("ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES128-SHA256"):
        target = server(ciphers=suite + ":@SECLEVEL=0")
        assert opens(target, firmware=OLD, suites="with_dhe") == 74
    ec = server(EC_LEAF), "ec.example", EC_CA
    assert opens(*ec) == "On"
    assert opens(*ec, firmware=OLD) == 74


# room for two ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("firmware", "most"), [("171117-0328fe3", 2), (OLD, 1)])
@pytest.mark.parametrize("number", [74, 75, 91])
def test_one_connection_too_many_over_tls(firmware, most, number):
    bench = Bench(server(), firmware=firmware, tls_clients_error=number)
    for left in range(most, 0, -1):
        assert tls_room(bench.module) == left
        assert "AT-S.On:" in bench.open()
    assert f"AT-S.ERROR:{number}:" in bench.open()
    said = bench.ask("AT+S.HTTPGET=rsa.example,/,443,2,,,,")  # it counts too
    assert "ERROR:111:" in said
    bench.world.route("plain.example", 7, Peer)
    assert "AT-S.On:" in bench.ask("AT+S.SOCKON=plain.example,7,NULL,t")
    assert "AT-S.OK" in bench.ask("AT+S.SOCKC=0")
    assert tls_room(bench.module) == 1
    assert "Status Code:200" in bench.ask("AT+S.HTTPGET=rsa.example,/,443,2,,,,", seconds=15)
    assert tls_room(bench.module) == 1
    assert ":0\r\nAT-S.OK" in bench.open()


def test_a_restart_and_the_loss_of_the_network_make_room():
    bench = Bench(server())
    bench.open(), bench.open()
    assert tls_room(bench.module) == 0
    bench.module.drop_link()
    bench.module.clock.advance(2)
    assert tls_room(bench.module) == 2
    bench.ask("AT+S.SOCKC=0"), bench.ask("AT+S.SOCKC=1")
    bench.open()
    assert tls_room(bench.module) == 1
    bench.module.restart()
    assert tls_room(bench.module) == 2


def test_a_server_that_is_refused_takes_no_room():
    bench = Bench(server(), ca=EC_CA)
    for _ in range(3):
        assert "Certificate Error:23" in bench.open()
    assert tls_room(bench.module) == 2


# servers that do odd things ----------------------------------------------------------------------
def wrapped(target, before=b"", replace=None):
    """A server whose first record has other bytes before it, or is changed."""

    class Wrapped(Peer):
        def __init__(self):
            super().__init__()
            self._inner = target()

        def on_data(self, data):
            first = not self._inner.outgoing and not hasattr(self, "begun")
            self.begun = True
            self._inner.on_data(data)
            sent, self._inner.outgoing = bytes(self._inner.outgoing), bytearray()
            if first:
                sent = before + (replace(sent) if replace else sent)
            self.send(sent)

    return Wrapped


WARNING = bytes.fromhex("15030300020170")  # unrecognized_name


def test_a_warning_before_the_certificates_does_not_spare_their_verification():
    assert opens(wrapped(server(), WARNING)) == "On"
    assert "Certificate Error:23" in Bench(wrapped(server(), WARNING), ca=EC_CA).open()


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_a_handshake_in_records_of_any_size_is_verified(size):
    def cut(sent):
        out = b""
        while sent[:1] == b"\x16":
            end = 5 + int.from_bytes(sent[3:5], "big")
            body, sent = sent[5:end], sent[end:]
            parts = [body[at : at + size] for at in range(0, len(body), size)]
            out += b"".join(b"\x16\x03\x03" + len(p).to_bytes(2, "big") + p for p in parts)
        return out + sent

    assert opens(wrapped(server(), replace=cut)) == "On"
    assert "Certificate Error:23" in Bench(wrapped(server(), replace=cut), ca=EC_CA).open()


def test_a_server_without_certificates_is_not_trusted():
    anonymous = server(ciphers="ADH-AES128-SHA256:@SECLEVEL=0")
    assert opens(anonymous) == 74

    assert "Certificate Error:23" in Bench(says(flight([]))).open()


@pytest.mark.parametrize(("reading", "goes_on"), [("refused", False), ("done", True)])
def test_a_server_that_renegotiates(reading, goes_on):
    port = free_port()
    command = [need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_2"]
    command += ["-cert", _files(RSA_LEAF)[0]]
    bench = Bench(("127.0.0.1", port), renegotiation=reading)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            end = time.monotonic() + HANG
            while "AT-S.On:" not in bench.open():
                assert time.monotonic() < end
            said = ""
            for typed in (b"R\n", b"hello\n"):
                process.stdin.write(typed)
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.flush()
                until = time.monotonic() + 0.5
                while time.monotonic() < until:
                    said += bench.ask("AT", seconds=0.1)
            while "+WIND:58:" not in said and "+WIND:55:" not in said:
                assert time.monotonic() < end
                said += bench.ask("AT", seconds=0.1)
        finally:
            process.kill()
    assert ("+WIND:58:" in said) != goes_on
    assert ("+WIND:55:" in said) == goes_on


# its own certificate -----------------------------------------------------------------------------
OWN = Certified("device", RSA_CA, ["device"], key=rsa_key(2))
LARGE = Certified("device", RSA_CA, [f"device-{n}.example" for n in range(60)], key=rsa_key(2))


def pkcs1(certified, form="TraditionalOpenSSL", encoding="DER"):
    return certified.key.private_bytes(
        getattr(serialization.Encoding, encoding),
        getattr(serialization.PrivateFormat, form),
        serialization.NoEncryption(),
    )


def shown(quirks=None, **placed):
    """The name in the certificate that the module shows; None if it shows none."""
    target = server(client_ca=RSA_CA)
    bench = Bench(target, **(quirks or {}))
    flash = bench.module.flash
    if "files" in placed:
        flash.files[1, RSA_CA.ski + ".ca"] = bytearray(flash.slot.pop("ca"))
        for name, data in placed.pop("files").items():
            flash.files[1, name] = bytearray(data)
    for what, data in placed.items():
        said = bench.ask(f"AT+S.TLSCERT={what},{len(data)}", data)
        assert "AT-S.OK" in said
    said = bench.open(30)
    if "AT-S.On:" in said:
        bench.ask("AT+S.SOCKW=0,1", b"x")
    return target.seen[0] if target.seen else None


def test_which_forms_of_its_own_certificate_and_key_it_takes():
    for cert in (OWN.der, OWN.pem.encode(), (OWN.pem + RSA_CA.pem).encode()):
        for key in (pkcs1(OWN), pkcs1(OWN, encoding="PEM")):
            if len(cert) <= 1475:
                assert shown(cert=cert, key=key) == "device"
    for encoding in ("DER", "PEM"):
        key = pkcs1(OWN, "PKCS8", encoding)
        assert shown(cert=OWN.der, key=key) is None
        assert shown({"own_key": "pkcs8"}, cert=OWN.der, key=key) == "device"


def test_an_own_certificate_that_is_too_large_is_refused_and_in_a_file_not_shown():
    assert len(LARGE.der) > 1475
    bench = Bench(server())
    said = bench.ask(f"AT+S.TLSCERT=cert,{len(LARGE.der)}")
    assert "ERROR:32:" in said
    for own, expected in ((OWN, "device"), (LARGE, None)):
        files = {"tls.cert": own.der, "tls.key": pkcs1(own)}
        assert shown(files=files) == expected


def test_a_server_of_the_module_takes_clients_of_any_ca_in_a_file():
    setup = Setup()
    flash = setup.module.flash
    flash.files.update(
        {
            (1, "tls.cert"): bytearray(OWN.der),
            (1, "tls.key"): bytearray(pkcs1(OWN)),
            (1, EC_CA.ski + ".ca"): bytearray(EC_CA.der),
            (1, RSA_CA.ski + ".ca"): bytearray(RSA_CA.pem.encode()),
            (1, "00.ca"): bytearray(b"no certificate"),
        }
    )
    setup.ask("AT+S.SOCKDON=443,s2")
    for client in (EC_LEAF, RSA_LEAF, None):
        context = ssl.create_default_context(cadata=RSA_CA.pem)
        context.check_hostname = False
        if client is not None:
            context.load_cert_chain(*_files(client))
        _, answer = secure(setup, context)
        assert (answer == b"yes") == (client is not None), answer
        setup.ask("AT+S.SOCKDR=0,0,0"), setup.ask("AT+S.SOCKDC=0,0")


def test_a_server_of_the_module_without_a_usable_certificate_takes_no_clients():
    setup = Setup()
    setup.module.flash.files[1, "tls.cert"] = bytearray(LARGE.der)
    setup.module.flash.files[1, "tls.key"] = bytearray(pkcs1(LARGE))
    setup.ask("AT+S.SOCKDON=443,s1")
    context = ssl.create_default_context(cadata=RSA_CA.pem)
    text, answer = secure(setup, context)
    assert isinstance(answer, OSError)
    assert "+WIND:62:" in text and "+WIND:61:" not in text


# TLSCERT -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("ca", 2),
        ("ca,", 2),
        ("ca,0", 33),
        ("ca,x", 33),
        ("ca,4097", 32),
        ("cert,1476", 32),
        ("f_ca,10", 7),
        ("ca,10,1", 6),
        ("content,3", 7),
        ("content", 2),
    ],
)
def test_what_tlscert_does_not_take(line, error):
    assert f"AT-S.ERROR:{error}:" in Bench(server()).ask("AT+S.TLSCERT=" + line)


def test_the_area_is_filled_listed_and_cleaned():
    bench = Bench(server())
    slot = bench.module.flash.slot
    for what, data in (("Ca", RSA_CA.der), ("AUTH", bytes(20)), ("key", pkcs1(OWN))):
        said = bench.ask(f"AT+S.TLSCERT={what},{len(data)}", data)
        assert ("SubjectKeyId:" in said) == (what == "Ca")
    assert set(slot) == {"ca", "auth", "key"}
    for text in Quirks.choices()["content_text"]:
        bench = Bench(server(), content_text=text)
        assert len(bench.ask("AT+S.TLSCERT=content,1").splitlines()) == 2
    assert len(bench.ask("AT+S.TLSCERT=content,2").splitlines()) == 2
    assert bench.module.flash.slot == {}
