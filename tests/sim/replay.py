r"""Plays a transcript against the simulated module.

# comment            > host line, ended by CR        < module line, exactly
* beginning of a line whose rest is not known        ! what is set up, or happens
>> line|payload      the line, CR, payload with \r \n as in Python
>@ line %d           the line with the length of the CA, CR, the CA; %s: its identifier
"""

import base64
import contextlib
import datetime
import hashlib
import socket
import ssl
import threading
import time

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from spwf04_sim import Flash, Peer, Quirks, SimulatedModule, Timing, VirtualClock, World
from tests import HANG

MESSAGE = b"this is my hello world message\n"
MAC = {"nv_wifi_macaddr": "00:80:E1:C4:00:2D"}
OLD, NEW = "170216-fd39c59", "171117-0328fe3"
QUIET = {"wifi_mode": "0"}


class Hello(Peer):
    """Sends a greeting, at once or when it gets data."""

    last = None

    def __init__(self, at_once):
        super().__init__()
        Hello.last = self
        self._at_once = at_once

    def on_connect(self):
        if self._at_once:
            self.send(MESSAGE)

    def on_data(self, data):
        self.send(MESSAGE)


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

    def __init__(self, chain, answer, client_ca=None):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain.configure_cert(self._context)
        if client_ca is not None:
            client_ca.configure_trust(self._context)
            self._context.verify_mode = ssl.CERT_REQUIRED
        self._answer = answer
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


def dated(authority, host, **more):
    """Issue a leaf that is valid today; trustme's default is the year 2000."""
    since = datetime.datetime.now() - datetime.timedelta(days=9)
    return authority.issue_cert(host, not_before=since, common_name=host, **more)


class Stage:
    """The module and its world, as the directives of a transcript set them up."""

    def __init__(self):
        self.clock = VirtualClock()
        self.world = World()
        self.world.add_access_point("myssid", "secret12")
        self.received = bytearray()
        self.ca = None
        self.server = None

    # set-ups
    def make(self, firmware=NEW, saved=None, quirks=None, variables=None, variant="SA", off=False):
        self.module = SimulatedModule(
            self.world,
            quirks=quirks,
            clock=self.clock,
            timing=Timing(),
            flash=Flash(saved=dict(saved or {}), radio_off=off),
            variant=variant,
            firmware=firmware,
            variables=variables,
        )

    def booted(self, **more):
        more.setdefault("saved", QUIET)
        self.make(**more)
        self.module.power_on()
        self.clock.advance(2)
        self.received += self.module.transmit()
        self.received.clear()

    def joined(self, **more):
        saved = {
            "wifi_ssid": "myssid",
            "wifi_wpa_psk_text": "secret12",
            "ip_use_v6": "0",
            **more.pop("saved", {}),
        }
        self.booted(saved=saved, **more)
        self.clock.advance(5)
        self.module.transmit()
        self.module.set_clock(int(time.time()))

    def https(self, host, answer=b"HTTP/1.1 200 OK\r\n\r\n", chain=None, client_ca=None):
        self.server = HttpsServer(chain, answer, client_ca)
        self.world.route(host, 443, self.server.address)

    def ca_bytes(self, encoding=Encoding.DER):
        certificate = x509.load_pem_x509_certificate(self.ca.cert_pem.bytes())
        key = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return certificate.public_bytes(encoding), ":".join(f"{c:02X}" for c in key.digest)

    # playing
    def expect(self, line, exact=True):
        """Wait for the module's next line."""
        end = self.clock.now() + 60
        while b"\n" not in self.received:
            if self.clock.now() > end:
                raise AssertionError(f"expected {line!r}, nothing came; {bytes(self.received)!r}")
            self.clock.idle()
            self.received += self.module.transmit()
        got, _, rest = bytes(self.received).partition(b"\n")
        self.received[:] = rest
        got = got.removesuffix(b"\r").decode("latin-1")
        if got != line and (exact or not got.startswith(line)):
            raise AssertionError(f"expected {line!r}, got {got!r}")

    def play(self, text):
        """Play all lines."""
        identifier = ""
        for raw in text.splitlines():
            mark, _, line = raw.partition(" ")
            if mark == "<":
                # Between the last byte of a payload and AT-S.OK there is no line end
                self.expect(line.replace("%s", identifier).replace("%d", str(self.length)))
            elif mark == "*":
                self.expect(line, exact=False)
            elif mark == ">":
                self.module.receive(line.encode() + b"\r")
            elif mark == ">>":
                head, _, payload = line.partition("|")
                payload = payload.replace("\\r", "\r").replace("\\n", "\n")
                self.module.receive(head.encode() + b"\r" + payload.encode())
            elif mark.startswith(">@"):
                encoding = Encoding.PEM if mark == ">@pem" else Encoding.DER
                data, identifier = self.ca_bytes(encoding)
                self.length = len(data)
                self.module.receive((line % len(data)).encode() + b"\r" + data)
            elif mark == "!":
                DIRECTIVES[line](self)

    length = 0


def _boot(stage, **how):
    stage.make(**how)
    stage.module.power_on()


def _broken_flash(stage, **how):
    """Switch the module on with a broken saved configuration."""
    stage.make(**how)
    stage.module.on = True
    stage.module.restart("factory")


def _power(stage):
    name = stage.name
    if name == "b2_boot_factory_reset_sc":
        _broken_flash(stage, firmware=OLD, variant="SC", variables=QUIET)
    elif name == "b2_boot_scan_loop":
        _broken_flash(stage, firmware=OLD, quirks=Quirks(factory_wind73=True))
    elif name == "b2_boot_miniap":
        _boot(
            stage,
            firmware=OLD,
            variables=MAC,
            saved={"wifi_mode": "3", "wifi_ssid": "GW_1002"},
        )
    elif name == "t8_miniap":
        _boot(stage, saved=QUIET, off=True)
    else:
        stage.world.route("example.org", 80, lambda: Hello(False))
        _boot(stage, saved=QUIET, variables=MAC)


def _socket(stage):
    stage.world.route("example.org", 80, lambda: Hello(True))
    stage.joined()
    stage.module.receive(b"AT+S.SOCKON=example.org,80,,t\r")
    stage.expect("AT+S.SOCKON=example.org,80,,t")
    stage.expect("AT-S.On:93.184.216.34:0")
    stage.expect("AT-S.OK")


def _https(stage, host, named=None, key=trustme.KeyType.ECDSA, ca_key=None, **more):
    stage.ca = trustme.CA(key_type=ca_key or key)
    stage.joined(quirks=more.pop("quirks", None))
    stage.https(host, chain=dated(stage.ca, named or host, key_type=key), **more)


def _with_intermediate(stage, host, **more):
    stage.ca = trustme.CA()
    stage.joined()
    stage.https(host, chain=dated(stage.ca.create_child_ca(), host), **more)


def _rsa4096(stage):
    """A chain of RSA keys whose intermediate has 4096 bits."""
    _https(stage, "ghi-test-iot.azure-devices.net", key=trustme.KeyType.RSA)
    from tests.sim.chains import rsa4096_intermediate

    chain = rsa4096_intermediate(stage.ca, "ghi-test-iot.azure-devices.net")
    stage.https("ghi-test-iot.azure-devices.net", chain=chain)


def _station(stage):
    stage.booted(saved={"wifi_mode": "3", "wifi_ssid": "ap", "ip_use_v6": "0"})
    stage.clock.advance(2)
    stage.module.transmit()
    stage.module.station_joins("02:A9:D2:A0:FF:A0", "192.168.0.2")
    stage.expect("+WIND:28:Station Associated:02:A9:D2:A0:FF:A0:0")


def _mutual(stage):
    _station(stage)
    stage.ca = trustme.CA()
    stage.module.set_clock(int(time.time()))
    chain = dated(stage.ca.create_child_ca().create_child_ca(), "192.168.0.2")
    stage.https("192.168.0.2", b"HTTP/1.1 400 Bad Request\r\n\r\n", chain, stage.ca)
    own = stage.ca.issue_cert("module@example.org")
    stage.module.flash.slot.update(
        ca=stage.ca_bytes()[0],
        cert=own.cert_chain_pems[0].bytes(),
        key=own.private_key_pem.bytes(),
    )


def _two_networks(stage):
    stage.world.add_access_point("it's", channel=11, rssi=-71)
    stage.booted()


def _joined_old(stage):
    if stage.name == "a5_websocket_open":
        stage.world.route("93.184.216.34", 80, Upgrade)
        stage.joined()
    else:
        stage.joined(firmware=OLD if stage.name == "f2_status" else NEW)


def _wrong(stage):
    stage.make(saved={"wifi_ssid": "myssid", "wifi_wpa_psk_text": "wrong"})
    stage.module.power_on()
    stage.clock.advance(0.74)
    stage.module.transmit()
    stage.expect("+WIND:32:WiFi Hardware Started")


def _saw_alert(stage):
    for _ in range(100 * HANG):
        if any("certificate unknown" in a.lower() for a in stage.server.alerts):
            return
        time.sleep(0.01)
    raise AssertionError(stage.server.alerts)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello\n\r\n0\r\n\r\n"
DIRECTIVES = {
    "power": _power,
    "power factory": _power,
    "quiet": lambda stage: None,
    "booted": lambda stage: stage.booted(),
    "joined": _joined_old,
    "joined, socket 0": _socket,
    "peer closes": lambda stage: Hello.last.close(),
    "wrong password": _wrong,
    "booted, two networks": _two_networks,
    "station 00:0F:00:4F:B1:3F": lambda s: s.module.station_joins("00:0F:00:4F:B1:3F"),
    "miniap, station 192.168.0.2": _station,
    "miniap, station 192.168.0.2, mutual https": _mutual,
    "joined, https www.amazon.com chunked": lambda s: _with_intermediate(
        s, "www.amazon.com", answer=CHUNKED
    ),
    "joined, https www.google.com, errors without text": lambda s: _https(
        s, "www.google.com", quirks=Quirks(error_text="empty")
    ),
    "joined, https meta.stackexchange.com": lambda s: _https(s, "meta.stackexchange.com"),
    "joined, https azure.example": lambda s: _https(s, "azure.example"),
    "joined, https storage.example watched": lambda s: _https(s, "storage.example"),
    "joined, https www.ssllabs.com named ssllabs.com": lambda s: _https(
        s, "www.ssllabs.com", "ssllabs.com"
    ),
    "joined, https xxxxx.iot.eu-west-1.amazonaws.com mixed": lambda s: _https(
        s, "xxxxx.iot.eu-west-1.amazonaws.com", ca_key=trustme.KeyType.RSA
    ),
    "joined, https ghi-test-iot.azure-devices.net rsa4096": _rsa4096,
    "server saw certificate_unknown": _saw_alert,
}
