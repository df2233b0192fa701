"""Time for the simulation: real, or virtual so that a test can count milliseconds exactly."""

import glob
import threading
import time


class RealClock:
    """The computer's own time.

    speed: how much faster the driver's clock runs than the real one. Above 1, a test need not
    wait for time-outs. Below 1, a busy computer does not look like a module that is silent.
    """

    def __init__(self, speed=1):
        self.speed = speed

    def now(self):
        """Return seconds, monotonic."""
        return time.monotonic()

    def ticks_ms(self):
        """Return milliseconds, for the driver."""
        return int(time.monotonic() * 1000 * self.speed)

    def idle(self):
        """Give other threads the processor for a moment."""
        time.sleep(0.0003)

    def attach(self, module):
        """Do nothing: real time needs no module."""

    def on_traffic(self):
        """Do nothing: real time passes by itself."""

    def asked_in_vain(self):
        """Do nothing, as well."""


# Seconds of one look at the network
_LOOK = 0.02
# A server that works all the time is waited for this many times as long as a silent one
_WORKING = 20
# So often, and for so many seconds, a host asks in vain before it is told of the clock
_VAIN, _VAIN_SECONDS = 500, 1


def _time_of_others():
    """Return the seconds of processor time that the other threads of this process have had."""
    return time.process_time() - time.thread_time()


def _others_run():
    """True if another thread of this process runs, or waits for a processor. Only Linux tells;
    elsewhere False."""
    own = threading.get_native_id()
    for name in glob.iglob("/proc/self/task/*/stat"):
        if name.split("/")[4] != str(own):
            try:
                with open(name, "rb") as file:
                    state = file.read().rpartition(b")")[2].split()[0]
            except OSError:  # the thread has ended meanwhile
                continue
            if state in (b"R", b"D"):
                return True
    return False


class VirtualClock:
    """Time that passes only in idle(): to the module's next event, or by a millisecond.

    A server on loopback needs real time to answer, so while real sockets are open idle() waits
    for them before virtual time goes on: until 0.3 s have passed since the last traffic in which
    no other thread of this process had anything to do. A server in a thread thus has the time
    that it needs, however busy the computer is: what counts is the processor's time that it gets.

    longest: while nothing happens the steps grow up to so many ms, for tests that wait until long
    time-outs are over; it may be changed at any time. patience: the seconds of real time. A
    server in another process needs more of them, because nothing tells whether it works.
    """

    def __init__(self, longest=1, patience=0.3):
        self.longest = longest
        self.module = None  # the module that lives on this clock
        self._now = 1000.0
        self._step = 0.001
        self._time_of_others = 0.0
        # How often the network is looked at after the last traffic, times _WORKING
        self._looks = int(patience / _LOOK + 0.5) * _WORKING
        self._looks_left = self._looks
        self._used = False  # somebody lets this time pass
        self._vain = 0  # how often a host has asked in vain before
        self._vain_since = 0.0

    def attach(self, module):
        """Take the module that lives on this clock; the module calls it."""
        self.module = module

    def now(self):
        """Return seconds of virtual time."""
        return self._now

    def ticks_ms(self):
        """Return milliseconds, for the driver."""
        return int(self._now * 1000 + 1e-6)

    def idle(self):
        """Let time pass until something happens."""
        self._used = True
        module = self.module
        due = None
        if module is not None:
            due = module.next_due()
            # An event of the next moment comes first: it needs no network
            soon = due is not None and self._now < due <= self._now + 0.01
            waits = self._looks_left > 0 and not soon
            if module.await_network(_LOOK if waits else 0):
                self.on_traffic()
                return
            if waits and module.filenos():
                cost = self._cost_of_a_look()
                self._looks_left -= cost
                if cost < _WORKING:
                    return
            due = module.next_due()
        step = self._now + self._step
        if self._step < self.longest / 1000:
            self._step *= 2
        if due is not None and due > self._now:  # what is due already waits for its reader
            step = min(step, due)
        self._now = step

    def _cost_of_a_look(self):
        """How much of its patience a look takes. _WORKING if no other thread of this process
        works, so that no server of the test is about to answer. Of one that works the time that it
        has had since the last call counts: none if it waits for a processor."""
        before, self._time_of_others = self._time_of_others, _time_of_others()
        worked = self._time_of_others - before
        if _others_run():
            return min(1, worked / _LOOK)
        # One that waits for Python's lock is not seen to run; it has had a moment before
        return 1 if worked > 0.0002 else _WORKING

    def on_traffic(self):
        """Note that there is traffic: real servers may be about to answer."""
        self._looks_left = self._looks
        self._step = 0.001

    def asked_in_vain(self):
        """A host has asked for bytes, and there are none.

        RuntimeError if nobody has ever let this time pass: the host waits by another clock, and
        the module would never answer.
        """
        if self._used:
            return
        if not self._vain:
            self._vain_since = time.monotonic()
        self._vain += 1
        if self._vain > _VAIN and time.monotonic() - self._vain_since > _VAIN_SECONDS:
            raise RuntimeError(
                "the module's virtual time does not pass. Give the driver its clock: "
                "SPWF04(module.uart(), clock=module.clock)"
            )

    def no_real_servers(self):
        """Wait for no real server from now on: all that answers is inside the simulation."""
        self._looks = self._looks_left = 0

    def advance(self, seconds):
        """Let so many seconds pass. Nobody else acts meanwhile: the steps grow to 16 ms."""
        end = self._now + seconds
        longest, self.longest = self.longest, max(self.longest, 16)
        try:
            while self._now < end:
                self.idle()
                self._now = min(self._now, end)
                if self.module is not None:
                    self.module.step()
        finally:
            self.longest = longest
            self._step = 0.001
