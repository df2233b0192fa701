"""Server sockets of the simulated module, reached by real clients on loopback."""

import re
import socket
import ssl
import threading
import time

import trustme

from spwf04_sim import SimulatedModule, Timing, VirtualClock, World
from tests import HANG


class Setup:
    def __init__(self):
        self.world = World()
        self.world.add_access_point("home", "correct horse")
        self.module = SimulatedModule(self.world, clock=VirtualClock(), timing=Timing.fast())
        self.module.flash.saved = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
        self.module.power_on()
        self.module.clock.advance(1)
        self.ask("AT+S.SCFG=console_echo,0")

    def ask(self, line, data=b""):
        self.module.receive(line.encode() + b"\r" + data)
        return self.said()

    def said(self, seconds=0.3):
        self.module.clock.advance(seconds)
        return self.module.transmit().decode("latin-1")


def test_a_client_connects_sends_and_leaves():
    """The events are those in a log of a TCP server. [g.6]"""
    setup = Setup()
    assert setup.ask("AT+S.SOCKDON=32000,t") == "AT-S.On:0\r\nAT-S.OK\r\n"
    with socket.create_connection(setup.world.listening[32000]) as client:
        came = r"\+WIND:61:Incoming Socket Client:127\.0\.0\.1:\d+:0:0\r\n"
        assert re.fullmatch(came, setup.said())
        client.sendall(b"hello")
        assert setup.said() == "+WIND:55:Pending Data:0:0:5:5\r\n"
        assert setup.ask("AT+S.SOCKDQ=0,0") == "AT-S.Query:5\r\nAT-S.OK\r\n"
        assert setup.ask("AT+S.SOCKDC=0,0") == "AT-S.ERROR:77:Pending data\r\n"
        assert setup.ask("AT+S.SOCKDR=0,0,0") == "AT-S.Reading:5:5\r\nhelloAT-S.OK\r\n"
        assert setup.ask("AT+S.SOCKDW=0,0,6", b"world!") == "AT-S.OK\r\n"
        assert client.recv(10) == b"world!"
        assert setup.ask("AT+S.SOCKDL").startswith("AT-S.List:0:0:1:t:0:127.0.0.1:")
    gone = r"\+WIND:62:Socket Client Gone:127\.0\.0\.1:\d+:0:0:0\r\n"
    assert re.fullmatch(gone, setup.said())
    assert setup.ask("AT+S.SOCKDC=0,0") == "AT-S.OK\r\n"
    assert setup.ask("AT+S.SOCKDC=0") == "AT-S.OK\r\n"
    assert setup.ask("AT+S.SOCKDQ=0,0") == "AT-S.ERROR:76:Illegal Socket ID\r\n"


def test_there_are_two_servers_and_no_port_is_used_twice():
    setup = Setup()
    assert "AT-S.On:0" in setup.ask("AT+S.SOCKDON=8080,t")
    assert "ERROR:73:" in setup.ask("AT+S.SOCKDON=8080,t")
    assert "AT-S.On:1" in setup.ask("AT+S.SOCKDON=81,t")
    assert "ERROR:75:" in setup.ask("AT+S.SOCKDON=82,t")


def test_a_restart_closes_the_servers():
    setup = Setup()
    setup.ask("AT+S.SOCKDON=8080,t")
    setup.module.restart()
    assert setup.world.listening == {}


def secure(setup, context):
    """Connect in a thread, because the module must run meanwhile; return what came back."""
    result = []

    def client():
        with socket.create_connection(setup.world.listening[443]) as sock:
            sock.settimeout(HANG)
            try:
                with context.wrap_socket(sock, server_hostname="module.example") as tls:
                    tls.sendall(b"secret")
                    result.append(tls.recv(10))
            except OSError as e:
                result.append(e)

    thread = threading.Thread(target=client)
    thread.start()
    text = ""
    end = time.monotonic() + HANG
    while thread.is_alive() and time.monotonic() < end:
        text += setup.said(0.02)
        if "+WIND:55:" in text and "answered" not in text:
            text += setup.ask("AT+S.SOCKDW=0,0,3", b"yes") + "answered"
    thread.join()
    return text + setup.said(), result[0]


def test_a_tls_server_works_with_and_without_client_certificates():
    ca = trustme.CA()
    own = ca.issue_cert("module.example")
    setup = Setup()
    setup.module.flash.slot.update(
        ca=ca.cert_pem.bytes(),
        cert=own.cert_chain_pems[0].bytes(),
        key=own.private_key_pem.bytes(),
    )
    context = ssl.create_default_context()
    ca.configure_trust(context)
    setup.ask("AT+S.SOCKDON=443,s1")
    text, answer = secure(setup, context)
    assert answer == b"yes"
    assert "+WIND:61:" in text
    setup.ask("AT+S.SOCKDR=0,0,0")
    setup.ask("AT+S.SOCKDC=0")
    setup.ask("AT+S.SOCKDON=443,s2")
    text, answer = secure(setup, context)
    assert isinstance(answer, OSError)
    assert "+WIND:62:" in text
    assert "+WIND:61:" not in text
    ca.issue_cert("client@example").configure_cert(context)
    text, answer = secure(setup, context)
    assert answer == b"yes"
