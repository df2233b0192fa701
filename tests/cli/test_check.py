"""spwf04 check: what it prints, its exit code, and hosts that are no server for the module."""

import json
import ssl
import warnings

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spwf04_cli.output import DONE, FAILED, USAGE
from spwf04_cli.server.ask import ask, target
from spwf04_cli.server.roots import Roots
from tests.cli import spwf04
from tests.cli.benches import says
from tests.scenarios.hosts import REFUSED
from tests.shims import awkward
from tests.shims.names import names
from tests.shims.servers import servers
from tests.shims.shapes import DAY, Node, Shape, ShapeServer, der, good, rsa_key, three

CERTIFI = Roots()


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory):
    """A PEM file of the test servers' CAs."""
    file = tmp_path_factory.mktemp("roots") / "test-cas.pem"
    made = servers()
    file.write_bytes(b"".join(ca.cert_pem.bytes() for ca in (made.ca, made.other_ca, made.rsa_ca)))
    return str(file)


@pytest.fixture
def world():
    """The test servers under their names; add more."""
    targets = dict(servers().targets)
    with names(targets):
        yield targets


def check(*arguments):
    """(exit code, document) of spwf04 check … --json."""
    done = spwf04("check", *arguments, "--json")
    assert done.err == ""
    return done.code, json.loads(done.out)


def one(*arguments):
    """Check a single server, to which the check says no; returns its reasons in one text."""
    code, found = check(*arguments)
    assert code == FAILED and found["ok"] is False
    (server,) = found["servers"]
    assert server["ok"] is False
    return " ".join(r["what"] for r in server["reasons"])


# yes and no ----------------------------------------------------------------------------------
def test_a_server_within_reach_is_yes_and_0(world, ca_file):
    code, found = check("www.example.com", "--roots", ca_file)
    assert code == DONE and found["ok"] is True
    (server,) = found["servers"]
    assert server["versions"] == ["TLS 1.2", "TLS 1.3"]
    assert server["suite"] == "ECDHE-ECDSA-AES128-GCM-SHA256"
    assert server["openssl"] == {"verified": True, "code": 0, "words": "verified"}
    assert server["root"]["from"] == "test-cas.pem"
    assert server["needs"]["file"] == server["chain"][-1]["aki"] + ".ca"
    assert server["reasons"] == [] and server["warnings"] == []


def test_one_server_out_of_reach_makes_it_no_and_1(world, ca_file):
    code, found = check("www.example.com", "mixed.example", "--roots", ca_file)
    assert code == FAILED and found["ok"] is False
    assert [s["ok"] for s in found["servers"]] == [True, False]
    assert [r["error"] for r in found["servers"][1]["reasons"]] == [11]


def test_the_tree_shows_the_chain_and_the_file_that_is_needed(world, ca_file):
    done = spwf04("check", "www.example.com", "mixed.example", "--roots", ca_file)
    assert done.code == FAILED
    assert "www.example.com:443  yes" in done.out
    assert "mixed.example:443  no" in done.out
    assert "file on the module: " in done.out
    assert "mixes RSA and ECDSA" in " ".join(done.out.split())
    assert "Certificate Error:11" in " ".join(done.out.split())


def test_an_unknown_root_is_named_with_its_file(world):
    code, found = check("www.example.com")
    (server,) = found["servers"]
    assert code == FAILED
    assert server["root"] is None
    assert server["needs"]["file"] == server["chain"][-1]["aki"] + ".ca"
    assert server["needs"]["subject"] in server["reasons"][0]["what"]


def test_another_name_can_be_asked_for(world, ca_file):
    world["127.0.0.1", 8443] = world["www.example.com", 443]
    code, found = check("127.0.0.1:8443", "--name", "www.example.com", "--roots", ca_file)
    assert code == DONE, found
    assert "not for 127.0.0.1" in one("127.0.0.1:8443", "--roots", ca_file)
    shown = " ".join(
        spwf04(
            "check", "127.0.0.1:8443", "--name", "www.example.com", "--roots", ca_file
        ).out.split()
    )
    assert "spwf04 trust 127.0.0.1:8443 --name www.example.com --roots" in shown


def test_a_servers_own_certificate_is_to_be_trusted_as_that(world, tmp_path):
    own = Node("own.example", hosts=["own.example"], constraints=False)
    world["own.example", 443] = ShapeServer(Shape("own.example", [own.cert], own.key, [])).address
    file = tmp_path / "own.pem"
    file.write_text(own.cert.public_bytes(Encoding.PEM).decode())
    shown = " ".join(spwf04("check", "own.example", "--roots", str(file)).out.split())
    assert shown.endswith("--self-signed"), shown


def test_what_expires_soon_is_a_warning_only(world, tmp_path):
    root, middle, _ = three("soon.example")
    leaf = Node("soon.example", middle, hosts=["soon.example"], end=10 * DAY)
    shape = Shape("soon.example", [leaf.cert, middle.cert], leaf.key, [root.cert])
    server = ShapeServer(shape)
    world["soon.example", 443] = server.address
    file = tmp_path / "root.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(shape.root_ders()[0]))
    for days, warned in (("14", True), ("5", False)):
        code, found = check("soon.example", "--roots", str(file), "--warn-days", days)
        said = found["servers"][0]["warnings"]
        assert code == DONE
        assert bool(said) == warned
        assert all("soon.example" in words and "days" in words for words in said)
    server.close()


def test_a_key_that_is_weak_by_todays_rules_is_a_no(world, tmp_path):
    root, middle, leaf = three("weak.example", rsa_key(0, 1024), rsa_key(0), rsa_key(1))
    shape = Shape("weak.example", [leaf.cert, middle.cert], leaf.key, [root.cert])
    server = ShapeServer(shape, "ALL:@SECLEVEL=0")
    world["weak.example", 443] = server.address
    file = tmp_path / "root.der"
    file.write_bytes(shape.root_ders()[0])
    code, found = check("weak.example", "--roots", str(file))
    assert code == FAILED
    reasons = found["servers"][0]["reasons"]
    assert ["1024" in r["what"] for r in reasons] == [True], reasons
    server.close()


def test_a_server_that_wants_a_client_certificate_is_yes_with_a_hint(world, ca_file):
    code, found = check("mutual.example", "--roots", ca_file)
    assert code == DONE, found
    assert found["servers"][0]["asks_client_certificate"] is True
    assert "1475" in found["servers"][0]["warnings"][0]


def test_without_certifi_only_the_files_are_trusted(world, ca_file):
    code, _ = check("www.example.com", "--no-certifi", "--roots", ca_file)
    assert code == DONE
    assert spwf04("check", "www.example.com", "--no-certifi").code == USAGE


# no server for the module --------------------------------------------------------------------
def test_tls_1_3_alone(world, ca_file):
    assert "does not speak TLS 1.2" in one("modern.example", "--roots", ca_file)
    _, found = check("modern.example", "--roots", ca_file)
    assert found["servers"][0]["versions"] == ["TLS 1.3"]
    assert found["servers"][0]["openssl"]["verified"] is True


def _old(context):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")


def test_a_server_of_tls_1_0_alone_is_yes_with_a_warning(world, tmp_path):
    kind = trustme.KeyType.RSA
    ca = trustme.CA(key_type=kind)
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(file)
    certificate = ca.issue_cert("old.example", key_type=kind)
    with awkward.serving(awkward.tls(certificate, _old)) as world["old.example", 443]:
        code, found = check("old.example", "--roots", str(file))
        assert "its CA is not trusted here" in one("old.example")
    assert code == DONE, found
    assert found["servers"][0]["versions"] == ["TLS 1.0"]
    assert "TLS 1.0" in found["servers"][0]["warnings"][0]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (awkward.says(b"SSH-2.0-OpenSSH_9.6\r\n"), "does not speak TLS on this port"),
        (awkward.says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak TLS on this port"),
        (awkward.says(b"\x15\x03\x03\x00\x02\x02\x28"), "no cipher or key in common"),
        (awkward.says(b"\x15\x03\x03\x00\x02\x02\x70"), "no such host on this server"),
        (awkward.leaves, "closed the connection without an answer"),
        (awkward.resets, "broke off the connection"),
        (awkward.floods, "more than 65536 bytes"),
    ],
)
def test_a_server_that_is_none_is_told_in_a_line(world, answer, words):
    with awkward.serving(answer) as world["odd.example", 443]:
        assert words in one("odd.example")


@pytest.mark.parametrize(
    "answer",
    [
        awkward.silent,
        awkward.drips,
        awkward.says(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"),
    ],
)
def test_a_server_that_hangs_is_left_after_the_time_out(world, answer):
    with awkward.serving(answer) as world["hangs.example", 443]:
        words = one("hangs.example", "--timeout", "0.5")
    assert words == "the server is silent for 0.5 s; it may not speak TLS"


def test_no_such_name(world):
    assert one("nobody.invalid") == "the name nobody.invalid does not resolve"


def test_an_address_that_the_module_cannot_use(world):
    world["six.example", 443] = None
    assert "has no IPv4 address" in one("six.example")


def test_nothing_listens(world):
    world["closed.example", 443] = awkward.closed()
    assert "connection refused" in one("closed.example")


def test_no_answer_to_a_connection(world):
    with awkward.full() as world["full.example", 443]:
        assert one("full.example", "--timeout", "0.5") == "no answer within 0.5 s"


def test_the_others_are_checked_all_the_same_and_in_order(world, ca_file):
    with awkward.serving(awkward.silent) as world["hangs.example", 443]:
        hosts = ["hangs.example", "nobody.invalid", "www.example.com", "mixed.example"]
        code, found = check(*hosts, "--roots", ca_file, "--timeout", "8")
    assert code == FAILED
    assert [s["host"] for s in found["servers"]] == hosts
    assert [s["ok"] for s in found["servers"]] == [False, False, True, False]


def test_a_server_that_falls_silent_after_its_certificates(world, ca_file):
    chain = awkward.tls(servers().leaf, lambda context: None)
    answer = awkward.first_then(chain, awkward.silent)
    with awkward.serving(answer) as world["www.example.com", 443]:
        words = one("www.example.com", "--roots", ca_file, "--timeout", "8")
    assert "the handshake fails in OpenSSL" in words


def test_names_in_certificates_cannot_write_on_the_terminal(world):
    name = "escape.example"
    root, middle, _ = three(name)
    leaf = Node("\x1b[31mred\x1b[0m [bold]bold[/bold]", middle, hosts=[name])
    server = ShapeServer(Shape(name, [leaf.cert, middle.cert], leaf.key, [root.cert]))
    world[name, 443] = server.address
    done = spwf04("check", name)
    server.close()
    assert "\x1b" not in done.out
    assert "[bold]bold[/bold]" in done.out


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_a_server_sends_there_is_an_answer(data):
    shape = good()[0]
    whole = _flight(shape)
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    with awkward.serving(awkward.says(bytes(damaged[: data.draw(st.integers(1, 6000))]))) as where:
        with names({(shape.name, 443): where}):
            answer = ask(shape.name, 443, None, CERTIFI, 0.05)
    assert (answer.error is None) == (answer.chain is not None)
    assert answer.verified is False


def _flight(shape):
    """The first flight of a server with this chain."""
    from spwf04.pki.handshake import client_hello

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = ShapeServer(shape)
    context = server._context
    server.close()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    made = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(client_hello(shape.name.encode(), bytes(32)))
    with pytest.raises(ssl.SSLWantReadError):
        made.do_handshake()
    return outgoing.read()


# arguments -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("www.example.com", ("www.example.com", 443)),
        ("mqtt.example.org:8883", ("mqtt.example.org", 8883)),
        ("192.0.2.7:4433", ("192.0.2.7", 4433)),
        ("https://www.example.com/path?x=1", ("www.example.com", 443)),
        ("https://www.example.com:8443", ("www.example.com", 8443)),
        ("mqtts://broker.example", ("broker.example", 8883)),
        ("WWW.Example.COM.", ("www.example.com", 443)),
        ("xn--bcher-kva.example", ("xn--bcher-kva.example", 443)),
        ("https://user:word@www.example.com/", ("www.example.com", 443)),
    ],
)
def test_how_a_server_is_named(text, meant):
    assert target(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":443",
        "a b",
        "host:0",
        "host:65536",
        "host:x",
        "host:",
        "[::1]:443",
        "2001:db8::1",
        "ftp://host",
        "https://host:x",
        "host/path",
        "a\r\nb",
        "s",
        "ü" * 300,
        "bücher.example",
        "a..b",
        "1.2.3",
    ],
)
def test_what_is_no_name_is_a_usage_error_before_anything_is_asked(text):
    done = spwf04("check", "www.example.com", "--", text)
    assert done.code == USAGE
    assert done.out == ""
    assert len(done.err) > 20


def test_the_rule_for_hosts_is_the_drivers():
    for text, word in REFUSED:
        if isinstance(text, str) and (text.count(":") != 1 or "@" in text):  # else a port
            with pytest.raises(ValueError, match=word):
                target(text)
    assert target("ECHO.example.") == ("echo.example", 443)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example.", "xn--bcher-kva.example"),
        ("faß.example", None),  # two standards, two forms
        ("a..ü", None),
    ],
)
def test_a_name_beyond_ascii_is_told_its_form_if_that_is_certain(text, form):
    with pytest.raises(ValueError, match="xn-- form") as e:
        target(text)
    assert str(e.value).rpartition(": ")[2] == form or (form is None and "xn--b" not in str(e))


def test_what_stands_before_a_host_is_not_shown():
    for text in ("user:secret@host", "ftp://user:secret@host", "https://user:secret@a..b"):
        with pytest.raises(ValueError) as e:
            target(text)
        assert "secret" not in str(e.value)


def test_a_name_goes_with_one_host():
    assert spwf04("check", "a.example", "b.example", "--name", "c.example").code == USAGE


@pytest.mark.parametrize("content", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_of_roots_that_holds_none_is_a_usage_error(content, tmp_path):
    file = tmp_path / "roots.pem"
    file.write_bytes(content)
    done = spwf04("check", "www.example.com", "--roots", str(file))
    assert done.code == USAGE
    assert says(done.err, "roots.pem")
    assert spwf04("check", "www.example.com", "--roots", str(tmp_path / "none")).code == USAGE


def test_the_next_command_trusts_what_this_one_did(tmp_path):
    own = Node("localhost", hosts=["localhost"], constraints=False)
    server = ShapeServer(Shape("localhost", [own.cert], own.key, []))
    file = tmp_path / "own.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(der(own.cert)))
    here = f"localhost:{server.address[1]}"
    done = spwf04("check", here, "--roots", str(file), "--no-certifi")
    server.close()
    assert done.code == DONE
    said = "".join(done.out.split())  # the file's name may be broken over lines
    assert f"spwf04trust{here}--roots{file}" in said and "--self-signed" in said
