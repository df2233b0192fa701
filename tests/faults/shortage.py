"""Has one allocation fail in each call of the services, of UDP sockets, servers, the supervisor
and asyncio, as memory.py does in those of TCP and TLS.

Then the call is made again, from its preparation on. What is left of both, on the module and in
the driver, must be what two calls without a failure leave: no socket, number, server or file more,
and every setting as it was. No text of the error may hold a secret.
"""

import asyncio
import dataclasses
import functools
import gc
import re
import socket
import time
from typing import Callable
from unittest import mock

from spwf04 import Bundle, SSLContext, aio
from spwf04.at import task
from spwf04.errors import errno
from spwf04.services.http import get, getting
from spwf04.services.websocket import ConnectionClosed
from spwf04.supervise import Supervisor
from tests import HANG
from tests.faults.exchanges import EXCHANGES, LIMIT, Server, Stage
from tests.faults.memory import HOST, ROOT, ROOTS, SERVER, Injector, Wrong, is_told, nothing
from tests.faults.services.mqtt import MESSAGE
from tests.faults.services.websocket import MESSAGES
from tests.shims.servers import pattern
from tests.shims.tlspeer import TlsPeer

SECRETS = ("correct horse", "hun,ter2", "secret", "wonder,land", "a-key-of-my-own", "12345670")
LAST = b"the last one"
NO_ROOM = "there was too little memory for a message"  # why a WebSocket was closed
# An indication that is lost here is as one that is lost on the wire: what waits may come as one
LINE = ("at/", "services/links.py")
SETTLE = 30  # s of virtual time in which closes that were put off are over


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


# how each is carried out -------------------------------------------------------------------------
def run(name, n):
    """Have the n-th line fail; raise Wrong, or return the Injector."""
    case = CASES[name]
    stage = Stage()
    stage.radio.isconnected()
    case.prepare(stage)
    stage.clock.end = stage.clock.now() + LIMIT
    with Injector(n) as injector:
        try:
            case.act(stage)
        except BaseException as e:
            error = e
        else:
            error = None
    where = f"{name}: line {n}, {injector.where}"
    _judge(case, stage, error, where)
    injector.error = None if error is None else MemoryError(str(error))
    error = None
    if not injector.where.startswith(LINE):
        try:
            case.after(stage)
        except BaseException as e:
            raise Wrong(f"{where}: after it {type(e).__name__}: {e}") from e
    found = _again(case, stage, where)
    if n and found != usual(name):
        gc.collect()  # what only the error held
        found = _again(case, stage, where)
    if n and found != usual(name):
        raise Wrong(f"{where}: left {_differences(found, usual(name))}")
    injector.left = found
    return injector


@functools.cache
def usual(name):
    """What two calls leave, of which none failed."""
    return run(name, 0).left


def _judge(case, stage, error, where):
    if error is None or is_told(error) or case.allows(stage, error):
        text = f"{error!r} {error} {getattr(error, 'hint', '')}"
        if [secret for secret in SECRETS if secret in text]:
            raise Wrong(f"{where}: {text}")
        return
    raise Wrong(f"{where}: {type(error).__name__}: {error}") from error


def _again(case, stage, where):
    """Make the call again; return what is left then."""
    stage.clock.end = stage.clock.now() + 3 * LIMIT
    del stage.got[:]
    try:
        case.tidy(stage)
        case.prepare(stage)
        case.act(stage)
        got = bytes(stage.got)
        case.tidy(stage)
        stage.fresh()
        stage.radio.channel.wait(lambda: not stage.pool.jobs, SETTLE * 1000)
    except BaseException as e:
        raise Wrong(f"{where}: then {type(e).__name__}: {e}") from e
    return dict(_left(stage), got=got)


def _left(stage):
    """What is open, set and stored, on the module and in the driver."""
    module, radio, pool = stage.module, stage.radio, stage.pool
    channel = radio.channel
    servers = [s for s in module.socket_table.servers if s is not None]
    links = radio.links.owners if radio.links is not None else []
    return {
        "variables": dict(module.variables),
        "files": sorted(
            (name, bytes(data))
            for name, data in module.flash.files.items()
            # memory.py looks at the CAs; an identity may stand in files, if not in the slot
            if not name[1].endswith((".ca", ".lent", ".trust", "tls.cert", "tls.key"))
        ),
        "sockets": [s.kind for s in module.sockets if s is not None],
        "servers": [(s.port, len([c for c in s.clients if c is not None])) for s in servers],
        "links": sorted(kind for kind in "wm" for _ in module.connections.of_kind(kind)),
        "interrupts": dict(module.pins._interrupts),
        "owners": [owner is not None for owner in pool.owners],
        "lost": pool.lost(),
        "jobs": len(pool.jobs),
        "links of the driver": len(links),
        "in flight": (channel.exchange, channel.then, len(channel._later)),
        "handlers": (sorted(channel.on_indication), len(channel.on_restart)),
        "late lines": channel.on_late_line.__name__,
        "gate": channel.gate,
        "opener": radio.store and radio.store.opener,
        "once()": (task._calls, dict(task._loaded)),
    }


def _differences(found, usual):
    return {key: (found[key], usual[key]) for key in found if found[key] != usual[key]}
