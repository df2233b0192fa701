"""The calls of shortage.py: services, UDP sockets, servers, the supervisor, asyncio, the names of
other libraries, and the speed of the UART."""

import asyncio
import dataclasses
import re
import socket
import time
from typing import Callable
from unittest import mock

from spwf04 import Bundle, SSLContext, aio
from spwf04.compat import socket as compat_socket
from spwf04.compat import ssl as compat_ssl
from spwf04.compat.network import NetworkModule
from spwf04.errors import errno
from spwf04.services.http import get, getting
from spwf04.services.websocket import ConnectionClosed
from spwf04.supervise import Supervisor
from tests import HANG
from tests.faults.exchanges import EXCHANGES, Server
from tests.faults.memory import HOST, ROOT, ROOTS, SERVER, Wrong, nothing
from tests.faults.services.mqtt import MESSAGE
from tests.faults.services.websocket import MESSAGES
from tests.shims.servers import pattern, servers
from tests.shims.tlspeer import TlsPeer
from tests.shims.visits import Visitor

LAST = b"the last one"
NO_ROOM = "there was too little memory for a message"  # why a WebSocket was closed


@dataclasses.dataclass
class Case:
    """A call. prepare(stage) comes before it, each time. tidy(stage) is what a program has to do
    after an error of it. after(stage) goes on with what the call has used. allows(stage, error):
    True for an error that is no MemoryError, and is documented."""

    prepare: Callable
    act: Callable
    tidy: Callable = nothing
    after: Callable = nothing
    allows: Callable = lambda stage, error: False


# services ----------------------------------------------------------------------------------------
def _lost_message(stage, error):
    """A message for which there is no memory is dropped, and counted."""
    timed_out = getattr(error, "errno", None) == errno.ETIMEDOUT
    return timed_out and stage.client.lost > 0


def _end_client(stage):
    stage.client.disconnect()


def _end_websocket(stage):
    if getattr(stage, "ws", None) is not None:
        stage.ws.close()
        stage.ws = None


def _later_messages(stage):
    """Messages that come later are whole, or the WebSocket says that it is closed."""
    stage.webs[-1].says(2, LAST)
    got = None
    while got != LAST:
        try:
            got = stage.ws.recv()
        except ConnectionClosed:
            return
        assert got in (*MESSAGES, LAST), got


def _later_publications(stage):
    """A publication that comes later is whole, or the connection is lost."""
    del stage.got[:]
    stage.broker.clients[-1].publish(b"a/b", LAST)
    try:
        while not stage.got.endswith(LAST):
            stage.client.wait_msg(8)
    except OSError as e:
        assert e.errno == errno.ECONNRESET, e
        return
    assert stage.got in (MESSAGE + LAST, LAST), stage.got


def _wake(stage):
    stage.radio.wake()


def _until_it_is_over(stage):
    """The module goes on with what it was told: a page, or WPS, which lets in a module once."""
    stage.radio.channel.wait(lambda: False, 10000)


TIDY = {
    "HTTP, TLS": _until_it_is_over,
    "MQTT, plain": _end_client,
    "MQTT, TLS": _end_client,
    "WebSocket, plain": _end_websocket,
    "WebSocket, TLS": _end_websocket,
    "joining, plain: WPS button": _until_it_is_over,
    "power, plain: sleep and wake": _wake,
    "power, plain: wake by a command": _wake,
    "power, plain: standby": _wake,
}
COMMANDS = ("find the module", "join", "scan", "change a setting", "upload a file", "reset")
CASES = {
    name: Case(prepare, act, TIDY.get(name) or TIDY.get(name.split(":")[0]) or nothing)
    for name, (prepare, act, _) in EXCHANGES.items()
    if ":" in name or name in COMMANDS
}
CASES["MQTT, plain: receive"].allows = _lost_message
CASES["MQTT, plain: receive"].after = _later_publications
CASES["WebSocket, plain: receive"].after = _later_messages
for name in ("WebSocket, plain: receive", "WebSocket, TLS: open and send"):
    CASES[name].allows = lambda stage, error: NO_ROOM in str(error)


# their TLS ---------------------------------------------------------------------------------------
def _secure(stage):
    stage.world.route(HOST, 443, lambda: TlsPeer(SERVER, []))
    stage.radio.set_time(int(time.time()))


def _trusted(stage):
    _secure(stage)
    stage.radio.certs.install(ROOT.pem)


def _page(context=None):
    return lambda stage: get(stage.radio, f"https://{HOST}/", context=context, timeout=30)


CASES |= {
    "HTTP, TLS: get": Case(_trusted, _page(), _until_it_is_over),
    "HTTP, TLS: find the CA": Case(_secure, _page(SSLContext(roots=Bundle(ROOTS)))),
}


# UDP ---------------------------------------------------------------------------------------------
def _udp(stage):
    stage.world.route("udp.example", 7, lambda: Server(echoes=True))
    stage.sock = stage.pool.socket(type=stage.pool.SOCK_DGRAM)
    stage.sock.settimeout(8)


def _connected_udp(stage):
    _udp(stage)
    stage.sock.connect(("udp.example", 7))


def _ask_udp(stage):
    """Two answers wait, and stay apart."""
    for question in (b"is anybody", b"there?"):
        stage.sock.sendto(question, ("udp.example", 7))
        stage.radio.channel.wait(lambda: False, 100)
    for wanted in (b"is anybody", b"there?"):
        data, _ = stage.sock.recvfrom(30)
        assert data == wanted, data


def _later_answers(stage):
    """A datagram that comes later is there, and none is in pieces. Some may come as one."""
    for _ in range(3):  # one may be lost
        try:
            stage.sock.sendto(LAST, ("udp.example", 7))
            while True:
                data, _ = stage.sock.recvfrom(60)
                assert re.fullmatch(rb"(is anybody|there\?|the last one)+", data), data
                if data.endswith(LAST):
                    return
        except OSError as e:
            if e.errno == errno.ECONNRESET:
                return  # bytes were lost
            assert e.errno == errno.ETIMEDOUT, e
    raise Wrong("no datagram comes any more")


def _close_sock(stage):
    if stage.sock is not None:
        sock, stage.sock = stage.sock, None
        try:
            sock.close()
        except OSError as e:
            if e.errno != errno.ECONNRESET:  # bytes that were taken could not be sent
                raise


def _bound(stage):
    stage.sock = stage.pool.socket(type=stage.pool.SOCK_DGRAM)
    stage.sock.settimeout(8)
    stage.sock.bind(("", 5005))
    stage.sock.settimeout(0)
    try:
        stage.sock.recvfrom(1)
    except OSError as e:
        if e.errno != errno.EAGAIN:
            raise
    stage.sock.settimeout(8)


def _hear(stage):
    """A datagram of somebody, and an answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(HANG)
        other.sendto(b"who?", stage.world.listening[5005])
        data, address = stage.sock.recvfrom(30)
        assert data == b"who?", data
        stage.sock.sendto(b"me", address)
        assert other.recv(30) == b"me"


CASES |= {
    "UDP: open, ask and close": Case(
        _udp, lambda stage: (_ask_udp(stage), _close_sock(stage)), _close_sock
    ),
    "UDP: ask": Case(_connected_udp, _ask_udp, _close_sock, _later_answers),
    "UDP: become a server": Case(nothing, _bound, _close_sock),
    "UDP: hear and answer": Case(_bound, _hear, _close_sock),
}


# servers -----------------------------------------------------------------------------------------
def _listen(stage):
    stage.sock = stage.pool.socket()
    stage.sock.settimeout(8)
    stage.sock.bind(("", 8080))
    stage.sock.listen(2)


def _accept(stage):
    stage.module.visit(8080, Server(pattern(60)))
    stage.client, _ = stage.sock.accept()
    stage.client.settimeout(8)
    data = b""
    while len(data) < 60:
        part = stage.client.recv(60)
        assert part
        data += part
    assert data == pattern(60)
    stage.client.sendall(b"thanks")
    _hang_up(stage)


def _hang_up(stage):
    client, stage.client = getattr(stage, "client", None), None
    if client is not None:
        client.close()


def _stop(stage):
    _hang_up(stage)
    _close_sock(stage)


CASES |= {
    "server: listen": Case(nothing, _listen, _stop),
    "server: serve": Case(_listen, _accept, _stop),
    "server: close": Case(_listen, _stop, _stop),
}


# the supervisor ----------------------------------------------------------------------------------
def _kept(stage):
    stage.told = []
    stage.keeper = Supervisor(
        stage.radio,
        "home",
        "correct horse",
        on_change=lambda state, reason: stage.told.append((state, reason)),
        settings={"user_desc": "a,b", "ip_hostname": "door"},
        time=lambda: 1790000000,
        on_warning=stage.told.append,
    )


def _until_up(stage):
    """Poll, and let MemoryError pass: the supervisor goes on by itself."""
    while stage.keeper.poll() != "up":
        stage.clock.idle()
    for _ in range(3):  # a heartbeat, and a look at what ends
        end = stage.clock.now() + 20
        while stage.clock.now() < end:
            stage.keeper.poll()
            stage.clock.idle()


def _restarted(stage):
    _kept(stage)
    _until_up(stage)
    stage.module.restart()


CASES |= {
    "supervisor: join and watch": Case(_kept, _until_up),
    "supervisor: after a restart": Case(_restarted, _until_up),
}


# asyncio -----------------------------------------------------------------------------------------
def _async(stage, coroutine):
    """Run a coroutine while virtual time passes."""

    async def program():
        task = asyncio.ensure_future(coroutine)
        while not task.done():
            stage.clock.idle()
            await asyncio.sleep(0)
        return task.result()

    with mock.patch.object(aio, "pause", lambda: asyncio.sleep(0)):
        return asyncio.run(program())


def _aio(make):
    return lambda stage: _async(stage, make(stage))


def _open(stage):
    stage.connect()
    stage.sock.settimeout(0)


def _close_later(stage):
    _close_sock(stage)
    _async(stage, aio.drive(stage.radio.channel))


async def _keep(stage):
    task = asyncio.ensure_future(stage.keeper.run())
    while stage.keeper.state != "up":
        await asyncio.sleep(0)
        if task.done():
            task.result()
    task.cancel()


CASES |= {
    "asyncio: join": Case(
        lambda stage: stage.radio.disconnect(),
        _aio(lambda stage: aio.connect(stage.radio, "home", "correct horse")),
    ),
    "asyncio: scan": Case(nothing, _aio(lambda stage: aio.scan(stage.radio))),
    "asyncio: get a page": Case(
        _trusted,
        _aio(
            lambda stage: aio.take(
                stage.radio.channel, getting(stage.radio, f"https://{HOST}/", timeout=30)
            )
        ),
    ),
    "asyncio: close": Case(_open, _close_later, _close_sock),
    "asyncio: supervisor": Case(_kept, _aio(_keep)),
}


# TLS servers -------------------------------------------------------------------------------------
def _listen_by_tls(stage):
    stage.radio.set_time(int(time.time()))
    leaf = servers().leaf
    context = SSLContext()
    context.load_cert_chain(
        leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()
    )
    stage.sock = context.wrap_socket(stage.pool.socket(), server_side=True)
    stage.sock.settimeout(8)
    stage.sock.bind(("", 8443))
    stage.sock.listen(2)


def _accept_by_tls(stage):
    visitor = Visitor(stage.world.listening[8443], b"hello", True)
    stage.client, _ = stage.sock.accept()
    stage.client.settimeout(8)
    assert stage.client.recv(10) == b"hello"
    stage.client.sendall(b"thanks")
    assert visitor.read(6) == b"thanks"
    _hang_up(stage)
    visitor.leave()


CASES |= {
    "server, TLS: listen": Case(nothing, _listen_by_tls, _stop),
    "server, TLS: serve": Case(_listen_by_tls, _accept_by_tls, _stop),
}


# the names of other libraries --------------------------------------------------------------------
def _wlan(stage):
    """MicroPython's network.WLAN."""
    stage.radio.disconnect()
    stage.wlan = NetworkModule(stage.radio).WLAN()


def _join_by_wlan(stage):
    stage.wlan.active(True)
    stage.wlan.connect("home", "correct horse")
    while not stage.wlan.isconnected():
        stage.clock.idle()
    assert stage.wlan.status() == NetworkModule.STAT_GOT_IP
    assert stage.wlan.ifconfig()[0] == stage.radio.ipv4_address
    assert stage.wlan.scan()


def _as_socket(stage):
    """MicroPython's socket and ssl."""
    _secure(stage)
    compat_socket.use_radio(stage.radio)
    stage.pool = compat_socket._pool
    compat_ssl.use_roots(Bundle(ROOTS))


def _get_by_socket(stage):
    family, kind, protocol, _, address = compat_socket.getaddrinfo(HOST, 443)[0]
    stage.sock = compat_socket.socket(family, kind, protocol)
    stage.sock.settimeout(20)
    stage.sock.connect(address)
    stage.sock = compat_ssl.wrap_socket(stage.sock, server_hostname=HOST)
    stage.sock.write(b"GET / HTTP/1.0\r\n\r\n")
    assert stage.sock.readline().startswith(b"HTTP/")
    _close_sock(stage)


CASES |= {
    "compat: network.WLAN": Case(_wlan, _join_by_wlan),
    "compat: socket and ssl": Case(_as_socket, _get_by_socket, _close_sock),
}


# the UART ----------------------------------------------------------------------------------------
def _faster_and_back(stage):
    stage.radio.set_baudrate(921600, save=True)
    stage.radio.set_baudrate(115200, save=True)


def _find_it(stage):
    """The rate is not known after a call that was broken off."""
    if stage.radio.find_baudrate() != 115200:
        stage.radio.set_baudrate(115200, save=True)


CASES["set_baudrate"] = Case(nothing, _faster_and_back, _find_it)
