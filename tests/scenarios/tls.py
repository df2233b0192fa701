"""Verified TLS by the module, and the error of each refusal."""

from spwf04 import CertificateError, ModuleError, SSLContext

HOST = "www.example.com"


def secure(bench, host=HOST, port=443, name=HOST, context=None):
    sock = (context or SSLContext()).wrap_socket(bench.pool.socket(), server_hostname=name)
    sock.settimeout(20)
    sock.connect((host, port))
    return sock


def get(sock, path="/"):
    sock.sendall(b"GET " + path.encode() + b" HTTP/1.0\r\nHost: www.example.com\r\n\r\n")
    return sock.read()


def prepare(bench):
    """Join, set the clock, and put the CA in place."""
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    bench.radio.certs.install(bench.sim("ca_pem"))


def test_a_page_over_verified_tls(bench):
    prepare(bench)
    with secure(bench) as sock:
        page = get(sock)
    assert page.startswith(b"HTTP/1.0 200")
    assert page.endswith(b"</html>\n")
    assert bench.sim("open_sockets") == 0


def test_a_page_larger_than_the_modules_reads(bench):
    prepare(bench)
    with secure(bench) as sock:
        sock.sendall(b"GET /large HTTP/1.0\r\n\r\n")
        while sock.readline() != b"\r\n":
            pass
        buffer = bytearray(1000)
        at = 0
        while True:
            n = sock.recv_into(buffer)
            if n == 0:
                break
            for i in range(n):
                assert buffer[i] == (at + i) * 7 % 251
            at += n
        assert at == 20000


def test_two_secure_sockets_at_once_by_the_module(bench):
    prepare(bench)
    socks = [secure(bench) for _ in range(2)]
    for sock in socks:
        assert sock.engine == "module"
        assert get(sock).endswith(b"</html>\n")
        sock.close()


def test_a_third_secure_socket_goes_to_the_hosts_tls_while_the_module_has_two(bench):
    prepare(bench)
    socks = [secure(bench) for _ in range(3)]
    assert [sock.engine for sock in socks] == ["module", "module", "host"]
    for sock in socks:
        assert get(sock).endswith(b"</html>\n")
        sock.close()
    with secure(bench) as sock:  # there is room again
        assert sock.engine == "module"


def test_a_third_secure_socket_by_the_module_alone_says_that_there_is_no_room(bench):
    prepare(bench)
    context = SSLContext(engine="module")
    socks = [secure(bench, context=context) for _ in range(2)]
    for _ in range(2):
        e = bench.raises(ModuleError, secure, bench, context=context)
        assert e.code == bench.sim("quirk", "tls_clients_error")
        assert "no room for another connection by its TLS" in str(e), str(e)
        assert e.remedy == "close_sockets"
    socks[0].close()
    with secure(bench, context=context) as sock:
        assert get(sock).endswith(b"</html>\n")
    with socks[1] as sock:
        assert get(sock).endswith(b"</html>\n")
    assert bench.sim("open_sockets") == 0


def test_the_name_defaults_to_the_host(bench):
    prepare(bench)
    with secure(bench, name=None) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_without_a_ca_the_error_says_what_to_install(bench):
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    e = bench.raises(CertificateError, secure, bench)
    assert e.code == 23
    assert "Certificate Error:23" in str(e)
    assert "radio.certs.install(pem)" in str(e)
    assert "clock" not in str(e)
    assert bench.sim("open_sockets") == 0


def test_with_a_clock_that_is_not_set_the_error_says_so(bench):
    assert bench.sim("clock_is_new")
    bench.join()
    bench.radio.certs.install(bench.sim("ca_pem"))
    e = bench.raises(CertificateError, secure, bench)
    assert "clock is not set" in str(e)
    assert "radio.set_time" in str(e)
    assert "certs.install" not in str(e)


def test_after_the_error_the_remedy_works(bench):
    bench.join()
    bench.raises(CertificateError, secure, bench)
    bench.radio.certs.install(bench.sim("ca_pem"))
    bench.radio.set_time(bench.sim("now"))
    with secure(bench) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_a_server_of_another_ca_is_refused(bench):
    prepare(bench)
    e = bench.raises(CertificateError, secure, bench, "other-ca.example", 443, "other-ca.example")
    assert e.code == 23
    with secure(bench) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_a_server_with_another_name_is_refused(bench):
    prepare(bench)
    with secure(bench) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    bench.raises(CertificateError, secure, bench, HOST, 443, "www.example.org")


def test_the_name_check_alone_can_be_left_out(bench):
    prepare(bench)
    context = SSLContext()
    context.check_hostname = False
    with secure(bench, name="www.example.org", context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    bench.raises(
        CertificateError, secure, bench, "other-ca.example", 443, "other-ca.example", context
    )


def test_an_expired_certificate_is_refused(bench):
    prepare(bench)
    bench.raises(CertificateError, secure, bench, "expired.example", 443, "expired.example")


def test_a_chain_that_mixes_rsa_and_ecdsa_is_explained(bench):
    if bench.sim("quirk", "mixed_chains"):
        return  # this module can take the chain
    prepare(bench)
    e = bench.raises(CertificateError, secure, bench, "mixed.example", 443, "mixed.example")
    assert e.code == 11
    assert "RSA and ECDSA" in str(e)


def test_a_plain_server_is_an_error_not_a_plain_connection(bench):
    prepare(bench)
    bench.raises(OSError, secure, bench, "plain.example", 80, "plain.example")
    assert bench.sim("open_sockets") == 0


def test_a_refused_port(bench):
    prepare(bench)
    e = bench.raises(OSError, secure, bench, HOST, 444)
    assert e.code == 74


def test_verification_cannot_be_switched_off(bench):
    context = SSLContext()
    e = bench.raises(ValueError, setattr, context, "verify_mode", 0)
    assert "no anonymous TLS" in str(e)
    assert context.verify_mode == 2


def test_a_server_name_that_would_mean_plain_tcp_is_refused(bench):
    before = bench.sim("bytes_in")
    for name in ("t", "u", "s", "s1", "s2", "T", "a,t", "x\rAT", ""):
        bench.raises(
            ValueError, SSLContext().wrap_socket, bench.pool.socket(), server_hostname=name
        )
    bench.raises(ValueError, secure, bench, "t", 443, None)
    assert bench.sim("bytes_in") == before


def test_a_ca_may_be_any_kind_of_bytes(bench):
    bench.join()
    pem = bench.sim("ca_pem").encode()
    for kind in (memoryview, bytearray, bytes):
        entry = bench.radio.certs.install(kind(pem))
        assert entry.ski == bench.sim("ca_ski")
        entry = bench.radio.certs.install(kind(bench.sim("ca_der")))
        assert entry.ski == bench.sim("ca_ski")
    assert len(bench.radio.certs.entries()) == 1


def test_a_context_brings_its_own_ca(bench):
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    context = SSLContext()
    context.load_verify_locations(cadata=bench.sim("ca_pem"))
    with secure(bench, context=context) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")


def test_two_cas_for_two_servers(bench):
    if not bench.sim("quirk", "file_lookup"):
        return  # such a module can have one CA only
    prepare(bench)
    bench.radio.certs.install(bench.sim("other_ca_pem"))
    for host in (HOST, "other-ca.example", HOST):
        with secure(bench, host, 443, host) as sock:
            assert get(sock).startswith(b"HTTP/1.0 200")


def writes(bench):
    """Commands that write certificates to the module, or look at its files."""
    words = ("TLSCERT", "FSC", "FSL", "FSR", "FSD", "HASH")
    return [c for c in bench.sim("log") if any([w in c for w in words])]


def test_what_is_in_place_is_put_there_once(bench):
    prepare(bench)
    if bench.sim("quirk", "file_lookup"):  # any other module can have one CA only
        bench.radio.certs.install(bench.sim("other_ca_pem"))
    names = (HOST, "other-ca.example") if bench.sim("quirk", "file_lookup") else (HOST,)
    for host in names:  # the first time, forms of files are tried until one works
        secure(bench, host, 443, host).close()
    before, commands = len(writes(bench)), bench.sim("commands")
    for _ in range(2):
        for host in names:
            secure(bench, host, 443, host).close()
        bench.radio.certs.restore()
    assert writes(bench)[before:] == []
    assert bench.sim("commands") - commands == 4 * len(names)  # SOCKON and SOCKC, twice


def test_a_ca_in_the_slot_is_not_written_again_after_a_restart(bench):
    if not bench.sim("quirk", "slot_lookup"):
        return  # such a module has its CAs in files
    prepare(bench)
    secure(bench).close()
    if "file" in [entry.where for entry in bench.radio.certs.entries()]:
        return
    before = len(writes(bench))
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: not bench.radio.isconnected())
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    with secure(bench) as sock:
        assert get(sock).startswith(b"HTTP/1.0 200")
    assert writes(bench)[before:] == []


def test_cas_in_volatile_files_come_back_after_a_restart(bench):
    if not bench.sim("quirk", "file_lookup"):
        return  # such a module can have one CA only
    prepare(bench)
    bench.radio.certs.install(bench.sim("other_ca_pem"))
    bench.sim("restart", "watchdog")
    assert bench.until(lambda: not bench.radio.isconnected())
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    for host in (HOST, "other-ca.example"):
        with secure(bench, host, 443, host) as sock:
            assert get(sock).startswith(b"HTTP/1.0 200")
