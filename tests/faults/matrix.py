"""Puts one fault at one byte of one exchange, and judges what the driver did."""

import collections
import contextlib
import errno
import functools
import random
import signal
from unittest import mock

from spwf04.at import raw
from spwf04.errors import SPWF04Error
from spwf04_sim.module.faults import EVENTS
from tests import HANG
from tests.faults.exchanges import EXCHANGES, LIMIT, Hang, Stage

# name of the fault: ways, options
BYTE_FAULTS = {
    "drop": ("<>", {}),
    "drop 3": ("<>", {"n": 3}),
    "double": ("<>", {}),
    "flip 0": ("<>", {"bit": 0}),
    "flip 6": ("<>", {"bit": 6}),
    "noise": ("<>", {}),
    "noise LF": ("<", {"data": b"\r\n"}),
    "delay": ("<>", {}),
    "delay 20 s": ("<", {"ms": 20000}),
    "indication": ("<", {}),
    "indication_anywhere": ("<", {}),
    "unplugged": ("<>", {}),
    "wedged": ("<>", {}),
    **{name: ("<>", {}) for name in EVENTS},
}
# These keep length and place: nobody on the way can notice that a byte has changed
SILENT = ("flip",)
# Only the next command notices these
LATER = ("double", "noise", "drop", "flip")
# Exchanges with a socket that is open before the fault
OPEN = ("send", "receive", "receive to the end", "receive without waiting")


class Wrong(AssertionError):
    """The driver did what it must not do."""


Outcome = collections.namedtuple(
    "Outcome", "raised fresh recovered resets moved altered spoiled in_clear seconds"
)


def length(name):
    """How many bytes an exchange takes each way without a fault: {way: n}"""
    with _repeatable():
        stage = _prepared(name)
        before = stage.module.bytes_in, stage.module.bytes_out
        EXCHANGES[name][1](stage)
    return {
        ">": stage.module.bytes_in - before[0],
        "<": stage.module.bytes_out - before[1],
    }


@contextlib.contextmanager
def _repeatable():
    """The driver draws the same lots each time: a fault that is put again does the same."""
    with mock.patch.object(raw, "urandom", random.Random(1).randbytes):
        yield


def _prepared(name):
    stage = Stage(joined=name != "join")
    EXCHANGES[name][0](stage)
    return stage


def run(name, fault, way, at):
    """Put one fault at one byte; raise Wrong, or return an Outcome."""
    where = f"{name}: {fault} at byte {at} {way}"
    try:
        with _repeatable():
            return _run(name, fault, way, at, where)
    except Hang:
        raise Wrong(f"{where}: hangs") from None


def _run(name, fault, way, at, where):
    stage = _prepared(name)
    boots = stage.module.boots
    clock = stage.clock
    stage.module.faults.add(fault.split()[0], way=way, at=at, **BYTE_FAULTS[fault][1])
    start = clock.now()
    clock.end = start + LIMIT
    raised = _attempt(lambda: EXCHANGES[name][1](stage), where)
    seconds = clock.now() - start
    stage.told = raised is not None
    if fault.startswith(LATER) and stage.sent and not stage.told:
        # The module does not notice a byte too many: it comes before the next command
        stage.sock.settimeout(2)
        error = _attempt(lambda: stage.sock.recv(1), where)
        stage.told = error is not None and error.errno != errno.ETIMEDOUT
    altered, spoiled = _judge_data(name, fault, stage, where)
    _judge_arrived(name, fault, way, stage, where)
    in_clear = _judge_strangers(fault, way, stage, where)
    stage.module.faults.clear()
    if stage.module.boots != boots and name in OPEN:
        _old_sockets_say_so(stage, where)
    fresh, resets = _go_on(stage, where)
    left = len([s for s in stage.module.sockets if s is not None])
    owned = len([s for s in stage.pool.owners if s is not None])
    if left > owned + 1:
        raise Wrong(f"{where}: {left} sockets are left on the module")
    recovered = list(stage.radio.channel.recovered)
    moved = len(stage.got) + sum(len(s.data) for s in stage.world_servers())
    return Outcome(
        type(raised), fresh, recovered, resets, moved, altered, spoiled, in_clear, seconds
    )


def _attempt(function, where):
    """Call function; return the documented exception that it raised, or None."""
    try:
        function()
    except OSError as e:
        if not e.args or not isinstance(e.args[0], int) or e.errno not in errno.errorcode:
            raise Wrong(f"{where}: {e!r} has no errno") from e
        return e
    except (Hang, KeyboardInterrupt):
        raise
    except BaseException as e:
        raise Wrong(f"{where}: {type(e).__name__}: {e}") from e
    return None


def _judge_data(name, fault, stage, where):
    """Check that what came is a beginning of what was sent, both ways: (altered, spoiled)."""
    expected = EXCHANGES[name][2]
    got = bytes(stage.got)
    altered = spoiled = 0
    if not expected.startswith(got):
        if not fault.startswith(SILENT) and not _ends_by_chance(name, fault, got, expected):
            raise Wrong(f"{where}: received {got!r}")
        altered = sum(a != b for a, b in zip(got, expected)) + max(0, len(got) - len(expected))
    if stage.ended and got != expected and not stage.told and not fault.startswith(SILENT):
        if stage.module.faults.happened[0][0] != "peer_closes":
            raise Wrong(f"{where}: the end came after {len(got)} bytes of {len(expected)}")
    if stage.sent:
        arrived = bytes(stage.world_servers()[0].data)
        if not stage.sent.startswith(arrived):
            # If a byte does not reach the module, another takes its place: that chunk is
            # spoiled. Nothing follows it, and the caller was told
            differ = [a != b for a, b in zip(arrived, stage.sent)]
            if fault.startswith(SILENT) and len(arrived) == len(stage.sent):
                return altered + sum(differ), 0
            spoiled = len(arrived) - (differ.index(True) if True in differ else len(stage.sent))
            if spoiled > stage.pool.chunk:
                raise Wrong(f"{where}: {spoiled} wrong bytes arrived at the peer")
            if not stage.told and not fault.startswith(SILENT):
                raise Wrong(f"{where}: the peer has {arrived!r}, and the sender does not know")
        elif not stage.told and arrived != stage.sent:
            raise Wrong(f"{where}: {len(arrived)} bytes arrived, and the sender does not know")
    return altered, spoiled


def _judge_arrived(name, fault, way, stage, where):
    """Check that a server took what was sent to it, not twice, or that the sender knows."""
    if stage.arrived is None:
        return
    arrived, expected = stage.arrived(), _arrives(name)
    if len(arrived) > len(expected):
        raise Wrong(f"{where}: the server took {arrived!r}")
    if arrived != expected and not stage.told and not (way == ">" and fault.startswith(LATER)):
        raise Wrong(f"{where}: the server took {arrived!r}, and the sender does not know")


@functools.cache
def _arrives(name):
    """What the server of an exchange takes without a fault."""
    with _repeatable():
        stage = _prepared(name)
        EXCHANGES[name][1](stage)
    return stage.arrived()


def _judge_strangers(fault, way, stage, where):
    """Check who got what was to go by TLS; return 1 if it went in clear.

    No certificate deceives. A fault of the line to the module can take the argument away that asks
    for TLS: nobody can notice that, see docs/security.md.
    """
    if stage.deceived:
        raise Wrong(f"{where}: a stranger got {bytes(stage.deceived)!r}")
    if stage.in_clear and not (way == ">" and fault.startswith(LATER)):
        raise Wrong(f"{where}: {bytes(stage.in_clear)!r} went without TLS")
    return int(bool(stage.in_clear))


def _ends_by_chance(name, fault, got, expected):
    """True for what nobody can know, see docs/reliability.md: the module has put a line of its own
    into a message of MQTT, and a line end stands just where the message's should."""
    puts_lines = fault in EVENTS or fault == "indication_anywhere"
    lines = got.count(b"+WIND:") - expected.count(b"+WIND:")
    return name.startswith("MQTT, ") and puts_lines and len(got) == len(expected) and lines > 0


def _old_sockets_say_so(stage, where):
    """A socket of before a restart raises ECONNRESET, or tells again that its stream had ended.
    It is never silent."""
    sock = stage.sock
    sock.settimeout(8)
    for _ in range(3):  # bytes that were read ahead may still be there
        try:
            data = sock.recv(1000)
        except OSError as e:
            if e.errno not in (errno.ECONNRESET, errno.ETIMEDOUT) and not isinstance(
                e, SPWF04Error
            ):
                raise Wrong(f"{where}: an old socket raised {e!r}") from e
            if e.errno != errno.ETIMEDOUT:
                return
            continue
        if not data and not stage.ended:
            raise Wrong(f"{where}: an old socket ended as if its peer had closed")
        if not data:
            return  # its stream had ended before, and each call says so
    raise Wrong(f"{where}: an old socket goes on in silence")


def _go_on(stage, where):
    """Check that the next operation works: at once, at the second attempt, or after a reset."""
    stage.clock.end = stage.clock.now() + 3 * LIMIT
    for attempt in range(2):
        error = _attempt(stage.fresh, where)
        if error is None:
            return attempt, 0
    stage.radio.reset()
    error = _attempt(stage.fresh, where)
    if error is not None:
        raise Wrong(f"{where}: nothing works any more, not even after a reset: {error!r}")
    return 2, 1


def alarm(seconds=HANG):
    """End a hang that is outside of virtual time, too."""

    def rings(*_):
        raise Hang

    signal.signal(signal.SIGALRM, rings)
    signal.alarm(seconds)


def cases(step=1, offset=0):
    """(exchange, fault, way, byte): all of them, or every step-th."""
    count = offset
    for name in EXCHANGES:
        lengths = length(name)
        for fault, (ways, _) in BYTE_FAULTS.items():
            for way in ways:
                for at in range(lengths[way]):
                    count += 1
                    if count % step == 0:
                        yield name, fault, way, at
