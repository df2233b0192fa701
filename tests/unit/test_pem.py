"""One certificate in any form: name of a file, path, bytes, text, memoryview."""

import pathlib
import re

import pytest

from spwf04 import SSLContext
from spwf04.pki import pem
from spwf04.pki.authority import check
from spwf04.pki.bundle import Bundle, RootList, open_roots
from spwf04_cli.server.roots import file_certificates
from tests.shims.controller import bundle_file, servers
from tests.shims.shapes import Node, der, rsa_key, version_1

PEM = servers().ca.cert_pem.bytes().decode()
OTHER = servers().other_ca.cert_pem.bytes().decode()
KEY = servers().client.private_key_pem.bytes().decode()
BODY = "".join(PEM.strip().split("\n")[1:-1])
DER = bytes(pem.load(PEM))


def wrapped(n, end="\n"):
    lines = re.sub("(.{%d})" % n, "\\1" + end, BODY).strip()
    return f"-----BEGIN CERTIFICATE-----{end}{lines}{end}-----END CERTIFICATE-----{end}"


GOOD = {
    "as it is": PEM,
    "no last line end": PEM.rstrip(),
    "blank line after BEGIN": PEM.replace("-----\nM", "-----\n\nM"),
    "blank line before END": PEM.replace("-----END", "\n-----END"),
    "double-spaced": PEM.replace("\n", "\n\n"),
    "CR LF": PEM.replace("\n", "\r\n"),
    "CR": PEM.replace("\n", "\r"),
    "indented": PEM.replace("\n", "\n   \t"),
    "text around it": "# mine\nsubject=x\n" + PEM + "\nand more\n",
    "one line": PEM.replace("\n", " "),
    "a byte order mark": "\ufeff" + PEM,
    "a key before it": KEY + PEM,
    **{f"{n} columns": wrapped(n) for n in (1, 5, 65, 70, 5000)},
    "70 columns, CR LF": wrapped(70, "\r\n"),
}
BAD = {
    "": "not a certificate",
    "\n": "not a certificate",
    "no certificate": "not a certificate",
    KEY: "holds no certificate",
    PEM.replace("-----END", "-----AND"): "no END CERTIFICATE line|base64 is damaged",
    PEM[: len(PEM) // 2]: "no END CERTIFICATE line",
    PEM.replace("M", "*", 1): "base64 is damaged",
    PEM.replace("\nM", "\n", 1): "base64 is damaged|not a certificate",
    PEM.replace("\nM", "\nM==", 1): "base64 is damaged",
    PEM + OTHER: "holds several certificates",
    PEM + "-----BEGIN CERTIFICATE-----": "holds several certificates",
}


def sources(text, folder):
    """The same certificate in every form that is accepted."""
    data = text.encode()
    file = folder / "given.pem"
    file.write_bytes(data)
    yield from (str(file), file, data, bytearray(data), memoryview(data))
    if "-----BEGIN" in text:
        yield text


def judged(source):
    try:
        return bytes(check(source)[0])
    except ValueError as e:
        return str(e)


@pytest.mark.parametrize("kind", GOOD)
def test_the_same_certificate_is_read_from_every_source(kind, tmp_path):
    assert {judged(s) for s in sources(GOOD[kind], tmp_path)} == {DER}


@pytest.mark.parametrize(("text", "words"), BAD.items(), ids=range(len(BAD)))
def test_what_is_none_is_refused_alike_from_every_source(text, words, tmp_path):
    (said,) = {judged(s) for s in sources(text, tmp_path)}
    assert isinstance(said, str)
    assert re.search(words, said)
    assert said.startswith("certificate: ")


def test_der_from_every_source(tmp_path):
    file = tmp_path / "given.der"
    file.write_bytes(DER)
    for source in (str(file), file, DER, bytearray(DER), memoryview(DER)):
        assert judged(source) == DER


def test_each_certificate_of_several(tmp_path):
    for source in sources("text\n" + PEM + "\n" + KEY + OTHER.replace("\n", "\r\n"), tmp_path):
        found = [bytes(pem.load(each)) for each in pem.certificates(source)]
        assert found == [DER, bytes(pem.load(OTHER))]


@pytest.mark.parametrize("source", [None, 5, 1.5, object(), [1], {}, (x for x in "ab"), 10**9])
def test_what_is_no_source_is_a_type_error_that_names_it(source):
    for function in (pem.load, check, pem.certificates):
        with pytest.raises(TypeError, match=r"^certificate must be"):
            function(source)


def test_a_file_that_is_not_there_is_named_by_its_argument_alone():
    with pytest.raises(FileNotFoundError) as caught:
        pem.load("hunter2", "cafile")
    assert "cafile" in str(caught.value)
    assert "hunter2" not in repr((caught.value, caught.value.__context__, caught.value.filename))


# roots= ----------------------------------------------------------------------------------------
def test_roots_are_told_apart_by_what_is_in_them(tmp_path):
    (tmp_path / "roots.txt").write_text(PEM + OTHER)
    name = bundle_file()
    data = pathlib.Path(name).read_bytes()
    for source in (name, pathlib.Path(name), data, bytearray(data), memoryview(data)):
        assert isinstance(open_roots(source), Bundle)
    for source in (tmp_path / "roots.txt", PEM + OTHER, [PEM, OTHER], (PEM + OTHER,)):
        found = open_roots(source)
        assert isinstance(found, RootList)
        assert len(found) == 2
    assert open_roots(None) is None
    assert open_roots(found) is found


def test_several_are_searched_as_a_bundle_is():
    """A list of CAs is searched by the same digits, and finds what a bundle finds."""
    from spwf04.pki.certificate import Bytes, read

    bundle, several = Bundle(bundle_file()), open_roots([PEM, OTHER])
    for text in (PEM, OTHER):
        der = pem.load(text)
        info = read(Bytes(der), len(der))
        for found in (bundle, several):
            assert [bytes(r.der()) for r in found.by_key(info.ski)] == [der]
            assert der in [bytes(r.der()) for r in found.by_name(info.subject_hash)]
    assert several.by_key("00" * 20) == several.by_name(bytes(32)) == []
    assert [bytes(r.der()) for r in several.all()] == [DER, bytes(pem.load(OTHER))]


def test_a_bundle_that_is_none_is_refused_at_once(tmp_path):
    for source in (b"", b"SPWR", PEM.encode(), tmp_path / "none"):
        with pytest.raises((ValueError, OSError), match="source"):
            Bundle(source)


# What may stand as a CA depends on what the certificate says of itself, and on its signer
ROOT = Node("Root", key=rsa_key(0))
SAYS = {"CA:TRUE": {}, "CA:FALSE": {"ca": False}, "nothing": {"constraints": False}}
SIGNED = {
    "by itself": lambda **says: Node("Mine", key=rsa_key(1), **says),
    "by another": lambda **says: Node("Theirs", ROOT, key=rsa_key(1), **says),
}


@pytest.mark.parametrize("says, version", [*((says, 3) for says in SAYS), ("nothing", 1)])
@pytest.mark.parametrize("signed", SIGNED)
def test_a_ca_says_so_or_vouches_for_itself(says, signed, version, tmp_path):
    made = SIGNED[signed](**SAYS[says])
    data = version_1(made) if version == 1 else der(made.cert)
    file = tmp_path / "ca.der"
    file.write_bytes(data)
    context = SSLContext()
    for take in (
        lambda: check(data),
        lambda: check(str(file)),
        lambda: open_roots([data]),
        lambda: context.load_verify_locations(str(file)),
        lambda: file_certificates(str(file)),
    ):
        if says == "CA:TRUE" or signed == "by itself":
            take()
        else:
            with pytest.raises(ValueError, match="a server's certificate, not a CA's"):
                take()
