"""A bench: modules at several ports, prepared at the same time, each by prepare.Preparation.

Rule: a worker changes only its own module and record. What is common (state, report, display,
chains of servers) is changed by the main thread, or under the lock.
"""

import contextlib
import functools
import gc
import queue
import re
import signal
import threading
import time

from spwf04.errors import CertificateError, errno
from spwf04.tls.judge import ask
from spwf04.tls.plan import Plan

from .. import output, ports, simulated
from .prepare import UNKNOWN, UNTOUCHED, Preparation
from .record import GOOD, INTERRUPTED, SKIPPED, Record
from .stop import Stop, Stopped

_GIVEN_UP_S = 10


class Bench:
    """The modules of one run. plan: plan.Plan. state: record.State. resume: modules are skipped
    that an earlier run has finished under the same plan. show: has on_step(record),
    on_end(record) and on_stop(given_up), which any thread calls."""

    def __init__(self, plan, state, show, resume=False):
        self.plan = plan
        self.stop = Stop()
        self._state = state
        self._show = show
        self._resume = resume
        self._lock = threading.Lock()
        self._ports = {}  # key: port
        self._chains = {}  # Host: plan.Plan
        self._asking = {host: threading.Lock() for host in plan.hosts}
        self._secret = plan.network.password if plan.network else None

    # for Preparation ------------------------------------------------------------------------
    def at(self, record):
        """Show that a module has come to record.step."""
        self._show.on_step(record)

    def claim(self, key, port):
        """Note that a module is at this port; return the port where it is already, or None."""
        with self._lock:
            if key in self._ports:
                return self._ports[key]
            self._ports[key] = port
            return None

    def noted(self, record):
        """The CAs that an earlier run recorded for a module."""
        return self._state.modules.get(record.key, {}).get("certificates", [])

    def finished(self, record):
        """With resume: True if an earlier run has finished this module under the same plan. What
        that run recorded is in the record then."""
        before = self._state.modules.get(record.key, {})
        if not self._resume or before.get("result") not in GOOD:
            return False
        if before.get("plan") != self.plan.digest:
            return False
        for name in ("certificates", "files"):
            setattr(record, name, before.get(name, []))
        return True

    def chain(self, host, radio):
        """The tls.plan.Plan of a server, which one of the modules asks for all of them. If that
        raises, the next module asks again."""
        asking = self._asking[host]
        while not asking.acquire(timeout=0.1):
            if self.stop.asked:
                raise Stopped
        try:
            if host not in self._chains:
                made = Plan((host.host, host.port), host.name, self.plan.roots.bundle)
                chain = ask(radio.certs, made, [], 20)
                if made.refused is not None and not made.obstacles:
                    raise made.refused
                if chain is not None and not chain.certificates:
                    raise CertificateError(errno.EIO, f"{host} sent no certificate")
                self._chains[host] = made
            return self._chains[host]
        finally:
            asking.release()

    def masked(self, text):
        """Text without the network's password."""
        return text.replace(self._secret, output.MASK) if self._secret else text

    # running ---------------------------------------------------------------------------------
    def run(self, found):
        """Prepare the modules at these ports, [(name, function that opens it)], and return their
        Records in the order of the ports.

        Ctrl-C ends the run early, once the modules that are worked on have been left. So does an
        exception here, for example of a full disk; it is raised then.
        """
        digest = self.plan.digest
        records = [Record(name, left=UNTOUCHED, plan=digest) for name, _ in found]
        waiting = queue.SimpleQueue()
        for n, (name, opened) in enumerate(found):
            waiting.put((n, name, opened))
        begun, ended = {}, queue.SimpleQueue()
        workers = [
            threading.Thread(target=self._work, args=(waiting, begun, ended), daemon=True)
            for _ in range(min(self.plan.jobs, len(found)))
        ]
        with self._interruptible(), _frozen():
            for worker in workers:
                worker.start()
            try:
                for n, record in self._ended(workers, ended):
                    records[n] = begun.pop(n, record)
                    if record.result != SKIPPED:
                        self._state.note(record)
                    self._show.on_end(record)
            except BaseException:
                self.stop.asked = True
                for _ in self._ended(workers, ended):
                    pass
                raise
        for n, record in list(begun.items()):  # its worker hangs
            record.result, record.left = INTERRUPTED, UNKNOWN
            records[n] = record
            self._show.on_end(record)
        self._state.save()
        return records

    def _ended(self, workers, ended):
        """Yield each record that is finished, until all workers have ended. A worker may hang, in
        this computer's driver for example: after a second Ctrl-C, wait _GIVEN_UP_S at most."""
        end = None
        while any(worker.is_alive() for worker in workers) or not ended.empty():
            with contextlib.suppress(queue.Empty):
                yield ended.get(timeout=0.1)
            if self.stop.given_up:
                end = end or time.monotonic() + _GIVEN_UP_S
                if time.monotonic() > end:
                    return

    def _work(self, waiting, begun, ended):
        while not self.stop.asked:
            try:
                n, name, opened = waiting.get_nowait()
            except queue.Empty:
                return
            work = Preparation(self.plan, self, name)
            begun[n] = work.record
            try:
                record = work.run(opened())
            except Exception as e:  # no fault of one module may end the work on others
                record = work.broken(e)
            ended.put((n, record))

    @contextlib.contextmanager
    def _interruptible(self):
        """Ctrl-C is noted instead of raised. That is possible only in the main thread. If it was
        ignored from the start, as in the background of a script, it stays ignored."""

        def pressed(number, frame):
            self.stop.press()
            self._show.on_stop(self.stop.given_up)

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)
        if before == signal.SIG_IGN:
            yield
            return
        signal.signal(signal.SIGINT, pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _frozen():
    """For an MCU's sake, the driver collects garbage before it loads code or a certificate. Spare
    it a look at all that this program has loaded, for each module again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


# ports ---------------------------------------------------------------------------------------
def expand(texts, baud):
    """[(name, function that opens it)] of texts that stand for ports: names, patterns like
    /dev/ttyUSB*, sim*N, sim:WORLD.toml. output.Failure if one stands for no port."""
    found = {}
    for text in texts:
        for name, opened in _expanded(text, baud):
            found.setdefault(name, opened)
    return list(found.items())


def _expanded(text, baud):
    if re.fullmatch(r"sim(\*\d+|:.*)?", text):
        return _simulated(text)
    if any(c in text for c in "*?[") and text not in ports.STAND_INS:
        return [_port(name, baud) for name in ports.matching(text)]
    return [_port(text, baud)]


def _port(name, baud):
    return name, functools.partial(ports.wired, name, baud)


def _simulated(text):
    count = int(text[4:]) if text.startswith("sim*") else 1
    world = text[4:] if text.startswith("sim:") else ""
    file, _ = simulated.world_and_name(world)
    prefix = f"sim:{file}#" if file else "sim:"
    return [
        (prefix + m.name, functools.partial(_powered, m))
        for m in simulated.described(world, count)
    ]


@contextlib.contextmanager
def _powered(described):
    """As ports.wired(), for a simulated module with its own clock."""
    from spwf04_sim import Timing, VirtualClock

    module = described.build(VirtualClock(longest=20, patience=2), Timing())
    try:
        yield module.uart("pyserial"), module.clock
    finally:
        module.power_off()
