"""spwf04 bundle: of what a user has, with what is said of it, and how old a bundle is."""

import json
import os
import ssl

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from spwf04 import Bundle
from spwf04.roots.bundling import make
from spwf04_cli import times
from spwf04_cli.checklist import NOTE, OK, WARNING
from spwf04_cli.output import DONE, FAILED, USAGE
from spwf04_cli.server import listed
from spwf04_cli.server.bundles import bundle_age
from spwf04_cli.server.roots import build, certifi_roots, info
from tests.cli import spwf04
from tests.shims.shapes import DAY, Node, Shape, ShapeServer, der, rsa_key, signed_with, three
from tools import common_roots

YEAR = 365 * 86400


def digest(node):
    return node.cert.fingerprint(hashes.SHA256()).hex()


def pem(folder, *made):
    """The name of a file with these certificates: Nodes or DER."""
    file = folder / f"{len(list(folder.iterdir()))}.pem"
    found = [der(getattr(each, "cert", each)) for each in made]
    file.write_text("".join(ssl.DER_cert_to_PEM_cert(each) for each in found))
    return str(file)


def ders(file):
    return sorted(bytes(root.der()) for root in Bundle(str(file)).all())


@pytest.fixture
def serve():
    """A function that has a server send these nodes, its own first; it returns HOST:PORT."""
    servers = []

    def started(*nodes):
        shape = Shape("localhost", [n.cert for n in nodes], nodes[0].key, [])
        servers.append(ShapeServer(shape))
        return f"localhost:{servers[-1].address[1]}"

    yield started
    for server in servers:
        server.close()


@pytest.fixture
def made(tmp_path):
    """A function that runs spwf04 bundle for tmp_path/out.bin."""
    return lambda *arguments: spwf04("bundle", "-o", str(tmp_path / "out.bin"), *arguments)


# a private server ----------------------------------------------------------------------------
def test_the_ca_of_a_private_server_is_taken_by_the_fingerprint_that_a_person_compared(
    serve, made, tmp_path
):
    root, middle, leaf = three("localhost")
    where = serve(leaf, middle, root)
    done = made("--from", where)
    assert done.code == FAILED and "Nothing was written" in done.out
    shown = digest(root).upper()
    assert ":".join(shown[n : n + 2] for n in range(0, 64, 2)) in done.out.replace("\n", "")
    shown = json.loads(made("--from", where, "--json").out)
    assert [each["sha256"] for each in shown["sends"]] == [digest(n) for n in (leaf, middle, root)]
    assert shown["file"] is None and list(tmp_path.iterdir()) == []
    for n, ca in enumerate((root, middle)):
        done = made("--from", where, "--fingerprint", digest(ca), "--json", *["--force"] * n)
        assert done.code == DONE, done.err
        assert json.loads(done.out)["origin"] == where
        assert ders(tmp_path / "out.bin") == [der(ca.cert)]


def test_a_server_that_is_reached_by_its_address_has_a_name_of_its_own(serve, made, tmp_path):
    root, middle, leaf = three("broker.lan")
    where = serve(leaf, middle, root)
    arguments = ["--from", where, "--fingerprint", digest(root)]
    refused = made(*arguments)
    assert refused.code == FAILED and ".;" not in refused.err
    done = made(*arguments, "--name", "broker.lan")
    assert done.code == DONE and "1 root," in done.out
    assert ders(tmp_path / "out.bin") == [der(root.cert)]
    assert made("--from", where, "a.example", "--name", "b.example", "--force").code == USAGE


def test_beside_it_stands_what_files_and_certifi_have(serve, made, tmp_path):
    root, middle, leaf = three("localhost")
    other = Node("Other CA")
    arguments = ["--from", serve(leaf, middle, root), "--fingerprint", digest(root), "--force"]
    assert made(*arguments, "--ca", pem(tmp_path, other)).code == DONE
    assert ders(tmp_path / "out.bin") == sorted([der(root.cert), der(other.cert)])
    done = made(*arguments, "--common", "--json")
    assert json.loads(done.out)["roots"] > 30
    assert json.loads(done.out)["origin"].startswith(arguments[1] + " + certifi ")


def refused_from(made, tmp_path, words, *arguments):
    done = made("--from", *arguments)
    assert done.code in (FAILED, USAGE)
    assert words in " ".join(done.err.replace("│", " ").split()), done.err
    assert not (tmp_path / "out.bin").exists()


def test_what_is_not_the_ca_of_this_server_is_not_taken_whatever_its_fingerprint(
    serve, made, tmp_path
):
    root, middle, leaf = three("localhost")
    stranger = Node("Root of others")
    where = serve(leaf, middle, stranger)
    for words, value in (
        ("sends no certificate with this fingerprint", digest(root)),
        ("is not verified with this certificate", digest(stranger)),
        ("itself, not its CA's", digest(leaf)),
        ("64 hex digits", "AB:CD"),
    ):
        refused_from(made, tmp_path, words, where, "--fingerprint", value)
    root, middle, leaf = three("elsewhere.example")
    where = serve(leaf, middle, root)
    refused_from(made, tmp_path, "mismatch", where, "--fingerprint", digest(root))
    done = made("--fingerprint", digest(root))
    assert done.code == USAGE and "--from" in done.err


@pytest.mark.parametrize("constraints", [True, False])
def test_a_certificate_that_signs_itself_is_taken_only_if_the_user_says_so(
    constraints, serve, made, tmp_path
):
    own = Node("localhost", hosts=["localhost"], constraints=constraints)
    where = serve(own)
    arguments = [where, "--fingerprint", digest(own)]
    refused_from(made, tmp_path, "signs itself", *arguments)
    assert made("--from", *arguments, "--self-signed").code == DONE
    assert ders(tmp_path / "out.bin") == [der(own.cert)]


def test_an_old_root_that_a_server_sends_is_refused_in_words_for_this_command(
    serve, made, tmp_path
):
    root = Node("Old root", constraints=False, usage=False)
    where = serve(Node("localhost", root, hosts=["localhost"]), root)
    arguments = [where, "--fingerprint", digest(root)]
    refused_from(made, tmp_path, "--self-signed takes it", *arguments)
    assert "radio." not in made("--from", *arguments).err  # that is for programs


# files -----------------------------------------------------------------------------------------
def test_old_roots_and_weak_signatures_are_taken_with_a_word(made, tmp_path):
    old = Node("Old root", end=-1 * DAY)
    young = Node("Young root", start=9 * DAY)
    above = Node("Above", key=rsa_key(0))
    weak = signed_with("SHA-1", Node("Weak issuer", above, rsa_key(1)), rsa_key(0))
    good = signed_with("SHA-1", Node("Good root", key=rsa_key(2)), rsa_key(2))
    small = Node("Small root", key=rsa_key(0, 1024))
    done = made("--no-certifi", "--ca", pem(tmp_path, old, young, weak, good, small), "--json")
    assert done.code == DONE, done.err
    said = json.loads(done.out)["warnings"]
    for name, words in (
        ("Old root", "expired on"),
        ("Young root", "is not valid before"),
        ("Weak issuer", "SHA-1"),
        ("Small root", "RSA-1024"),
    ):
        (told,) = [each for each in said if name in each and words in each]
        assert f"Warning: {told}" in " ".join(done.err.split())
    assert len(said) == 4


def test_a_servers_certificate_is_refused(made, tmp_path):
    root, middle, leaf = three("www.example.com")
    done = made("--no-certifi", "--ca", pem(tmp_path, leaf))
    assert done.code == USAGE and not (tmp_path / "out.bin").exists()
    done = made("--no-certifi", "--ca", pem(tmp_path, leaf, middle, root))
    assert "left out" in done.err and len(ders(tmp_path / "out.bin")) == 2


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_p7b_is_taken_by_the_command_and_by_the_board_alike(encoding, made, tmp_path):
    cas = [Node("One").cert, Node("Two").cert]
    file = tmp_path / "cas.p7b"
    file.write_bytes(pkcs7.serialize_certificates(cas, encoding))
    assert made("--no-certifi", "--ca", str(file)).code == DONE
    assert make(file, tmp_path / "board.bin") == 2
    expected = sorted(der(ca) for ca in cas)
    assert ders(tmp_path / "out.bin") == ders(tmp_path / "board.bin") == expected


# the roots that most servers use ---------------------------------------------------------------
def test_the_common_roots_are_those_of_certifi_that_the_list_names(made, tmp_path):
    done = made("--common", "--json")
    result = json.loads(done.out)
    found = ders(tmp_path / "out.bin")
    assert set(found) < set(certifi_roots())
    assert len(found) == result["roots"] >= len(listed.NAMES) - len(result["missing"]) > 30
    assert set(result["missing"]) < set(listed.NAMES)
    names = {info(each).subject for each in found}
    assert {"ISRG Root X1", "ISRG Root X2", "GTS Root R4", "Amazon Root CA 1"} < names
    assert 4 * result["bytes"] < len(build(certifi_roots())) * 1.1
    assert listed.DATE in result["origin"]


def test_the_list_is_made_from_esp_idfs_table():
    rows = "".join(f'"Someone, Inc.",{name}\n' for name in listed.NAMES)
    table = "Owner,Common Name or Certificate Name\n" + rows
    made = common_roots.source(table, listed.COMMIT, listed.DATE)
    assert made == common_roots.TARGET.read_text("utf-8")


# the file --------------------------------------------------------------------------------------
def test_nothing_is_overwritten_unless_told_to_and_then_at_once(made, tmp_path, monkeypatch):
    ca = pem(tmp_path, Node("Mine"))
    out = tmp_path / "out.bin"
    out.write_bytes(b"precious")
    done = made("--no-certifi", "--ca", ca)
    assert done.code == FAILED and "--force" in done.err and out.read_bytes() == b"precious"

    def full(old, new):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        done = made("--no-certifi", "--ca", ca, "--force")
    assert done.code == FAILED and "No space" in done.err
    assert out.read_bytes() == b"precious"
    assert made("--no-certifi", "--ca", ca, "--force").code == DONE
    assert len(Bundle(str(out))) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.pem", "out.bin"]


def test_a_link_remains_and_what_is_no_file_is_refused(tmp_path):
    ca = pem(tmp_path, Node("Mine"))
    (tmp_path / "real.bin").write_bytes(b"")
    os.symlink(tmp_path / "real.bin", tmp_path / "link.bin")
    options = ["--no-certifi", "--ca", ca, "--force"]
    assert spwf04("bundle", "-o", str(tmp_path / "link.bin"), *options).code == DONE
    assert (tmp_path / "link.bin").is_symlink() and len(Bundle(tmp_path / "real.bin")) == 1
    for wrong in (tmp_path, "/dev/null"):
        done = spwf04("bundle", "-o", str(wrong), *options)
        assert done.code == USAGE and "is no file" in done.err
    done = spwf04("bundle", *options)
    assert done.code == USAGE and "name the file" in done.err


# what a bundle holds ---------------------------------------------------------------------------
def shown(tmp_path, data):
    """(exit code, document, text) of spwf04 bundle --show."""
    file = tmp_path / "shown.bin"
    file.write_bytes(data)
    done = spwf04("bundle", "--show", str(file), "--json")
    text = spwf04("bundle", "--show", str(file))
    assert text.code == done.code
    return done.code, json.loads(done.out), text.out


def test_show_names_date_origin_and_the_roots_that_end(tmp_path):
    now = times.now()
    ends = {"ends": 100 * DAY, "ended": -2 * DAY, "lasts": 800 * DAY}
    found = [der(Node(name, start=-900 * DAY, end=end).cert) for name, end in ends.items()]
    code, result, text = shown(tmp_path, build(found, "ours.pem", now - 2 * 86400))
    assert code == DONE
    assert (result["roots"], result["age_days"], result["old"]) == (3, 2, False)
    assert [root["subject"] for root in result["ending"]] == ["ends"]
    assert [root["subject"] for root in result["expired"]] == ["ended"]
    assert result["withdrawn"] == result["damaged"] == []
    assert "ours.pem, 2 days ago" in text and "expired: ended" in text
    assert "ends within a year: ends" in text


def test_show_tells_what_is_damaged(tmp_path):
    good = build(certifi_roots()[:4], "certifi", 1)
    for data, words in (
        (good[:-1] + bytes([good[-1] ^ 1]), "is damaged"),
        (good[:-1], "ends too early"),
        (good[:26] + bytes([good[26] ^ 1]) + good[27:], "the index does not lead to it"),
    ):
        code, result, text = shown(tmp_path, data)
        assert code == FAILED
        assert any(words in each for each in result["damaged"]) and "damaged: " in text


def test_show_tells_which_roots_certifi_has_not_any_more(tmp_path):
    gone = der(Node("Withdrawn Root").cert)
    mine = build([*certifi_roots()[:2], gone], "certifi 2020.1.1", times.now())
    _, result, text = shown(tmp_path, mine)
    assert [root["subject"] for root in result["withdrawn"]] == ["Withdrawn Root"]
    assert "Withdrawn Root" in text
    for origin in ("certifi 2020.1.1 + ours.pem", "ours.pem", "certifi 2999.1.1"):
        _, result, _ = shown(tmp_path, build([gone], origin, times.now()))
        assert result["withdrawn"] == []


def test_how_old_a_bundle_is():
    now = 1900000000
    roots = certifi_roots()[:1]
    for made, state, words in (
        (0, NOTE, "does not say when"),
        (now, OK, "today"),
        (now - 86400, OK, "1 day ago"),
        (now - YEAR, OK, "365 days ago"),
        (now - YEAR - 86400, WARNING, "may be withdrawn"),
        (now + 86400, WARNING, "in the future by this clock"),
    ):
        found = bundle_age(Bundle(build(roots, "certifi 1", made)), now)
        assert found[0] == state and words in found[1] and "from certifi 1" in found[1]
        assert bool(found[2]) == (state == WARNING)
    found = bundle_age(Bundle(build(roots, "", now)), now)
    assert " from" not in found[1]
