"""The servers that the libraries talk to: nginx in front of an application, mosquitto, NTP."""

import contextlib
import hashlib
import http.server
import json
import socket
import struct
import threading
import time

from tests.shims.daemons import free_port, need, running, write_pem
from tests.shims.servers import PAGE, pattern, servers

HOST = "www.example.com"
MEGABYTE = 1000000

_NGINX = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_max_body_size 4m;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    types {{ text/html html; }}
    server {{
        listen 127.0.0.1:{plain};
        listen 127.0.0.1:{secure} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        root {folder}/www;
        location /chunked {{ ssi on; }}
        location /slow {{ limit_rate 400; alias {folder}/www/page.html; }}
        location /redirect {{ return 302 $scheme://www.example.com/page.html; }}
        location /early {{ return 444; }}
        location /app/ {{ proxy_pass http://127.0.0.1:{app}; }}
    }}
}}
"""


class _App(http.server.BaseHTTPRequestHandler):
    """An application that tells what it got: length and SHA-256 of the body."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = json.dumps({"length": len(body), "sha256": hashlib.sha256(body).hexdigest()})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_PUT = do_POST

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def web(folder):
    """A web server; yields (plain address, address for TLS)."""
    (folder / "www").mkdir()
    files = {"page.html": PAGE, "megabyte": pattern(MEGABYTE), "chunked.html": pattern_text(3000)}
    for name, data in files.items():
        (folder / "www" / name).write_bytes(data)
    leaf = servers().leaf
    chain = [p.bytes() for p in leaf.cert_chain_pems]
    certificate, key = write_pem(folder, "server", chain, leaf.private_key_pem.bytes())
    app = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _App)
    threading.Thread(target=app.serve_forever, daemon=True).start()
    plain, secure = free_port(), free_port()
    (folder / "nginx.conf").write_text(
        _NGINX.format(
            folder=folder,
            plain=plain,
            secure=secure,
            certificate=certificate,
            key=key,
            app=app.server_address[1],
        )
    )
    command = [need("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    try:
        with running(command, plain, folder):
            yield ("127.0.0.1", plain), ("127.0.0.1", secure)
    finally:
        app.shutdown()


def pattern_text(n):
    """n bytes of text in which SSI sees no command."""
    return (b"0123456789abcde\n" * (n // 16 + 1))[:n]


@contextlib.contextmanager
def broker(folder, tls=False, client_ca=None, user=None, leaf=None):
    """mosquitto; yields its address. tls: with the certificate `leaf`, or www.example.com's."""
    port = free_port()
    text = f"listener {port} 127.0.0.1\nuser root\nmax_inflight_messages 5\n"
    if user is None:
        text += "allow_anonymous true\n"
    else:
        (folder / "passwords").write_text("")
        import subprocess

        command = [need("mosquitto_passwd"), "-b", str(folder / "passwords"), *user]
        subprocess.run(command, check=True, capture_output=True)
        text += f"allow_anonymous false\npassword_file {folder}/passwords\n"
    if tls:
        leaf = leaf or servers().leaf
        chain = [p.bytes() for p in leaf.cert_chain_pems]
        cert, key = write_pem(folder, "broker", chain, leaf.private_key_pem.bytes())
        text += f"certfile {cert}\nkeyfile {key}\n"
        if client_ca is not None:
            ca, _ = write_pem(folder, "clients", [client_ca.cert_pem.bytes()])
            text += f"cafile {ca}\nrequire_certificate true\n"
    (folder / "mosquitto.conf").write_text(text)
    command = [need("mosquitto"), "-c", str(folder / "mosquitto.conf")]
    with running(command, port, folder) as address:
        yield address


class NtpServer(threading.Thread):
    """Answers with the computer's time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.address = self.sock.getsockname()
        self.start()

    def run(self):
        while True:
            packet, address = self.sock.recvfrom(100)
            now = struct.pack(">II", int(time.time()) + 2208988800, 0)
            # version 4, server; stratum 2, poll 6
            self.sock.sendto(
                b"\x24\x02\x06\xec" + bytes(12) + now + packet[40:48] + now + now, address
            )
