"""Has one allocation fail in each call of shortage_cases.py, as memory.py does in those of TCP and
TLS.

Then the call is made again, from its preparation on. What is left of both, on the module and in
the driver, must be what two calls without a failure leave: no socket, number, server or file more,
and every setting as it was. No text of the error may hold a secret.
"""

import functools
import gc

from spwf04.at import task
from tests.faults.exchanges import LIMIT, Stage
from tests.faults.memory import Injector, Wrong, is_told
from tests.faults.shortage_cases import CASES

SECRETS = ("correct horse", "hun,ter2", "secret", "wonder,land", "a-key-of-my-own", "12345670")
# An indication that is lost here is as one that is lost on the wire: what waits may come as one
LINE = ("at/", "services/links.py")
SETTLE = 30  # s of virtual time in which closes that were put off are over


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
