"""A verified connection in one call: discovery, root bundles, two engines, pinning, diagnosis."""

from spwf04 import Bundle, CertificateError, DiscoveryError, ModuleError, SSLContext
from spwf04.errors import errno

from .tls import HOST, get, secure


def ready(bench):
    """Join and set the clock; the module has no CA."""
    bench.join()
    bench.radio.set_time(bench.sim("now"))


def roots(bench):
    return Bundle(bench.sim("bundle"))


def uploads(bench):
    return len([c for c in bench.sim("log") if "=ca," in c or "FSC" in c])


def opens(bench):
    return len([c for c in bench.sim("log") if "SOCKON" in c])


def test_a_wildcard_for_a_whole_top_level_is_for_no_host(bench):
    """mbedTLS would take it."""
    ready(bench)
    bench.radio.certs.install(bench.sim("ca_pem"))
    for engine in bench.engines:
        sock = SSLContext(engine=engine).wrap_socket(bench.pool.socket())
        sock.settimeout(20)
        e = bench.raises(CertificateError, sock.connect, ("wild.example", 443))
        assert "not trust" in str(e) and "wild.example" in str(e), str(e)
        sock.close()


# discovery
def test_discovery_shows_the_chain_that_a_server_sends(bench):
    ready(bench)
    chain = bench.radio.certs.discover(HOST)
    leaf = chain.certificates[0]
    assert leaf.names == [HOST]
    assert leaf.fits
    assert leaf.aki == bench.sim("ca_ski")
    assert leaf.key == "EC" and leaf.bits == 256
    assert leaf.sha256 == bench.sim("leaf_fingerprint")
    assert HOST in str(chain)
    assert bench.sim("open_sockets") == 0
    assert uploads(bench) == 0


def test_discovery_of_what_is_no_tls_server_says_so(bench):
    ready(bench)
    discover = bench.radio.certs.discover
    e = bench.raises(DiscoveryError, discover, "plain.example", 80)
    assert "does not speak TLS" in str(e)
    e = bench.raises(DiscoveryError, discover, "modern.example")
    assert e.alert == 70
    assert "TLS 1.2" in str(e)
    bench.raises(DiscoveryError, discover, "silent.example", 9, timeout=2)
    assert bench.raises(OSError, discover, HOST, 444).code == 74
    assert bench.raises(OSError, discover, "nowhere.example").code == 65
    assert bench.sim("open_sockets") == 0


# one call
def test_roots_given_later_are_looked_at_though_the_server_was_asked_without(bench):
    ready(bench)
    bench.raises(CertificateError, secure, bench)
    sock = secure(bench, context=SSLContext(roots=roots(bench)))
    assert get(sock).startswith(b"HTTP/1.0 200 OK")
    sock.close()


def test_install_for_makes_a_server_open_on_a_fresh_module(bench):
    bench.join()
    done = bench.radio.certs.install_for(HOST, roots=roots(bench), now=bench.sim("now"))
    assert done.engine == "module"
    assert done.entry.ski == bench.sim("ca_ski")
    assert done.entry.where in ("slot", "file")
    assert "module's TLS" in str(done)
    assert bench.sim("open_sockets") == 0
    with secure(bench) as sock:
        assert sock.engine == "module"
        assert sock.version() == "TLSv1.2"
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_install_for_takes_the_time_from_ntp(bench):
    bench.sim("ntp")
    bench.join()
    assert bench.radio.certs.install_for(HOST, roots=roots(bench)).engine == "module"


def test_install_for_without_any_time_says_so(bench):
    assert bench.sim("clock_is_new")
    bench.join()
    e = bench.raises(CertificateError, bench.radio.certs.install_for, HOST, roots=roots(bench))
    assert "clock is not set" in str(e)


def test_a_context_with_roots_installs_what_is_missing_by_itself(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench))
    with secure(bench, context=context) as sock:
        assert sock.engine == "module"
        assert get(sock).startswith(b"HTTP/1.0 200")
    before = uploads(bench), opens(bench)
    with secure(bench, context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    assert (uploads(bench), opens(bench)) == (before[0], before[1] + 1)


def test_a_missing_root_is_named_with_its_key_identifier(bench):
    ready(bench)
    certifi = Bundle(bench.sim("certifi_bundle"))
    calls = [lambda: bench.radio.certs.install_for(HOST, roots=certifi)]
    for engine in ("auto",) + bench.engines:
        context = SSLContext(roots=certifi, engine=engine)
        calls.append(lambda context=context: secure(bench, context=context))
    for call in calls:
        e = bench.raises(CertificateError, call)
        assert bench.sim("ca_ski") in str(e), str(e)
        assert "trustme" in str(e)
    assert bench.sim("open_sockets") == 0


def test_after_a_wrong_name_the_right_one_works_at_once(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench))
    for engine in ("auto",) + bench.engines:
        context.engine = engine
        bench.raises(CertificateError, secure, bench, HOST, 443, "x.example", context)
        with secure(bench, context=context) as sock:
            assert get(sock).startswith(b"HTTP/1.0 200")
        bench.radio.certs.clear()


def test_a_wrong_name_and_an_old_certificate_are_told_apart(bench):
    ready(bench)
    install_for = bench.radio.certs.install_for
    e = bench.raises(
        CertificateError, install_for, HOST, roots=roots(bench), server_hostname="x.example"
    )
    assert "not for x.example but for " + HOST in str(e)
    e = bench.raises(CertificateError, install_for, "expired.example", roots=roots(bench))
    assert "expired" in str(e) and "days ago" in str(e)
    assert uploads(bench) == 0


# two engines
def test_a_chain_beyond_the_module_goes_to_the_hosts_tls(bench):
    if bench.sim("quirk", "mixed_chains"):
        return  # this module can take the chain
    ready(bench)
    context = SSLContext(roots=roots(bench))
    with secure(bench, "mixed.example", 443, "mixed.example", context) as sock:
        assert sock.engine == "host"
        assert get(sock).startswith(b"HTTP/1.0 200")
    before = opens(bench)
    with secure(bench, "mixed.example", 443, "mixed.example", context) as sock:
        assert get(sock).endswith(b"</html>\n")
    assert opens(bench) == before + 1  # the engine is remembered


def test_the_hosts_tls_tells_its_version_and_cipher(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench), engine="host")
    with secure(bench, context=context) as sock:
        assert sock.version() in ("TLSv1.2", "TLSv1.3")
        assert sock.cipher()


def test_install_for_says_why_the_module_cannot(bench):
    if bench.sim("quirk", "mixed_chains"):
        return
    ready(bench)
    done = bench.radio.certs.install_for("mixed.example", roots=roots(bench))
    assert done.engine == "host"
    assert "mixes RSA and ECDSA" in str(done)
    assert done.entry.where == "host"
    assert uploads(bench) == 0
    with secure(bench, "mixed.example", 443, "mixed.example") as sock:
        assert sock.engine == "host"
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_a_handshake_that_breaks_though_the_chain_is_right_is_told_as_such(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench), engine="module")
    secure(bench, context=context).close()  # from here on the server's chain is known
    for number in (74, 91, 111):
        for _ in range(2):
            bench.sim("refuse", "SOCKON", number, 1)
            e = bench.raises(ModuleError, secure, bench, context=context)
            assert e.code == number
            assert not isinstance(e, CertificateError)
    with secure(bench, context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    assert bench.sim("open_sockets") == 0


def test_the_module_alone_can_be_asked_for(bench):
    if bench.sim("quirk", "mixed_chains"):
        return
    ready(bench)
    context = SSLContext(roots=roots(bench), engine="module")
    e = bench.raises(
        CertificateError, secure, bench, "mixed.example", 443, "mixed.example", context
    )
    assert "mixes RSA and ECDSA" in str(e), str(e)
    bench.raises(ValueError, SSLContext, engine="none")


def test_the_hosts_tls_verifies_as_the_module_does(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench), engine="host")
    with secure(bench, context=context) as sock:
        assert sock.engine == "host"
        assert get(sock).startswith(b"HTTP/1.0 200")
    assert bench.sim("slot") == []
    for host, name in ((HOST, "www.example.org"), ("expired.example", "expired.example")):
        bench.raises(CertificateError, secure, bench, host, 443, name, context)
    other = SSLContext(engine="host")
    other.load_verify_locations(cadata=bench.sim("other_ca_pem"))
    bench.raises(CertificateError, secure, bench, context=other)
    e = bench.raises(CertificateError, secure, bench, context=SSLContext(engine="host"))
    assert "no CA" in str(e)
    assert bench.sim("open_sockets") == 0


def test_the_hosts_tls_looks_at_dates_though_nobody_asked_the_server_before(bench):
    ready(bench)
    context = SSLContext(engine="host")
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    for _ in range(2):
        e = bench.raises(
            CertificateError, secure, bench, "expired.example", 443, "expired.example", context
        )
        assert "expired" in str(e), str(e)
    with secure(bench, context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    assert bench.sim("open_sockets") == 0


def test_a_large_page_by_the_hosts_tls(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench), engine="host")
    with secure(bench, context=context) as sock:
        sock.sendall(b"GET /large HTTP/1.0\r\n\r\n")
        while sock.readline() != b"\r\n":
            pass
        data = sock.read()
    assert data == bytes(bench.pattern(20000))


def test_a_server_of_tls_1_3_alone_is_named(bench):
    ready(bench)
    context = SSLContext(roots=roots(bench))
    try:
        sock = secure(bench, "modern.example", 443, "modern.example", context)
    except CertificateError as e:
        raise AssertionError(str(e)) from None
    except OSError as e:
        assert "TLS 1.2" in str(e), str(e)  # this interpreter has no TLS 1.3 either
    else:
        assert sock.engine == "host"
        assert sock.version() == "TLSv1.3"
        sock.close()


# servers with a certificate of their own
def test_pin_without_a_fingerprint_shows_it_and_trusts_nothing(bench):
    ready(bench)
    e = bench.raises(CertificateError, bench.radio.certs.pin, "self.example")
    assert bench.sim("fingerprint").upper() in str(e).replace(":", "")
    assert uploads(bench) == 0
    e = bench.raises(CertificateError, bench.radio.certs.pin, "self.example", 443, "00" * 32)
    assert "does not have that certificate" in str(e)
    bench.raises(ValueError, bench.radio.certs.pin, "self.example", 443, "abc")


def test_pin_trusts_the_certificate_with_that_fingerprint(bench):
    ready(bench)
    done = bench.radio.certs.pin("self.example", fingerprint=bench.sim("fingerprint"))
    assert done.engine in ("module", "host")
    with secure(bench, "self.example", 443, "self.example") as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    e = bench.raises(
        CertificateError, bench.radio.certs.pin, HOST, 443, bench.sim("leaf_fingerprint")
    )
    assert "was issued by" in str(e)


# mutual TLS
def show_certificate(bench, engine):
    ready(bench)
    context = SSLContext(engine=engine, roots=roots(bench))
    context.load_cert_chain(*bench.sim("client_files"))
    with secure(bench, "mutual.example", 443, "mutual.example", context) as sock:
        assert sock.engine == engine
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_a_client_certificate_is_shown_to_a_server_that_asks(bench):
    show_certificate(bench, "module")
    assert bench.radio.certs.identity.subject == "device-17.example"
    assert bench.radio.certs.identity.where in ("slot", "file")
    bench.radio.certs.forget_identity()
    assert not [n for n in bench.sim("slot") + bench.sim("files") if n in ("key", "tls.key")]
    # the CA is still there for a context with these roots
    with secure(bench, context=SSLContext(engine="module", roots=roots(bench))) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    e = bench.raises(CertificateError, secure, bench, context=SSLContext(engine="module"))
    assert e.code == 23


def test_the_hosts_tls_shows_a_client_certificate_too(bench):
    show_certificate(bench, "host")


# Only the module's TLS might read these: an unknown kind of key, a name that is no text
_ODD = (
    (b"\x2a\x86\x48\xce\x3d\x02\x01", b"\x2a\x86\x48\xce\x3d\x02\x7f"),
    (b"trustme", b"tr\xff\xfe\xff\xfee"),
)


def test_a_ca_that_the_hosts_tls_cannot_read_vouches_for_nobody_and_hinders_nobody(bench):
    ready(bench)
    der = bench.sim("other_ca_der")
    for usual, odd in _ODD:
        assert usual in der
        given = der.replace(usual, odd)
        context = SSLContext(engine="host")
        context.load_verify_locations(cadata=given)
        e = bench.raises(CertificateError, secure, bench, context=context)
        assert e.errno == errno.EIO
        context.load_verify_locations(cadata=bench.sim("ca_pem"))
        with secure(bench, context=context) as sock:
            assert sock.engine == "host"
            assert get(sock).startswith(b"HTTP/1.0 200")


# diagnosis
def test_diagnose_names_the_most_likely_cause_first(bench):
    assert bench.sim("clock_is_new")
    certs = bench.radio.certs
    assert "not joined" in str(certs.diagnose(HOST))
    bench.join()
    d = certs.diagnose(HOST)
    assert "clock is not set" in d.findings[0].what
    assert "its CA is not trusted here" in d.findings[1].what
    assert bench.sim("ca_ski") in d.findings[1].what
    bench.radio.set_time(bench.sim("now"))
    assert "install_for" in str(certs.diagnose(HOST, roots=roots(bench)))
    certs.install(bench.sim("ca_pem"))
    d = certs.diagnose(HOST)
    assert d.findings == [], str(d)
    assert "nothing is wrong" in str(d)
    assert "not for" in str(certs.diagnose(HOST, server_hostname="x.example").findings[0])
    assert "expired" in str(certs.diagnose("expired.example").findings[0])
    assert "mixes" in str(certs.diagnose("mixed.example").findings[0])
    assert "pin" in str(certs.diagnose("self.example"))
    assert "does not resolve" in str(certs.diagnose("nowhere.example").findings[0])
    assert "no connection to port 444" in str(certs.diagnose(HOST, 444).findings[0])
    assert "does not speak TLS" in str(certs.diagnose("plain.example", 80).findings[0])
    assert "TLS 1.2" in str(certs.diagnose("modern.example").findings[0])


def test_a_server_that_is_not_trusted_is_not_asked_each_time(bench):
    ready(bench)
    context = SSLContext(roots=Bundle(bench.sim("certifi_bundle")))
    bench.raises(CertificateError, secure, bench, context=context)
    before = opens(bench)
    bench.raises(CertificateError, secure, bench, context=context)
    assert opens(bench) - before == 1
    context.roots = roots(bench)  # with the CA it works
    bench.radio.certs.install(bench.sim("ca_pem"))
    with secure(bench, context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
