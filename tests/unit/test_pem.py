"""What people have in a file: read, or named, alike from the name of a file, a path, bytes, text,
the command line, on CPython and on MicroPython."""

import functools
import json
import pathlib
import re
import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spwf04 import SSLContext
from spwf04.pki.authority import check
from spwf04.pki.identity import read_key
from spwf04.pki.pem import is_content
from spwf04.pki.source import certificates, load
from spwf04.roots.bundle import Bundle
from spwf04.roots.search import RootList, open_roots
from spwf04_cli.output import DONE, USAGE
from spwf04_cli.server.roots import Roots, file_certificates, usable_certificates
from tests import chance, sample
from tests.cli import spwf04
from tests.cli.benches import says
from tests.shims import forms, micropython
from tests.shims.credentials import bundle_file, servers

PEM = servers().ca.cert_pem.bytes().decode()
OTHER = servers().other_ca.cert_pem.bytes().decode()
KEY = servers().client.private_key_pem.bytes().decode()
DER = bytes(load(PEM))

TAKEN, NAMED, KEYS = forms.taken(), forms.named(), forms.keys()
CONTENTS = {
    **{form: content for form, (content, _) in TAKEN.items()},
    **{form: content for form, (content, _) in NAMED.items()},
    **{"key, " + form: content for form, (content, _) in KEYS.items()},
}


def sources(data, folder):
    """The same content in every form that is accepted."""
    file = folder / "given.pem"
    file.write_bytes(data)
    yield from (str(file), file, data, bytearray(data), memoryview(data))
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    if is_content(text):
        yield text


def outcome(function, source):
    """What a function reads from a source: hex of DER, or of each DER; or the words of the
    ValueError."""
    try:
        found = function(source)
    except ValueError as e:
        return re.sub(r"^(certificate|cafile|/\S+\.pem(?:, certificate \d of \d)?): ", "", str(e))
    if isinstance(found, list):
        return [bytes(load(each)).hex() for each in found]
    return bytes(found).hex()


def key(source):
    return read_key(source).der


@pytest.mark.parametrize("form", TAKEN)
def test_what_people_have_is_read_alike_from_every_source(form, tmp_path):
    data, ders = TAKEN[form]
    ders = [der.hex() for der in ders]
    for source in sources(data, tmp_path):
        assert outcome(certificates, source) == ders
        if len(ders) == 1:
            assert outcome(load, source) == ders[0]
            assert outcome(lambda s: check(s)[0], source) == ders[0]
        else:
            assert f"holds {len(ders)} certificates, and one is" in outcome(load, source)
        context = SSLContext()
        context.load_verify_locations(**{"cafile" if _is_name(source) else "cadata": source})
        assert len(context.cas) == len(ders)
        if not isinstance(source, memoryview):
            assert len(open_roots(source)) == len(ders)
    file = str(tmp_path / "given.pem")
    assert outcome(file_certificates, file) == ders
    assert sorted(der.hex() for der in Roots([file], certifi=False).ders) == sorted(ders)


def _is_name(source):
    return isinstance(source, pathlib.Path) or (isinstance(source, str) and not is_content(source))


@pytest.mark.parametrize("form", NAMED)
def test_what_is_none_is_named_alike_from_every_source(form, tmp_path):
    data, words = NAMED[form]
    found = {outcome(f, s) for s in sources(data, tmp_path) for f in (load, certificates)}
    (said,) = found | {outcome(file_certificates, str(tmp_path / "given.pem"))}
    assert isinstance(said, str) and re.search(words, said)


@pytest.mark.parametrize("form", KEYS)
def test_keys_are_read_and_named_alike_from_every_source(form, tmp_path):
    data, expected = KEYS[form]
    (said,) = {outcome(key, s) for s in sources(data, tmp_path)}
    if isinstance(expected, bytes):
        assert said == expected.hex()
    else:
        assert re.search(expected, said.removeprefix("keyfile: "))


@functools.cache
def damaged():
    """120 contents of files with damage: cut, changed, doubled."""
    random = chance("damaged forms")
    names = sorted(CONTENTS)
    found = {}
    for n in range(120):
        data = bytearray(CONTENTS[random.choice(names)][:5000] or b"-")
        for _ in range(random.randint(1, 3)):
            at = random.randrange(len(data))
            how = random.randrange(4)
            if how == 0:
                data[at] = random.choice(b"-\r\n =0\0\x80\xff" + bytes([random.randrange(256)]))
            elif how == 1:
                data[at : at + random.randint(1, 40)] = b"-" if len(data) < 2 else b""
            elif how == 2:
                data[at:at] = data[at : at + random.randint(1, 60)]
            data = data or bytearray(b"-")
        found[f"damaged {n}"] = bytes(data)
    return found


@pytest.mark.parametrize("face", ["as it is", "small"])
def test_micropython_says_the_same(face, tmp_path):
    contents = {**CONTENTS, **damaged()}
    names = sample(sorted(contents), 150 if face == "as it is" else 50, face)
    folder = tmp_path / "files"
    folder.mkdir()
    for n, name in enumerate(names):
        (folder / f"{n:03}.pem").write_bytes(contents[name])
    script = micropython.ROOT / "tests" / "shims" / "mp_forms.py"
    path = [micropython.compiled(), micropython.ROOT / "tests"]
    if face != "as it is":
        path.insert(0, micropython.absent(*micropython.ABSENT[face]))
    code, output = micropython.run(script, [str(folder)], None, "1m", path)
    assert code == 0, output[-500:]
    seen = set()
    for line in output.splitlines():
        file, way, *theirs = json.loads(line)
        seen.add(file)
        name = names[int(file[:3])]
        source = contents[name]
        ours = [outcome(f, source) for f in (load, certificates, key)]
        theirs = [re.sub("^certificate: ", "", t) if isinstance(t, str) else t for t in theirs]
        assert theirs == ours, (name, way)
    assert len(seen) == len(names)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_in_a_file_nothing_but_a_clear_error_is_raised(data):
    content = bytearray(CONTENTS[data.draw(st.sampled_from(sorted(CONTENTS)))][:5000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        part = data.draw(st.one_of(st.binary(max_size=9), st.sampled_from(TOKENS)))
        content[at : at + data.draw(st.sampled_from([0, 1, 2, 40, 5000]))] = part
    content = bytes(content)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "x.pem"
        file.write_bytes(content)
        for function in (load, certificates, key):
            assert outcome(function, content) == outcome(function, str(file))
        try:
            found, left_out = usable_certificates(str(file))
            assert len(found) + len(left_out) > 0
        except ValueError:
            pass


TOKENS = [b"-----BEGIN CERTIFICATE-----\n", b"\n-----END CERTIFICATE-----\n", b"\xff\xfe", b"\xfe"]
TOKENS += [b"\x30\x82\xff\xff", b"\x30\x80", b"====", b"\r", b"\0", b"-----BEGIN PKCS7-----\n"]


# Files -----------------------------------------------------------------------------------------
def test_a_plain_pem_is_read_without_the_code_for_what_is_none(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "spwf04.pki.kinds", None)
    file = tmp_path / "all.pem"
    file.write_bytes((PEM + KEY + OTHER).encode() * 100)  # larger than what is read at once
    assert outcome(certificates, str(file)) == [DER.hex(), bytes(load(OTHER)).hex()]
    assert outcome(load, DER) == DER.hex()
    assert key(KEY)


@pytest.mark.parametrize("function", [load, certificates, key, file_certificates])
def test_a_folder_and_a_missing_file_are_os_errors(function, tmp_path):
    with pytest.raises(IsADirectoryError):
        function(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        function(str(tmp_path / "none.pem"))


def test_a_huge_file_is_refused_and_not_read_into_memory(tmp_path):
    file = tmp_path / "huge.bin"
    with open(file, "wb") as f:
        f.truncate(50_000_000)
    for function in (load, key):
        assert "larger than 64 KB" in outcome(function, str(file))


def test_a_certificate_of_several_that_has_gone_is_told(tmp_path):
    for data in (PEM + OTHER, forms.taken()["two in PKCS#7"][0]):
        file = tmp_path / "two.pem"
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        one, two = certificates(str(file))
        assert load(one) != load(two)
        file.write_bytes(b"\n" + PEM.encode())
        with pytest.raises(ValueError, match=r"certificate: this file has changed"):
            two.der()


def test_the_command_line_takes_and_names_them(tmp_path):
    p7b, p12 = tmp_path / "cas.p7b", tmp_path / "ca.p12"
    p7b.write_bytes(TAKEN["two in PKCS#7"][0])
    p12.write_bytes(NAMED["PKCS#12"][0])
    made = str(tmp_path / "roots.bin")
    done = spwf04("bundle", "-o", made, "--no-certifi", "--ca", str(p7b))
    assert done.code == DONE and "2 roots" in done.out
    for command in (
        ("bundle", "-f", "-o", made, "--no-certifi", "--ca"),
        ("trust", "--port", "sim", "--pem"),
        ("check", "www.example.com", "--roots"),
    ):
        done = spwf04(*command, str(p12))
        assert done.code == USAGE and says(done.err, "PKCS#12") and says(done.err, "-nokeys")


# Arguments --------------------------------------------------------------------------------------
@pytest.mark.parametrize("source", [None, 5, 1.5, object(), [1], {}, (x for x in "ab"), 10**9])
def test_what_is_no_source_is_a_type_error_that_names_it(source):
    for function in (load, check, certificates):
        with pytest.raises(TypeError, match=r"^certificate must be"):
            function(source)


def test_a_file_that_is_not_there_is_named_by_its_argument_alone():
    with pytest.raises(FileNotFoundError) as caught:
        load("hunter2", "cafile")
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
        der = load(text)
        info = read(Bytes(der), len(der))
        for found in (bundle, several):
            assert [bytes(r.der()) for r in found.by_key(info.ski)] == [der]
            assert der in [bytes(r.der()) for r in found.by_name(info.subject_hash)]
    assert several.by_key("00" * 20) == several.by_name(bytes(32)) == []
    assert [bytes(r.der()) for r in several.all()] == [DER, bytes(load(OTHER))]


def test_a_bundle_that_is_none_is_refused_at_once(tmp_path):
    for source in (b"", b"SPWR", PEM.encode(), tmp_path / "none"):
        with pytest.raises((ValueError, OSError), match="source"):
            Bundle(source)
    with pytest.raises(OSError, match="spwf04 bundle makes it"):
        Bundle("roots.bin")
