"""The driver against real servers: nginx, mosquitto, openssl s_server."""

import struct
import time

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from spwf04 import SPWF04, Bundle, SocketPool, SSLContext
from spwf04_cli.server.roots import build, pem_certificates
from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests.shims.daemons import free_port, need, running, write_pem
from tests.shims.shapes import Node, der, rsa_key


class Place:
    """A joined module with the clock set, in a world with one server."""

    def __init__(self, host, port, address):
        world = World()
        world.add_access_point("home", "correct horse")
        world.route(host, port, address)
        clock = VirtualClock(patience=30)  # its servers are processes of their own
        self.module = SimulatedModule(world, clock=clock, timing=Timing.fast())
        self.module.power_on()
        self.radio = SPWF04(self.module.uart("machine"), clock=clock)
        self.radio.connect("home", "correct horse")
        self.radio.set_time(int(time.time()))

    def open(self, context, host, port):
        sock = context.wrap_socket(SocketPool(self.radio).socket(), server_hostname=host)
        sock.settimeout(20)
        sock.connect((host, port))
        return sock


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{
        listen 127.0.0.1:{port} ssl;
        {certificates}
        ssl_protocols {protocols};
        ssl_prefer_server_ciphers {prefer};
        location / {{ return 200 "hello from nginx\\n"; }}
    }}
}}
"""


def nginx(folder, chains, protocols="TLSv1.2 TLSv1.3", prefer="off"):
    """A configuration file of nginx. chains: [(PEM of the chain, PEM of the key)]."""
    port = free_port()
    lines = ""
    for n, (chain, key) in enumerate(chains):
        cert, key = write_pem(folder, f"server{n}", chain, key)
        lines += f"ssl_certificate {cert}; ssl_certificate_key {key};\n"
    text = NGINX.format(
        folder=folder, port=port, certificates=lines, protocols=protocols, prefer=prefer
    )
    (folder / "nginx.conf").write_text(text)
    command = [need("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    return running(command, port, folder)


def get(sock, host):
    with sock:
        sock.send(b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host.encode())
        return sock.read()


def test_nginx_with_an_rsa_and_an_ecdsa_certificate(tmp_path):
    host = "dual.example"
    ec_root = Node("EC root")
    rsa_root = Node("RSA root", key=rsa_key(0))
    ec = Node(host, ec_root, hosts=[host])
    rsa = Node(host, rsa_root, rsa_key(1), [host])
    chains = [([pem(ec.cert)], key_pem(ec.key)), ([pem(rsa.cert)], key_pem(rsa.key))]
    roots = Bundle(build([der(ec_root.cert), der(rsa_root.cert)]))
    with nginx(tmp_path, chains) as address:
        place = Place(host, 443, address)
        sock = place.open(SSLContext(roots=roots), host, 443)
        assert sock.engine == "module"
        assert get(sock, host).endswith(b"hello from nginx\n")


def test_nginx_with_tls_1_3_alone_by_the_hosts_tls(tmp_path):
    host = "modern.example"
    root = Node("Modern root")
    leaf = Node(host, root, hosts=[host])
    with nginx(tmp_path, [([pem(leaf.cert)], key_pem(leaf.key))], "TLSv1.3") as address:
        place = Place(host, 443, address)
        sock = place.open(SSLContext(roots=Bundle(build([der(root.cert)]))), host, 443)
        assert (sock.engine, sock.version()) == ("host", "TLSv1.3")
        assert get(sock, host).endswith(b"hello from nginx\n")


def mqtt_string(text):
    return struct.pack(">H", len(text)) + text.encode()


@pytest.mark.parametrize("kind", ["ECDSA", "RSA"])
@pytest.mark.parametrize("engine", ["module", "host"])
def test_mosquitto_with_mutual_tls(tmp_path, engine, kind):
    host, port = "broker.example", 8883
    kind = trustme.KeyType[kind]
    ca, clients = (trustme.CA(key_type=kind) for _ in range(2))
    since = {"not_before": None, "key_type": kind}
    server = ca.issue_cert(host, **since)
    client = clients.issue_cert("device-17.example", common_name="device-17.example", **since)
    certs = [p.bytes() for p in server.cert_chain_pems]
    cert, key = write_pem(tmp_path, "server", certs, server.private_key_pem.bytes())
    client_cert, client_key = write_pem(
        tmp_path, "client", [client.cert_chain_pems[0].bytes()], client.private_key_pem.bytes()
    )
    authority, _ = write_pem(tmp_path, "clients", [clients.cert_pem.bytes()])
    real = free_port()
    (tmp_path / "mosquitto.conf").write_text(
        f"listener {real} 127.0.0.1\ncertfile {cert}\nkeyfile {key}\ncafile {authority}\n"
        "require_certificate true\nuse_identity_as_username true\nuser root\n"
    )
    command = [need("mosquitto"), "-c", str(tmp_path / "mosquitto.conf")]
    with running(command, real, tmp_path) as address:
        place = Place(host, port, address)
        context = SSLContext(roots=Bundle(build(pem_certificates(ca.cert_pem.bytes()))))
        context.engine = engine
        with pytest.raises(OSError):  # without a certificate the broker hangs up
            sock = place.open(context, host, port)
            sock.send(
                b"\x10\x10" + mqtt_string("MQTT") + b"\x04\x02\x00\x3c" + mqtt_string("spwf")
            )
            assert sock.recv(4) == b"\x20\x02\x00\x00"
        context.load_cert_chain(client_cert, client_key)
        with place.open(context, host, port) as sock:
            assert sock.engine == engine
            sock.send(
                b"\x10\x10" + mqtt_string("MQTT") + b"\x04\x02\x00\x3c" + mqtt_string("spwf")
            )
            assert sock.recv(4) == b"\x20\x02\x00\x00"  # CONNACK: accepted
            sock.send(b"\xe0\x00")


def test_openssl_s_server(tmp_path):
    host = "plain.example"
    root = Node("s_server root", key=rsa_key(2))
    leaf = Node(host, root, rsa_key(3), [host])
    cert, key = write_pem(tmp_path, "server", [pem(leaf.cert)], key_pem(leaf.key))
    port = free_port()
    command = [need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet"]
    command += ["-cert", cert, "-key", key]
    with running(command, port, tmp_path) as address:
        place = Place(host, 443, address)
        done = place.radio.certs.install_for(host, roots=Bundle(build([der(root.cert)])))
        assert done.engine == "module"
        sock = place.open(SSLContext(), host, 443)
        assert b"s_server" in get(sock, host)
