"""An HTTPS server on this computer that the simulated module can verify: docs/recipes.md.

It writes two files. ca.pem is the CA that a program must trust. server.pem is certificate and key,
which a broker can use too. A GET gets a temperature, a POST the length of what it brought.
"""

import http.server
import json
import ssl
import sys

import trustme

NAMES = "www.example.com", "mqtt.example.com"
ECDSA = {"key_type": trustme.KeyType.ECDSA}  # the module takes no chain that mixes two kinds


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"temperature": 17.5})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"length": len(body)})

    def answer(self, value):
        body = json.dumps(value).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8444
try:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
except OSError as e:
    sys.exit(f"port {port}: {e.strerror}. Name another, in world.toml too: server.py {port + 1}")
ca = trustme.CA(**ECDSA)
ca.cert_pem.write_to_path("ca.pem")
ca.issue_cert(*NAMES, **ECDSA).private_key_and_cert_chain_pem.write_to_path("server.pem")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(f"{' and '.join(NAMES)}: port {server.server_port} of this computer", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    server.server_close()
