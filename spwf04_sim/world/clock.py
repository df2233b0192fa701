"""Time for the simulation: real, or virtual so that a test can count milliseconds exactly."""

import glob
import threading
import time


class RealClock:
    """The computer's own time. speed: how much faster the driver's clock runs than the real
    one. Above 1, a test need not wait for time-outs. Below 1, a busy computer does not look like
    a module that does not answer."""

    def __init__(self, speed=1):
        self.speed = speed

    def now(self):
        """Seconds, monotonic."""
        return time.monotonic()

    def ticks_ms(self):
        """Milliseconds for the driver."""
        return int(time.monotonic() * 1000 * self.speed)

    def idle(self):
        """Give the processor away for a moment."""
        time.sleep(0.0003)

    def attach(self, module):
        """Nothing to do: time goes by itself."""

    def on_traffic(self):
        """Nothing to do."""


# A server that works without an end is waited for so many times as long as one that is silent
_WORKS = 20


def _others_time():
    """Seconds of processor that the other threads of this process have had."""
    return time.process_time() - time.thread_time()


def _others_wait():
    """True if another thread of this process would run if it got a processor. Linux tells;
    elsewhere False."""
    own = threading.get_native_id()
    for name in glob.iglob("/proc/self/task/*/stat"):
        if name.split("/")[4] != str(own):
            try:
                with open(name, "rb") as file:
                    state = file.read().rpartition(b")")[2].split()[0]
            except OSError:  # it has ended meanwhile
                continue
            if state in (b"R", b"D"):
                return True
    return False


class VirtualClock:
    """Time that passes only in idle(): to the module's next event, or by a millisecond.

    While real sockets are open the network is first given some real time, so that an answer
    from a server on loopback arrives before virtual time goes on: for 0.3 s after the last
    traffic in which no other thread of this process has anything to do, then no more. So a
    server in a thread has the time it needs, whatever else the computer does.
    """

    def __init__(self, longest=1, patience=0.3):
        """longest: while nothing happens the steps grow up to so many ms, for tests that wait
        out long time-outs. patience: seconds of real time, see above. A server in another
        process needs more, because nothing tells whether it works."""
        self._now = 1000.0
        self.longest = longest
        self._step = 0.001
        self._module = None
        self._others = 0.0  # what _others_time() was
        self._waits = int(patience / 0.02 + 0.5) * _WORKS  # of 20 ms, after the last traffic
        self._patience = self._waits

    def attach(self, module):
        """Called by the module that lives on this clock."""
        self._module = module

    def now(self):
        """Seconds of virtual time."""
        return self._now

    def ticks_ms(self):
        """Milliseconds for the driver."""
        return int(self._now * 1000 + 1e-6)

    def idle(self):
        """Let time pass to whatever happens next."""
        module = self._module
        due = None
        if module is not None:
            due = module.next_due()
            # What is due at once comes first: it needs no network
            soon = due is not None and self._now < due <= self._now + 0.01
            waits = self._patience > 0 and not soon
            if module.await_network(0.02 if waits else 0):
                self.on_traffic()
                return
            if waits and module.filenos() and self._others_work():
                self._patience -= 1
                return
            if waits:
                self._patience -= _WORKS
            due = module.next_due()
        step = self._now + self._step
        if self._step < self.longest / 1000:
            self._step *= 2
        if due is not None and due > self._now:  # else it waits for somebody to take it
            step = min(step, due)
        self._now = step

    def _others_work(self):
        """True if a thread of this process has had something to do since it was asked last, or
        has now: a server of the test may be about to answer."""
        before, self._others = self._others, _others_time()
        return self._others - before > 0.001 or _others_wait()

    def on_traffic(self):
        """There is traffic: real servers may be about to answer."""
        self._patience = self._waits
        self._step = 0.001

    def no_real_servers(self):
        """From now on nothing real is waited for: all that answers is inside the simulation."""
        self._waits = self._patience = 0

    def advance(self, seconds):
        """Let this much time pass."""
        end = self._now + seconds
        while self._now < end:
            self.idle()
            if self._module is not None:
                self._module.step()
