"""Root bundles: the desktop's builder and the MCU's reader."""

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04 import Bundle
from spwf04.pki.certificate import Bytes, read
from spwf04_cli.app import main
from spwf04_cli.server.roots import build, certifi_roots
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
    assert most < 20


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
        data[8 + 16 * n : 16 + 16 * n] = data[8:16]
    assert len(Bundle(data).by_key(bytes(data[8:16]).hex())) == 5
    assert info.ski


def test_other_files_are_refused(tmp_path):
    for name, data in (("pem", b"-----BEGIN CERTIFICATE-----"), ("new", b"SPWR\x02\0\0\0")):
        file = tmp_path / name
        file.write_bytes(data)
        with pytest.raises(ValueError, match="not a root bundle"):
            Bundle(str(file)).by_key("00" * 20)
    with pytest.raises(ValueError, match="too early"):
        Bundle(build(certifi_roots()[:3])[:30]).by_key("ff" * 20)
    with pytest.raises(OSError):
        Bundle(str(tmp_path / "missing")).by_key("00" * 20)


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
    assert main(["bundle", "-o", str(out), f"localhost:{server.address[1]}"]) == 1
    server.close()


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    out = str(tmp_path / "x.bin")
    assert main(["bundle", "-o", out, "--no-certifi"]) == 2
    assert "nothing is trusted" in capsys.readouterr().err
    assert main(["bundle", "-o", out, "nobody.invalid"]) == 1
    assert "nobody.invalid" in capsys.readouterr().err
