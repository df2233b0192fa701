"""Hosts: one rule for every call that takes one, and one sentence for what is wrong."""

from spwf04 import SSLContext

# (what a program gives, what the module and the server are told)
TAKEN = (
    ("ECHO.Example", "echo.example"),
    ("echo.example.", "echo.example"),
    (b"Echo.EXAMPLE.", "echo.example"),
    ("printer_2", "printer_2"),
    ("_mqtt.lan", "_mqtt.lan"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("3com.example", "3com.example"),
    ("192.168.1.50", "192.168.1.50"),
    ("0.0.0.0", "0.0.0.0"),
    ("a" * 63 + ".example", "a" * 63 + ".example"),
    ("x." * 126 + "x", "x." * 126 + "x"),
)
# (what a program gives, a word of the answer)
REFUSED = (
    ("", "empty"),
    (".", "empty"),
    ("a..b", "dot too many"),
    (".example", "dot too many"),
    ("echo.example..", "dot too many"),
    ("b\xfccher.example", "xn--"),
    ("\u4f8b\u3048.example", "xn--"),
    (b"m\xe9.example", "xn--"),
    ("a" * 64 + ".example", "63 bytes"),
    ("x." * 127 + "x", "253"),
    ("echo.example:7", "port by itself"),
    ("https://echo.example/", "URL"),
    ("echo.example/path", "URL"),
    ("C:\\echo", "URL"),
    ("user@echo.example", "user"),
    ("user:word@echo.example", "user"),
    (" echo.example", "blanks"),
    ("echo.example\t", "blanks"),
    ("2001:db8::1", "IPv6"),
    ("[::1]", "IPv6"),
    ("192.168.001.050", "IPv4"),
    ("256.1.1.1", "IPv4"),
    ("1.2.3", "IPv4"),
    ("10", "IPv4"),
    ("0x7f.1", "IPv4"),
    ("0x7f000001", "IPv4"),
    ("1.2.3.4.5", "IPv4"),
    ("echo$.example", "character"),
    ("*.example", "character"),
    ("a,b", "comma"),
    ("a\r\nb", "CR"),
)


def calls(bench):
    """(call with a host, words before those of the rule) of each call that takes one."""
    from spwf04.compat import socket, ssl

    socket.use_radio(bench.radio)
    certs = bench.radio.certs
    ca = bench.sim("ca_pem")
    print_ = bench.sim("fingerprint")
    context = SSLContext(engine="module")

    def plain(host):
        return bench.pool.socket().connect((host, 7))

    def secure(host):
        return context.wrap_socket(bench.pool.socket()).connect((host, 443))

    def datagram(host):
        return bench.pool.socket(type=2).sendto(b"x", (host, 7))

    def named(host):
        return context.wrap_socket(bench.pool.socket(), server_hostname=host)

    def compat(host):
        return ssl.SSLContext().wrap_socket(socket.socket(), server_hostname=host)

    return (
        (plain, "host "),
        (secure, "host "),
        (datagram, "host "),
        (lambda host: bench.pool.getaddrinfo(host, 80), "host "),
        (bench.radio.ping, "host "),
        (lambda host: bench.radio.fetch_update(host, 80, "/x"), "host "),
        (lambda host: certs.install_for(host, roots=[ca]), "host "),
        (lambda host: certs.pin(host, 443, print_), "host "),
        (certs.discover, "host "),
        (certs.diagnose, "host "),
        (lambda host: socket.socket().connect((host, 80)), "host "),
        (lambda host: socket.getaddrinfo(host, 80), "host "),
    ), (
        (named, "server_hostname "),
        (compat, "server_hostname "),
        (lambda name: certs.install_for("a.b", 443, [ca], name), "server_hostname "),
        (lambda name: certs.pin("a.b", 443, print_, name), "server_hostname "),
        (lambda name: certs.discover("a.b", 443, name), "server_hostname "),
        (lambda name: certs.diagnose("a.b", 443, name), "server_hostname "),
    )


def test_every_call_refuses_the_same_hosts_in_the_same_words(bench):
    bench.join()
    hosts, names = calls(bench)
    before = bench.sim("bytes_in")
    for given, word in REFUSED:
        said = set()
        for call, begin in hosts + names:
            if begin[0] == "s" and given == "*.example":
                continue  # for a module that compares a wildcard literally
            try:
                call(given)
                raise AssertionError("accepted: %r" % (given,))
            except (ValueError, OSError) as e:  # getaddrinfo() has an OSError of its own
                text = str(e)
            at = text.find(begin)
            assert at >= 0, text
            said.add(text[at + len(begin) :].rstrip("')"))
        assert len(said) == 1, said
        assert word in said.pop(), (given, text)
    assert bench.sim("bytes_in") == before


def test_what_the_module_is_told(bench):
    from spwf04.arguments import host, server_name

    for given, meant in TAKEN:
        assert host(given) == server_name(given) == meant.encode()
        assert bench.pool.getaddrinfo(given, 80)[0][-1] == (given, 80)
    bench.join()
    for given, meant in TAKEN[:3]:
        sock = bench.pool.socket()
        sock.settimeout(5)
        sock.connect((given, 7))
        assert sock.getpeername() == (meant, 7)
        assert "AT+S.SOCKON=%s,7,NULL,t" % meant in bench.sim("log")[-1]
        sock.close()


def test_capitals_and_a_dot_at_the_end_change_nothing_in_what_is_trusted(bench):
    bench.join()
    bench.radio.set_time(bench.sim("now"))
    bench.radio.certs.install(bench.sim("ca_pem"))
    name = "WWW.Example.COM."
    assert bench.radio.certs.discover(name).certificates[0].fits
    assert not bench.radio.certs.diagnose(name).findings
    for engine in bench.engines:
        for named in (None, name):
            sock = SSLContext(engine=engine).wrap_socket(
                bench.pool.socket(), server_hostname=named
            )
            sock.settimeout(20)
            sock.connect((name, 443))
            assert sock.engine == engine
            sock.close()
