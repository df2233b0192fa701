"""A joined module and real servers, for what a recording cannot show."""

import base64
import contextlib
import datetime
import hashlib
import socket
import ssl
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_sim import Flash, Peer, SimulatedModule, Timing, VirtualClock, World
from tests import HANG


class Upgrade(Peer):
    """Switches to WebSocket."""

    def on_data(self, data):
        key = data.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        proof = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        self.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n")
        self.send(b"Connection: Upgrade\r\nSec-WebSocket-Accept: ")
        self.send(base64.b64encode(proof) + b"\r\n\r\n")


class HttpsServer:
    """Answers each request with the same answer; keeps the alerts that it gets."""

    def __init__(self, chain, answer=b""):
        self._answer = answer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain.configure_cert(self._context)
        self.alerts = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            try:
                with self._context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(4096)
                    secure.sendall(self._answer)
                    with contextlib.suppress(OSError):
                        secure.unwrap()
            except OSError as e:  # ssl.SSLError is one
                self.alerts.append(str(e))

    def wait_for_alert(self, words):
        """Fail unless the server gets an alert with these words."""
        for _ in range(100 * HANG):
            if any(words in alert.lower() for alert in self.alerts):
                return
            time.sleep(0.01)
        raise AssertionError(self.alerts)


def dated(authority, host, **more):
    """Issue a leaf that is valid today; trustme's default is the year 2000."""
    since = datetime.datetime.now() - datetime.timedelta(days=9)
    return authority.issue_cert(host, not_before=since, common_name=host, **more)


class Stage:
    """A module in its network."""

    def __init__(self):
        self.clock = VirtualClock()
        self.world = World()
        self.world.add_access_point("myssid", "secret12")
        saved = {"wifi_ssid": "myssid", "wifi_wpa_psk_text": "secret12"}
        self.module = SimulatedModule(
            self.world, clock=self.clock, timing=Timing(), flash=Flash(saved=saved)
        )
        self.module.power_on()
        self.clock.advance(6)
        self.module.transmit()
        self.module.set_clock(int(time.time()))
        self.ca = None
        self.server = None

    def trusts(self, authority):
        """Take the CA whose certificates are used."""
        self.ca = authority

    def https(self, host):
        """Route a host to a real server with a certificate of the CA."""
        self.server = HttpsServer(dated(self.ca, host))
        self.world.route(host, 443, self.server.address)

    def ca_bytes(self, encoding=Encoding.DER):
        """The CA's certificate, and its subject key identifier as the module shows it."""
        certificate = x509.load_pem_x509_certificate(self.ca.cert_pem.bytes())
        key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return certificate.public_bytes(encoding), ":".join(f"{c:02X}" for c in key.digest)

    def ask(self, line, expected, data=b""):
        """Send a command line and its data; fail unless a line of the reply is as expected."""
        self.module.receive(line.encode() + b"\r" + data)
        heard = b""
        end = self.clock.now() + 60
        while expected.encode() + b"\r\n" not in heard:
            assert self.clock.now() < end, heard
            self.clock.idle()
            heard += self.module.transmit()
