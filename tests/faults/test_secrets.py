"""No secret is shown, whatever it is, whichever call takes it, and whatever goes wrong."""

import ast
import asyncio
import base64
import json
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spwf04 import SSLContext, aio
from spwf04.at import secret
from spwf04.at.trace import record
from spwf04.compat import ssl
from spwf04.compat.network import NetworkModule
from spwf04.compat.wifi import Radio
from spwf04.pki.identity import Identity
from spwf04.services import websocket
from spwf04.services.mail import send_mail, sending_mail
from spwf04.services.mqtt import MQTTClient
from spwf04.services.web import WebPages
from spwf04.supervise import Supervisor
from spwf04_cli.shell.prompt import remembered
from spwf04_sim.desk import serve
from tests.cli import at_port, spwf04
from tests.faults.exchanges import Stage
from tests.faults.services import http
from tests.shims import package
from tests.shims.desk import simulated
from tests.shims.posts import MailServer
from tests.shims.shapes import Node

# Pieces of a secret with so many characters are looked for
_SLICE = 5

# Secrets ------------------------------------------------------------------------------------
_WORDS = ["password", "psk", "pwd", "wifi_wpa_psk_text", "AT+S.OK", "-----BEGIN", "key"]
_PIECES = st.sampled_from([*_WORDS, ",", ",,", "|", '"', "'", "=", ":", "?", "/", "@", " ", "\\"])
_LETTERS = st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
PASSWORDS = st.one_of(
    st.lists(_PIECES | st.text(_LETTERS, min_size=1, max_size=8), min_size=2, max_size=9)
    .map("".join)
    .filter(lambda text: 8 <= len(text.encode()) <= 60),
    st.text("0123456789", min_size=8, max_size=20),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.text(_LETTERS, min_size=8, max_size=12).map(lambda text: text[:9] + "\udce9" + text[9:]),
)
FAULTS = st.none() | st.tuples(
    st.sampled_from(["drop", "double", "restart", "flip"]),
    st.sampled_from("><"),
    st.integers(0, 330),
)
OTHER = "Zq7Jx2Wv9Ky4"  # what a call shows with this as its secret is public
# So are the words of messages; some of these appear with some secrets only
_SOURCE = "".join(path.read_text() for path in package.sources())


def everywhere(error):
    """All that an exception and the exceptions in its context hold."""
    found, waiting, seen = [], [error], set()
    while waiting:
        e = waiting.pop()
        if e is None or id(e) in seen:
            continue
        seen.add(id(e))
        found += [
            str(e),
            repr(e),
            repr(e.args),
            repr(vars(e)),
            "".join(e.__notes__ if hasattr(e, "__notes__") else []),
        ]
        found += [
            repr(getattr(e, name, "")) for name in ("object", "filename", "hint", "text", "doc")
        ]
        found += traceback.format_exception_only(e)
        waiting += [e.__cause__, e.__context__]
    return found


def shown(call, value, fault=None):
    """Everything that a call with a secret shows anywhere."""
    stage = Stage(joined=False)
    stage.radio.__class__ = Radio
    stage.module.variables["console_echo"] = "1"
    if fault is not None:
        stage.module.faults.add(fault[0], way=fault[1], at=fault[2])
    seen = []
    record(stage.radio, seen.append, payload=True)
    for _ in range(2):
        try:
            call(stage, value)
        except (OSError, ValueError, TypeError) as e:
            seen += everywhere(e)
    seen += stage.module.log
    seen += [serve.command(line) for line in stage.module.log]
    seen += [repr(x) for x in (stage.radio, stage.pool, stage.radio.channel, stage.radio.certs)]
    return "\n".join(seen)


def leaks(value, text, public):
    """The pieces of a secret that are in text, but not in public text."""
    text = text.replace("\\\\", "\\")
    forms = [value, value.encode("utf-8", "surrogateescape").decode("latin-1")]
    pieces = {form[at : at + _SLICE] for form in forms for at in range(len(form) - _SLICE + 1)}
    public += _SOURCE
    return sorted(piece for piece in pieces if piece in text and piece not in public)


# Calls --------------------------------------------------------------------------------------
def set_all(stage, value):
    for name in VARIABLES:
        try:
            stage.radio.set(name, value)
        except OSError as e:
            if not everywhere(e):
                raise


VARIABLES = [
    "wifi_wpa_psk_text",
    "wifi_wpa_psk_raw",
    "wifi_wep_keys[0]",
    "wifi_wep_keys[3]",
    "wifi_eap_passwd",
    "wifi_wps_pin",
    "aes128_key",
    "user_desc",
    "wifi_later_passwd",
    "later_psk_raw",
    "later_key",
]


def supervised(stage, value):
    keeper = Supervisor(stage.radio, "home", value, pause=1, heartbeat=1)
    end = stage.clock.now() + 3
    while stage.clock.now() < end:
        keeper.poll()
        stage.clock.idle()


def wrapped(stage, value):
    ssl.use_roots(None)
    ssl.wrap_socket(stage.pool.socket(), key=value, cert=CERT)


def with_will(stage, value):
    client = MQTTClient(stage.radio, "me", "h.example", 80)
    client.set_last_will("a/b", value)
    client.connect()


def mailed(stage, **login):
    stage.radio.connect("home", "correct horse")
    stage.world.route("mail.example", 25, lambda: MailServer([], "me", "other"))
    send_mail(stage.radio, "mail.example", "a@b.c", "d@e.f", "x", "y", **login)


def awaited(stage, value):
    async def both():
        joining = asyncio.ensure_future(aio.connect(stage.radio, "home", value, timeout=1))
        while not joining.done():
            stage.clock.idle()
            await asyncio.sleep(0)
        await joining

    asyncio.run(both())


def logged_in(stage, value):
    """Join a network of users by a password."""
    stage.world.add_access_point("company", users={"alice": "another"})
    stage.radio.connect("company", value, identity="alice", ca=CA, timeout=1)


def logged_in_by_key(stage, value):
    """Join it by a certificate, and what may be its key."""
    stage.world.add_access_point("company", users={"alice": "another"})
    stage.radio.connect("company", identity="alice", ca=CA, cert=CERT, key=value, timeout=1)


def left(stage):
    """Its radio, which has left the network, with what Radio.start_ap() asks it for."""
    stage.radio.disconnect()
    stage.radio.connected = False
    return stage.radio


def of_its_own(stage, **values):
    ap = NetworkModule(left(stage)).WLAN(1)
    ap.config(ssid="mine", **values)
    ap.active(True)


# Every public call that takes a secret; a test fails if a new one is missing here
CALLS = {
    "radio.SPWF04.connect": lambda s, x: s.radio.connect("home", x, timeout=1),
    "connect, login": logged_in,
    "connect, key": logged_in_by_key,
    "connect, PIN": lambda s, x: s.radio.connect(wps=x, timeout=1),
    "wifi.Radio.connect": lambda s, x: Radio.connect(s.radio, "home", key=x, timeout=1),
    "network.WLAN.connect": lambda s, x: NetworkModule(s.radio).WLAN().connect("home", x),
    "radio.SPWF04.start_ap": lambda s, x: s.radio.start_ap("mine", x, timeout=1),
    "wifi.Radio.start_ap": lambda s, x: Radio.start_ap(left(s), "mine", x),
    "accesspoint.APWLAN.config": lambda s, x: of_its_own(s, key=x),
    "aio.connect": awaited,
    "supervise.Supervisor.__init__": supervised,
    "radio.SPWF04.fetch_update": lambda s, x: s.radio.fetch_update(
        "h.example", 8000, "/f", "admin", x, timeout=1
    ),
    "radio.SPWF04.fetch_files": lambda s, x: s.radio.fetch_files(
        "h.example", 8000, "/f", 1, True, "admin", x, timeout=1
    ),
    "web.WebPages.lock": lambda s, x: WebPages(s.radio).lock(x),
    "ssl.wrap_socket": wrapped,
    "context.SSLContext.load_cert_chain": lambda s, x: SSLContext().load_cert_chain(CERT, x),
    "identity.Identity.__init__": lambda s, x: Identity(x),
    "settings.set_": set_all,
    "certs.install": lambda s, x: s.radio.certs.install(x),
    "load_verify_locations": lambda s, x: SSLContext().load_verify_locations(x),
    "load_cert_chain, password": lambda s, x: SSLContext().load_cert_chain(CERT, None, x),
    "mqtt.MQTTClient.__init__": lambda s, x: MQTTClient(
        s.radio, "me", "h.example", 80, "user", x
    ).connect(),
    "MQTT, last will": with_will,
    "websocket.connecting": lambda s, x: websocket.connect(
        s.radio, "ws://h.example/", user="me", password=x
    ),
    "mail.send_mail": lambda s, x: mailed(s, user="me", password=x),
    "mail.sending_mail": lambda s, x: s.radio.channel.take(
        sending_mail(s.radio, "h.example", "a@b.c", "d@e.f", "", "", user="me", password=x)
    ),
    "send_mail, user": lambda s, x: mailed(s, user=x, password="p"),
    "fetch, user": lambda s, x: s.radio.fetch_update("h.example", 80, "/f", x, "p", timeout=1),
}
PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())
CA = Node("authority").cert.public_bytes(Encoding.PEM)
CERT = Node("device", key=PRIVATE_KEY, ca=False).cert.public_bytes(Encoding.PEM)
_NAMES = {"password", "passwd", "key", "keyfile", "psk", "pin", "passphrase"}
# The calls above lead to these, or the parameter is no secret
_INSIDE = {
    "join.join",
    "join.way",
    "join.Password.__init__",
    "enterprise.Enterprise.__init__",
    "enterprise.Enterprise._read",
    "enterprise._login",
    "supervise._check",
    "wps.Wps.__init__",
    "wps._nobody",
    "scan.may_be_wep",
    "radio.SPWF04.joining",
    "aio.start_ap",
    "aio.fetch_update",
    "aio.fetch_files",
    "accesspoint.start",
    "accesspoint.checked",
    "update.fetch",
    "update.fetching",
    "volumes.fetch_files",
    "arguments.network",
    "bundle.Bundle._search",
    "cpython._load_identity",
    "mail._login",
}


def test_every_public_call_that_takes_a_secret_is_tried():
    found = set()
    for path in package.sources():
        tree = ast.parse(path.read_text())
        for outer in [tree, *[n for n in tree.body if isinstance(n, ast.ClassDef)]]:
            for node in outer.body:
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    named = {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
                    if named & _NAMES:
                        owner = outer.name + "." if isinstance(outer, ast.ClassDef) else ""
                        file = package.name(path).rpartition(".")[2]
                        found.add(f"{file}.{owner}{node.name}")
    assert found - _INSIDE <= set(CALLS)


@pytest.mark.generated(4)
@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=12, deadline=None)
@given(value=PASSWORDS, fault=FAULTS)
@example("MyPassword123", None)
@example("psk4711psk", ("drop", ">", 60))
@example("my-pwd-4711", None)
@example("hunter2secr\udce9t", None)
@example("correct,horse", None)
@example('correct horse","pwd', ("double", ">", 100))
def test_no_call_shows_the_secret_it_was_given(name, value, fault):
    public = shown(CALLS[name], OTHER, fault) + shown(CALLS[name], OTHER)
    assert leaks(value, shown(CALLS[name], value, fault), public) == []


@pytest.mark.generated(3)
@pytest.mark.parametrize("way", "><")
@pytest.mark.parametrize("fault", ["drop", "double", "flip"])
def test_not_even_when_a_byte_of_its_line_is_damaged(fault, way):
    """The bytes are those of the command and of its echo."""
    for name, value in (
        ("radio.SPWF04.connect", "hunter2,correct"),
        ("radio.SPWF04.fetch_update", "hunter2psk"),
    ):
        public = shown(CALLS[name], OTHER)
        for at in range(0, 420, 7):
            text = shown(CALLS[name], value, (fault, way, at))
            assert leaks(value, text, public) == [], at


# The command line ---------------------------------------------------------------------------
HARD = ["MyPassword123", "psk4711psk", "my-pwd-4711", 'correct,"horse', "12345678901", "a=b|c;d~e"]
RUNS = {
    "join": lambda x: (["join", "home", "--password", x, "--debug"], ""),
    "join, stdin": lambda x: (["join", "home", "--password", "-", "--debug", "--json"], x + "\n"),
    "join, asked": lambda x: (["join", "home", "--debug"], x + "\n"),
    "update": lambda x: (
        ["update", "http://h.example/x.ota", "--user", "me", "--password", x, "--yes", "--debug"],
        "",
    ),
    "shell": lambda x: (
        ["shell", "--no-history", "--debug"],
        f"SCFG=wifi_wpa_psk_text,{x}\nat+s.scfg=wifi_eap_passwd,{x}\nGCFG=wifi_wpa_psk_text\n"
        f"GCFG\nAT+S.HTTPGET=h,/,80,0,me,{x},,\nSCFG=user_desc\n{x}\nSFG=aes128_key,{x}\n"
        f"WPS={x}\nMQTTCONN=h,80,/,2,me,{x},,,,,,\n",
    ),
    "trust": lambda x: (["trust", "h.example", "--join", "home", "--password", x, "--debug"], ""),
}


@pytest.mark.generated(15)
@pytest.mark.parametrize("value", HARD)
@pytest.mark.parametrize("run", RUNS)
def test_the_command_line_shows_no_secret_that_it_was_given(run, value):
    def printed(value):
        controller = simulated()
        with at_port(controller.module) as port:
            arguments, stdin = RUNS[run](value)
            done = spwf04(*arguments, "--port", port, stdin=stdin)
        return done.out + done.err + "\n".join(controller.module.log)

    assert leaks(value, printed(value), printed(OTHER)) == []


@pytest.mark.parametrize("value", HARD)
@pytest.mark.parametrize("prefix", ["", "Nov 29 10:00:01 pi app[7]: ", "[10:00:01.5] -> ", "TX: "])
def test_a_log_of_any_program_is_read_without_the_secrets_in_it(prefix, value, tmp_path):
    def printed(value):
        lines = [
            f"AT+S.SCFG=wifi_wpa_psk_text,{value}",
            f"at+s.scfg=user_desc,{value}",
            f"AT+S.FWUPDATE=e,h.example,/f,80,0,me,{value}",
            "AT-S.OK",
            f"AT+S.SFG=wifi_wpa_psk_text,{value}",
            "AT-S.ERROR:1:Command not found",
            "AT+S.GCFG",
            f"AT-S.Var:wifi_wpa_psk_text={value}",
            f"AT-S.Var:wifi_eap_passwd={value}",
            "AT-S.OK",
            f"+WIND:64:Remote configuration:Key:{value}",
        ]
        words = [
            f"the password is {value}",
            f"wifi_wpa_psk_text = '{value}'",
            f"http://me:{value}@h.example/",
        ]
        log = tmp_path / "log.txt"
        log.write_text("".join(f"{prefix}{line}\n" for line in lines) + "\n".join(words) + "\n")
        found = ""
        for more in (["--all"], ["--json", "--payload"], ["--svg", str(tmp_path / "x.svg")]):
            done = spwf04("trace", str(log), *more)
            found += done.out + done.err
        return found + (tmp_path / "x.svg").read_text()

    # in free text a quote or a blank ends a password
    assert leaks(value, printed(value), printed(OTHER)) == []


@pytest.mark.parametrize("value", HARD)
def test_the_history_of_the_shell_keeps_no_secret(value):
    for line in (
        f"SCFG=wifi_wpa_psk_raw,{value}",
        f"SCFG wifi_wpa_psk_text,{value}",
        f"SFG=wifi_wpa_psk_text,{value}",
        f"at+s.httpget=h,/,80,0,me,{value},,",
        f"AT+S.SCFG=user_desc,{value}",
        f"WSP={value}",
        f"wps={value}",
        f"SSIDTXT=home,{value}",
        value,
    ):
        assert leaks(value, remembered(line), "") == []


# Lines --------------------------------------------------------------------------------------
# If a byte of these is lost, doubled or changed, still nothing of hunter2 is shown
LINES = [
    b"AT+S.SCFG=wifi_wpa_psk_text,hunter2hunter2",
    b"at+s.scfg=wifi_wpa_psk_raw,hunter2hunter2",
    b"AT+S.SCFG=wifi_wep_keys[2],hunter2hunter2",
    b"AT+S.SCFG=wifi_eap_passwd,hunter2hunter2",
    b"AT+S.SCFG=aes128_key,hunter2hunter2",
    b"AT+S.SCFG=user_desc,hunter2hunter2",
    b"AT+S.SCFG=wifi_wpa_psk_text|hunter2,hunter2",
    b"AT+S.WPS=hunter2hunter2",
    b"AT+S.HTTPGET=www.example.com,/,443,2,hunter2,hunter2hunter2,,",
    b"AT+S.HTTPPOST=www.example.com,/x?token=hunter2,443,2,,,a,b",
    b"AT+S.MQTTCONN=broker.example,8883,/mqtt,2,hunter2,hunter2hunter2,me,,,,,",
    b"AT+S.MQTTCONN=broker.example,8883,/mqtt,2,,,me,,,1,a/b,hunter2hunter2",
    b"AT+S.WSOCKON=h.example,443,/hunter2hunter2,2,hunter2,hunter2hunter2,,,",
    b"AT+S.SMTP=mail.example,25,0,hunter2,hunter2hunter2,,a@b,c@d,,,hi,,5",
    b"AT+S.FWUPDATE=e,192.168.1.5,/fw.ota,8000,0,hunter2,hunter2hunter2",
    b"AT+S.FSUPDATE=i,192.168.1.5,/fw.ota,8000,0,hunter2,hunter2hunter2",
    b"AT-S.Var:wifi_wpa_psk_text=hunter2hunter2",
    b"AT-S.Var:wifi_wep_keys[0]=hunter2hunter2",
    b"AT-S.Var:user_desc=hunter2hunter2",
    b"+WIND:64:Remote configuration:Key:hunter2hunter2",
    b"+WIND:64:Remote configuration: Pwd:hunter2hunter2",
    b"+WIND:64:Remote configuration:Scfg_wifi_eap_passwd:hunter2hunter2",
]
# These are shown whole
OPEN = [
    b"AT",
    b"AT&V",
    b"AT+S.SSIDTXT=psk-password-pwd",
    b"AT+S.SCFG=wifi_ssid,password",
    b"AT+S.SCFG=ip_hostname,pwd",
    b"AT+S.SCFG=wifi_wep_key_lens,0A",
    b"AT+S.SCFG=console_delimiter,0x7C",
    b"AT+S.SCFG=console_delimiter|0x2C",
    b"AT+S.GCFG=wifi_wpa_psk_text",
    b"AT+S.STS=fw_version",
    b"AT+S.SOCKON=password.example,443,,password.example",
    b"AT+S.SOCKON=www.example.com,80,NULL,t",
    b"AT+S.SOCKW=0,18",
    b"AT+S.FSC=psk.txt,18",
    b"AT+S.TLSCERT=key,900",
    b"AT+S.PING=1,56,psk.example,",
    b"AT+S.MQTTPUB=0,home/password,0,0,5",
    b"AT-S.Var:ip_hostname=psk",
    b"AT-S.Var:0.rx_rssi=-47",
    b"AT-S.ERROR:4:Variable not found",
    b"AT-S.OK",
    b"+WIND:25:WiFi Association successful:my password",
    b"+WIND:64:Remote configuration:Ssid:home",
    b"+WIND:64:Remote configuration:Scfg_ip_hostname:door",
    b"1:  BSS 00:11:22:33:44:55 CHAN: 01 RSSI: -38 SSID: 'psk=a,b' CAPS: 0421 WPA2 ",
]


@pytest.mark.parametrize("line", LINES, ids=bytes.decode)
def test_a_secret_is_masked_though_a_byte_of_its_line_is_damaged(line):
    for at in range(len(line)):
        for damaged in (
            line[:at] + line[at + 1 :],
            line[:at] + line[at : at + 1] * 2 + line[at + 1 :],
            *[line[:at] + bytes((line[at] ^ 1 << bit,)) + line[at + 1 :] for bit in range(7)],
            line[:at],
            b"\0\n" + line,
            b"\r" + line[:at] + line[at + 1 :],
        ):
            text = secret.masked(damaged)
            assert leaks("hunter2hunter2", text, "") == [], damaged


@pytest.mark.parametrize("line", LINES, ids=bytes.decode)
@pytest.mark.parametrize("gone", [2, 3, 5, 8, 13, 21])
def test_and_though_several_are_lost(line, gone):
    secret_at = line.index(b"hunter2")
    for at in range(secret_at):
        damaged = line[:at] + line[at + gone :]
        assert leaks("hunter2hunter2", secret.masked(damaged), "") == [], damaged


@pytest.mark.parametrize("line", LINES, ids=bytes.decode)
def test_and_though_two_bytes_of_it_are_damaged(line):
    """One is the last byte before the secret: what separates it from a name may be gone."""
    secret_at = line.index(b"hunter2")
    for last in (line[secret_at:], b"\xc3" + line[secret_at:]):
        for at in range(secret_at - 1):
            start = line[: secret_at - 1]
            for first in (
                start[:at] + start[at + 1 :],
                start[:at] + start[at : at + 1] + start[at:],
                start[:at] + b"\xff" + start[at + 1 :],
            ):
                damaged = first + last
                assert leaks("hunter2hunter2", secret.masked(damaged), "") == [], damaged
    for at in range(secret_at - 1):
        for other in range(at + 1, secret_at):
            damaged = line[:at] + line[at + 1 : other] + b"\xff" + line[other + 1 :]
            assert leaks("hunter2hunter2", secret.masked(damaged), "") == [], damaged


@pytest.mark.parametrize("first", OPEN, ids=bytes.decode)
@pytest.mark.parametrize("lost", [1, 2, 4, 6])
def test_and_though_the_line_before_has_lost_its_end(first, lost):
    for line in LINES:
        damaged = first + line[lost - 1 :]
        assert leaks("hunter2hunter2", secret.masked(damaged), "") == [], damaged


@pytest.mark.parametrize(
    "line",
    [
        b"+WIND:64:Rxmote cxnfiguration:Key:hunter2",
        b"+WIND:60:Remote cxnfiguration:Key:hunter2",
        b"+WIND:60:Rxmote cxnfiguration:Key:hunter2",
    ],
)
def test_a_remote_configuration_is_known_by_what_is_left_of_it(line):
    assert "hunter2" not in secret.masked(line)


@pytest.mark.parametrize("line", OPEN, ids=bytes.decode)
def test_a_line_without_a_secret_is_shown_whole(line):
    assert secret.masked(line) == line.decode()


# What is shown of a line, to the last byte
SHOWN = {
    "AT+S.SOCKC=hunter2": "AT+S.SOCKC=********",  # no number
    "AT+S.SOCKON=x y,443,NULL,t": "AT+S.SOCKON=********",  # no host
    "AT-S.Var:wifi_wep_keys[0]=hunter2": "AT-S.Var:wifi_wep_keys[0]=********",
    "AT+S.SCFG=wifi_wep_keys[1],hunter2": "AT+S.SCFG=wifi_wep_keys[1],********",
    "AT+S.GCFG=wifi_wpa_psk_text": "AT+S.GCFG=wifi_wpa_psk_text",
    "AT+S.GCFG=user_desc": "AT+S.GCFG=user_desc",
    "AT+S.SCFG=psk_text": "AT+S.SCFG=********",  # the beginning of the name is lost
    "AT+S.GCFG=zpsk": "AT+S.GCFG=********",
    "AT+S.SCFG=ip_hostname,ab": "AT+S.SCFG=ip_hostname,ab",
    "AT+S.SCFG=ip_hostname,a,b": "AT+S.SCFG=ip_hostname,********",
    "AT+S.SCFG=ip_hostname,a=b": "AT+S.SCFG=ip_hostname,********",
    "AX-S.Var:x=hunter2": "AX-S.Var:********",  # a byte is changed
    "AT-SVar:x=hunter2": "AT-SVar:********",  # a byte is lost
    "AQT-S.Var:x=1": "AQT-S.Va********",  # a byte too many
    "AT+S.FOO=12": "AT+S.FOO=12",  # a command that nobody knows
    "AT+S.FOO=1234": "AT+S.FOO=********",
    "AT+S.ABCDEFGHIJ=12": "AT+S.ABCDEFGHIJ=12",
    "AT+S.ABCDEFGHIJK=12": "AT+S.********",  # too long for a name
}


@pytest.mark.parametrize("line", SHOWN)
def test_a_line_is_shown_as_far_as_it_is_no_secret(line):
    assert secret.masked(line.encode()) == SHOWN[line]


@pytest.mark.parametrize(
    ("byte", "shown"),
    [(31, "\\x1f"), (32, " "), (92, "\\x5c"), (126, "~"), (127, "\\x7f"), (128, "\\x80")],
)
def test_what_cannot_be_printed_is_shown_as_its_code(byte, shown):
    line = b"AT+S.SSIDTXT=a" + bytes([byte]) + b"b"
    assert secret.masked(line) == f"AT+S.SSIDTXT=a{shown}b"


def test_the_delimiter_of_the_moment_tells_arguments_apart():
    line = b"AT+S.FWUPDATE=e|h.example|/f|80|0|hunter2|hunter2,hunter2"
    assert secret.masked(line, ord("|")) == "AT+S.FWUPDATE=e|h.example|********"
    assert "hunter2" not in secret.masked(line)
    assert secret.masked(b"AT+S.SSIDTXT=a,b", ord("|")) == "AT+S.SSIDTXT=a,b"


def test_every_command_and_variable_that_is_known_is_in_the_table():
    from spwf04_cli.reference import COMMANDS, STATUS, VARIABLES

    for name, command in COMMANDS.items():
        if name != "AT":
            form = secret._FORMS[name.encode()]
            assert len(form) >= len(command.names), name
    for name in [*VARIABLES, *STATUS]:
        name = name.encode()
        assert secret.open_variable(name) != secret.secret_variable(name), name


# Keys ---------------------------------------------------------------------------------------
def key_shapes():
    """{name of a shape: a private key in this shape}"""
    form, none = PrivateFormat, serialization.NoEncryption()
    pem = PRIVATE_KEY.private_bytes(Encoding.PEM, form.PKCS8, none)
    der = PRIVATE_KEY.private_bytes(Encoding.DER, form.PKCS8, none)
    sec1 = PRIVATE_KEY.private_bytes(Encoding.DER, form.TraditionalOpenSSL, none)
    shut = serialization.BestAvailableEncryption(b"hunter2hunter2")
    body = "".join(pem.decode().split("\n")[1:-2])
    numbers = PRIVATE_KEY.private_numbers()
    jwk = {"kty": "EC", "crv": "P-256"}
    jwk["d"] = base64.urlsafe_b64encode(numbers.private_value.to_bytes(32, "big")).decode()
    return {
        "base64": body,
        "four dashes": pem.decode().replace("-----", "----"),
        "four dashes, bytes": pem.replace(b"-----", b"----"),
        "latin-1": der.decode("latin-1"),
        "hexadecimal": der.hex(),
        "hexadecimal, bytes": der.hex().encode(),
        "a JWK": json.dumps(jwk),
        "a JWK, bytes": json.dumps(jwk).encode(),
        "encrypted": PRIVATE_KEY.private_bytes(Encoding.PEM, form.PKCS8, shut),
        "encrypted DER": PRIVATE_KEY.private_bytes(Encoding.DER, form.PKCS8, shut),
        "OpenSSH": PRIVATE_KEY.private_bytes(Encoding.PEM, form.OpenSSH, none),
        "OpenSSH, str": PRIVATE_KEY.private_bytes(Encoding.PEM, form.OpenSSH, none).decode(),
        "another label": pem.replace(b"PRIVATE KEY", b"MY KEY").decode(),
        "no end": pem.decode()[:-30],
        "damaged": pem.decode().replace("M", "*"),
        "a surrogate": pem.decode() + "\udce9",
        "cut": sec1[:-9],
        "a long name": body * 20,
    }


KEYS = key_shapes()


@pytest.mark.parametrize("shape", KEYS)
@pytest.mark.parametrize(
    "call",
    [
        "context.SSLContext.load_cert_chain",
        "identity.Identity.__init__",
        "ssl.wrap_socket",
        "certs.install",
        "load_verify_locations",
    ],
)
def test_a_key_in_a_shape_that_is_not_taken_is_refused_and_not_shown(call, shape):
    value = KEYS[shape]
    text = value if isinstance(value, str) else value.decode("latin-1")
    stage = Stage(joined=False)
    try:
        CALLS[call](stage, value)
    except (OSError, ValueError, TypeError) as e:
        told = "\n".join(everywhere(e))
        assert call == "load_verify_locations" or any(
            name in str(e) for name in ("keyfile", "certfile", "certificate", "cafile", "PEM")
        )
    else:
        assert call == "load_verify_locations"  # the driver reads it when a socket connects
        told = ""
    public = "-----BEGIN PRIVATE KEY----- -----END CERTIFICATE OPENSSH ENCRYPTED "
    lines = text.replace("\n", "")
    pieces = {lines[at : at + _SLICE] for at in range(len(lines) - _SLICE + 1)}
    assert [p for p in pieces if p in told and p not in public and p.strip("- ")] == []


@pytest.mark.parametrize(
    "shape",
    [
        "one line",
        "blanks",
        "carriage returns",
        "comment",
        "str",
        "bytearray",
        "indented",
        "base64",
    ],
)
def test_a_key_in_a_shape_that_is_clear_is_taken(shape):
    form, none = PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = PRIVATE_KEY.private_bytes(Encoding.PEM, form, none)
    made = {
        "one line": pem.replace(b"\n", b""),
        "blanks": pem.replace(b"\n", b" \n"),
        "carriage returns": pem.replace(b"\n", b"\r\n"),
        "comment": b"# NOT ENCRYPTED\n" + pem,
        "str": pem.decode(),
        "bytearray": bytearray(pem),
        "indented": pem.replace(b"\n", b"\n    "),
        "base64": b"".join(pem.split(b"\n")[1:-2]),
    }[shape]
    sec1 = PRIVATE_KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, none)
    assert Identity(CERT, made).key() == sec1


def test_the_http_client_shows_neither_login_nor_path_nor_body():
    from spwf04.at.trace import trace
    from spwf04.services.http import get, post

    stage = Stage()
    stage.world.route("web.example", 80, http.Web)
    lines = []
    trace(stage.radio, lines.append, payload=False)
    url = "http://user:geheim@web.example/geheim?geheim=1"
    get(stage.radio, url)
    get(stage.radio, url, into=bytearray(9))
    get(stage.radio, "http://web.example/geheim", auth=("user", "a,b|geheim"), into=bytearray(9))
    post(stage.radio, "http://web.example/geheim", json={"geheim": 1}, auth=("user", "geheim"))
    with pytest.raises(OSError) as caught:
        get(stage.radio, "http://user:geheim@web.example:81/geheim")
    assert len(lines) > 50
    assert "geheim" not in "\n".join(lines) + str(caught.value)
