"""Root bundles: the desktop's builder and the MCU's reader."""

import array
import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04 import Bundle
from spwf04.pki.certificate import Bytes, read
from spwf04.roots.bundling import make
from spwf04.roots.search import RootList
from spwf04_cli.app import main
from spwf04_cli.server.roots import build, certifi_roots
from tests import chance
from tests.shims.flights import certificate
from tests.shims.shapes import Shape, ShapeServer, three
from tests.unit.test_x509 import ROOTS


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A bundle file with all of certifi, made by the command."""
    file = tmp_path_factory.mktemp("roots") / "roots.bin"
    assert main(["bundle", "-o", str(file)]) == 0
    return str(file)


def test_every_root_is_found_by_key_and_by_name_in_few_reads(full, capsys):
    roots = Bundle(full)
    assert roots.by_key("00" * 20) == []  # it is open from now on, and its head is read
    most = 0
    ders = certifi_roots()
    assert len(ders) == len(ROOTS) == len(roots)
    for der in ders:
        info = read(Bytes(der), len(der))
        for search, key in ((roots.by_key, info.ski), (roots.by_name, info.subject_hash)):
            roots.reads = 0
            assert der in [bytes(root.der()) for root in search(key)]
            most = max(most, roots.reads)
    with capsys.disabled():
        print(f"\nroot bundle: {len(roots)} roots, at most {most} reads for a lookup")
    assert most < 14


def test_more_roots_than_a_byte_counts():
    ders = [certificate(f"Root {n}", f"Root {n}", n, n) for n in range(260)]
    roots = Bundle(build(ders))
    assert len(roots) == 260
    for der in ders:
        info = read(Bytes(der), len(der))
        assert [bytes(root.der()) for root in roots.by_key(info.ski)] == [der]


def test_what_is_not_there_is_not_found(full):
    roots = Bundle(full)
    assert roots.by_key("00" * 20) == []
    assert roots.by_key("ff" * 20) == []
    assert roots.by_name(bytes(32)) == []


def test_frozen_as_bytes(full, tmp_path):
    file = tmp_path / "frozen_roots.py"
    assert main(["bundle", "-o", str(file)]) == 0
    code = "from spwf04 import Bundle; import frozen_roots; print(len(Bundle(frozen_roots.DATA)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert int(done.stdout) == len(ROOTS)


def test_roots_with_the_same_beginning_of_the_key_are_all_found():
    der = ROOTS[0].public_bytes(Encoding.DER)
    info = read(Bytes(der), len(der))
    twice = build([der, der + b""])
    assert len(Bundle(twice)) == 1
    data = bytearray(build(certifi_roots()[:5]))
    for n in range(1, 5):  # all five get the key of the first
        data[12 + 16 * n : 20 + 16 * n] = data[12:20]
    assert len(Bundle(data).by_key(bytes(data[12:20]).hex())) == 5
    assert info.ski


def test_a_bundle_says_when_and_of_what_it_was_made(tmp_path):
    ders = certifi_roots()[:3]
    roots = Bundle(build(ders, "certifi 2026.10.19", 1800000000))
    assert (roots.made, roots.origin) == (1800000000, "certifi 2026.10.19")
    assert (roots.age(1800000000 + 400 * 86400), roots.age(1800000000 - 1)) == (400, -1)
    unknown = Bundle(build(ders))
    assert (unknown.made, unknown.origin, unknown.age(1800000000)) == (None, "", None)
    for now in (0, -1, None, 1 << 32, float("nan")):
        with pytest.raises((ValueError, TypeError)):
            roots.age(now)
    with pytest.raises(ValueError, match="origin"):
        build(ders, "x" * 256)
    assert len(Bundle(build(ders, "\u00e4" * 127, 1)).origin) == 127
    assert RootList(ders).made is None and RootList(ders).age(1800000000) is None


@pytest.mark.parametrize("as_file", [True, False])
def test_whatever_is_damaged_only_roots_as_they_were_come_out(as_file, tmp_path):
    """Single bytes change, pieces are lost, get in or are swapped, as on a worn flash."""
    ders = [certificate(f"Root {n}", f"Root {n}", n, n) for n in range(9)]
    good = build(ders, "test", 1800000000)
    infos = [read(Bytes(der), len(der)) for der in ders]
    rng = chance("damaged", as_file)
    refused = 0
    for n in range(400):
        data = bytearray(good)
        at, to = sorted(rng.randrange(len(data)) for _ in range(2))
        if n % 4 == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif n % 4 == 1:
            data[rng.randrange(12 + 32 * len(ders))] = rng.randrange(256)
        elif n % 4 == 2:
            del data[at : at + rng.choice((1, 100, to))]
        else:
            data[at:at] = data[to : to + 50]
        source = bytes(data)
        if as_file:
            (tmp_path / "x").write_bytes(data)
            source = str(tmp_path / "x")
        try:
            roots = Bundle(source)
            found = list(roots.all())
            for info in infos:
                found += roots.by_key(info.ski) + roots.by_name(info.subject_hash)
        except (ValueError, OSError):
            refused += 1
            continue
        for root in found:
            try:
                assert root.der() in ders
            except (ValueError, OSError):
                refused += 1
        roots.close()
    assert refused > 100


def test_absurd_heads_and_indexes_end_in_an_error():
    rng = chance("absurd")
    for n in range(400):
        head = b"SPWR\2" + bytes(rng.randrange(256) for _ in range(7))
        if n % 2:
            head = b"SPWR\2\0\0" + head[7:]
        data = head + bytes(rng.choice((0, 255, rng.randrange(256))) for _ in range(n * 3))
        for act in (lambda r: r.origin, lambda r: r.by_name(bytes(32)), lambda r: list(r.all())):
            try:
                roots = Bundle(data)
                assert isinstance(roots.made, (int, type(None)))
                found = act(roots)
                for root in () if isinstance(found, str) else found:
                    root.der()
            except (ValueError, OSError):
                pass


def test_an_index_of_one_key_alone_fills_no_memory():
    data = bytearray(b"SPWR\2\0\xff\xff\0\0\0\0") + bytes(65535 * 32)
    for search in (lambda r: r.by_key("00" * 20), lambda r: r.by_name(bytes(32))):
        with pytest.raises(ValueError, match="index is damaged"):
            search(Bundle(data))
    same = [certificate("Same", f"Root {n}", n, n) for n in range(65)]
    name = read(Bytes(same[0]), len(same[0])).subject_hash
    assert len(Bundle(build(same[:64])).by_name(name)) == 64
    with pytest.raises(ValueError, match="64 roots of one name"):
        build(same)


def test_other_files_are_refused(tmp_path):
    new = b"SPWR\x03" + bytes(7)
    old = b"SPWR\x01\0\0\0"
    for name, data, words in (
        ("pem", b"-----BEGIN CERTIFICATE-----", "not a root bundle"),
        ("old", old, "version 1, .* make it anew with `spwf04 bundle`"),
        ("new", new, "version 3"),
        ("cut", b"SPWR\x02\0\0", "ends too early"),
        ("empty", b"", "not a root bundle"),
    ):
        file = tmp_path / name
        file.write_bytes(data)
        for source in (str(file), file, data, bytearray(data), memoryview(data)):
            with pytest.raises(ValueError, match=words):
                Bundle(source)
    with pytest.raises(ValueError, match="too early"):
        Bundle(build(certifi_roots()[:3])[:30]).by_key("ff" * 20)
    with pytest.raises(OSError):
        Bundle(str(tmp_path / "missing")).by_key("00" * 20)
    with pytest.raises(ValueError, match="not a root bundle"):
        Bundle(memoryview(array.array("I", [1, 2, 3])))


def test_a_file_that_is_made_anew_is_read_anew_after_close(tmp_path):
    file = tmp_path / "roots.bin"
    ders = certifi_roots()
    file.write_bytes(build(ders[:3], "old", 1800000000))
    roots = Bundle(file)
    file.write_bytes(build(ders[3:10], "new one", 1800086400))
    assert (len(roots), roots.origin) == (7, "new one")
    info = read(Bytes(ders[5]), len(ders[5]))
    assert [root.der() for root in roots.by_key(info.ski)] == [ders[5]]
    roots.close()


# made on the board -----------------------------------------------------------------------------
class Changing:
    """A source that is another certificate each time."""

    def __init__(self, ders):
        self._ders = list(ders)

    def der(self):
        return self._ders.pop(0)


def test_what_goes_wrong_while_a_bundle_is_made_leaves_the_old_one(tmp_path, monkeypatch):
    file = tmp_path / "roots.bin"
    ders = certifi_roots()[:3]
    assert make(ders, file, "first") == 3
    before = file.read_bytes()
    with pytest.raises(ValueError, match="has changed meanwhile"):
        make([Changing([ders[0], ders[1]])], file)
    no_date = ders[0].replace(b"Z", b"X")
    for wrong, words in ((ders[0] + b"x", "bytes follow it"), (no_date, "damaged: its validity")):
        with pytest.raises(ValueError, match="sources: .*" + words):
            make([wrong], file)
    with pytest.raises(OSError, match="file: this file cannot be written"):
        make(ders, tmp_path / "none" / "roots.bin")

    def full(new, old):
        raise OSError(28, "no space")

    with monkeypatch.context() as patch:
        patch.setattr("os.rename", full)
        with pytest.raises(OSError, match="no space"):
            make(ders[:1], file)
    assert file.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["roots.bin"]


def test_a_file_system_that_renames_onto_no_file_is_served_too(tmp_path, monkeypatch):
    rename = os.rename

    def on_fat(old, new):
        if os.path.exists(new):
            raise FileExistsError(17, "File exists")
        rename(old, new)

    monkeypatch.setattr("os.rename", on_fat)
    file = tmp_path / "roots.bin"
    for n in (3, 2):
        assert make(certifi_roots()[:n], file) == len(Bundle(file)) == n
    assert [p.name for p in tmp_path.iterdir()] == ["roots.bin"]


@pytest.mark.parametrize(
    ("date", "known"),
    [((2027, 1, 15, 8, 0, 0, 4, 15), True), ((2000, 1, 1, 0, 5, 0, 5, 1), False)],
)
def test_the_date_is_that_of_a_clock_that_can_be_right_whatever_its_epoch(
    date, known, tmp_path, monkeypatch
):
    monkeypatch.setattr("time.gmtime", lambda: date)
    file = tmp_path / "roots.bin"
    make(certifi_roots()[:1], file)
    assert Bundle(file).made == (1800000000 if known else None)
    make(certifi_roots()[:1], file, made=1700000000)
    assert Bundle(file).made == 1700000000


def test_sources_are_names_paths_text_bytes_and_bundles(tmp_path):
    pems = [root.public_bytes(Encoding.PEM) for root in ROOTS[:4]]
    (tmp_path / "two.pem").write_bytes(b"\n".join(pems[:2]))
    (tmp_path / "one.der").write_bytes(ROOTS[2].public_bytes(Encoding.DER))
    first = tmp_path / "first.bin"
    assert make(pems[3].decode(), first) == 1
    sources = [str(tmp_path / "two.pem"), tmp_path / "one.der", pems[0], Bundle(first)]
    assert make(sources, tmp_path / "all.bin") == 4
    found = {bytes(root.der()) for root in Bundle(tmp_path / "all.bin").all()}
    assert found == {root.public_bytes(Encoding.DER) for root in ROOTS[:4]}


@pytest.mark.parametrize(("more", "count"), [([], 1), (["--issuers"], 2)])
def test_a_bundle_of_what_given_hosts_need(tmp_path, more, count):
    root, middle, leaf = three("localhost")
    shape = Shape("localhost", [leaf.cert, middle.cert], leaf.key, [root.cert])
    server = ShapeServer(shape)
    ca, out = tmp_path / "ca.pem", tmp_path / "roots.bin"
    ca.write_bytes(root.cert.public_bytes(Encoding.PEM))
    arguments = ["-o", str(out), "--ca", str(ca), *more, f"localhost:{server.address[1]}"]
    assert main(["bundle", *arguments]) == 0
    roots = Bundle(str(out))
    assert len(roots) == count
    assert [bytes(r.der()) for r in roots.by_key(root.ski.hex())] == shape.root_ders()
    assert len(roots.by_key(middle.ski.hex())) == count - 1
    # a host that does not verify adds nothing
    before = out.read_bytes()
    assert main(["bundle", "-f", "-o", str(out), f"localhost:{server.address[1]}"]) == 1
    assert out.read_bytes() == before
    server.close()


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    out = str(tmp_path / "x.bin")
    assert main(["bundle", "-o", out, "--no-certifi"]) == 2
    assert "nothing is trusted" in capsys.readouterr().err
    assert main(["bundle", "-o", out, "nobody.invalid"]) == 1
    assert "nobody.invalid" in capsys.readouterr().err
