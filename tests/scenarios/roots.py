"""Root bundles: made on the board itself of what is there, and damaged on the way to it."""

import sys

from spwf04 import Bundle, SSLContext
from spwf04.roots.bundling import make, now

from .tls import HOST, get, secure
from .trust import ready, uploads


def path(bench, name):
    """The name of a file that this interpreter can write."""
    return "/" + name if sys.platform == "webassembly" else bench.sim("scratch_file", name)


def written(name, data):
    with open(name, "wb") as f:
        f.write(data)
    return name


def content(name):
    with open(name, "rb") as f:
        return f.read()


def test_a_bundle_that_the_board_makes_of_pem_files_leads_to_the_root_of_a_server(bench):
    ready(bench)
    pem = bench.sim("other_ca_pem") + "\n" + bench.sim("ca_pem")
    ours = written(path(bench, "ours.pem"), pem.encode())
    file = path(bench, "roots.bin")
    assert make(bench.sim("other_ca_pem").encode(), file) == 1
    old = Bundle(file)
    now = bench.sim("now")
    assert make([ours, old], file, "ours", now) == 2
    roots = Bundle(file)
    assert len(roots) == len(old) == 2
    assert roots.made == now and roots.age(now + 86400) == 1
    assert roots.origin == "ours"
    assert len(roots.by_key(bench.sim("ca_ski"))) == 1
    for engine in bench.engines:
        with secure(bench, context=SSLContext(roots=roots, engine=engine)) as sock:
            assert get(sock).startswith(b"HTTP/1.0 200")


def test_the_board_takes_only_cas_and_leaves_the_old_bundle(bench):
    file = path(bench, "kept.bin")
    make(bench.sim("ca_pem").encode(), file, made=0)
    before = content(file)
    for wrong in (bench.sim("leaf_pem").encode(), b"", b"no certificate", []):
        bench.raises(ValueError, make, wrong, file)
    bench.raises(OSError, make, path(bench, "missing.pem"), file)
    bench.raises(TypeError, make, None, file)
    bench.raises(TypeError, make, bench.sim("ca_pem").encode(), None)
    assert content(file) == before
    bench.raises(OSError, content, file + ".new")
    assert Bundle(file).made is None
    assert now() == 0 or now() > 1767225600


def test_a_root_that_was_damaged_on_its_way_is_neither_installed_nor_given_to_any_tls(bench):
    ready(bench)
    file = path(bench, "damaged.bin")
    make(bench.sim("ca_pem").encode(), file)
    data = bytearray(content(file))
    data[-1] ^= 1  # of its signature, which nobody else would look at
    for source in (written(file, data), bytes(data), memoryview(data)):
        roots = Bundle(source)
        e = bench.raises(ValueError, roots.by_key(bench.sim("ca_ski"))[0].der)
        assert "copy it to the board again" in str(e)
        before = uploads(bench)
        for engine in bench.engines:
            e = bench.raises(
                ValueError, secure, bench, context=SSLContext(roots=roots, engine=engine)
            )
            assert source is not file or file in str(e)
        bench.raises(ValueError, bench.radio.certs.install_for, HOST, roots=roots)
        assert uploads(bench) == before
        assert bench.sim("open_sockets") == 0


def test_a_servers_own_certificate_is_in_a_bundle_only_if_the_program_says_so(bench):
    ready(bench)
    own = bench.sim("self_pem").encode()
    file = path(bench, "own.bin")
    e = bench.raises(ValueError, make, own, file)
    assert "not" in str(e) and "CA" in str(e)
    make([own, bench.sim("ca_pem").encode()], file, self_signed=True)
    for engine in bench.engines[1:]:  # the module's finds no certificate without an identifier
        context = SSLContext(roots=Bundle(file), engine=engine)
        with secure(bench, "self.example", 443, "self.example", context) as sock:
            assert get(sock).startswith(b"HTTP/1.0 200")
    assert len(Bundle(file)) == 2
