"""What waits for the module, written once for blocking calls, for asyncio and for the supervisor.

Steps are a generator. It yields an Exchange to be run, or a Wait, and returns the result. A Task
runs them: each poll() goes as far as is possible without waiting. ATChannel.take() blocks until
they are over; aio.take() lets others run in between.
"""

import sys
from gc import collect

from ..const import const
from .exchange import RUNNING

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

# Whether once() drops anything. CPython has the memory; and of its threads one could drop what
# another imports.
drops = sys.implementation.name != "cpython"

_PACKAGE = __name__[: -len("at.task")]
# Files that once() leaves loaded: programs catch the classes of errors.py, and hold sockets, pools
# and bundles for longer than a call
_STAY = ("errors", "net.", "roots.bundle")
# A file that it drops whenever that was loaded: once the module is found, it is seldom lost again
_SELDOM = "at.resync"
_loaded = {}  # what was loaded for calls of once(), name: module
_calls = 0  # how many of these calls are not over


class Wait:
    """A step: wait until condition() is true, for `ms` milliseconds at most."""

    def __init__(self, condition, ms):
        self.condition = condition
        self.ms = ms


class Task:
    """Steps that are under way.

    channel: ATChannel. steps: a generator of Exchange and Wait. result: what they returned, once
    poll() is True. step: the Exchange or Wait that is not over, or None.
    """

    result: "Any" = None
    step = None
    _begun = False  # whether the Exchange was started
    _until = None  # when the Wait is over at the latest

    def __init__(self, channel, steps):
        self.channel = channel
        self._steps = steps

    def poll(self):
        """Take in what has arrived and go on as far as possible; True when the steps are over.

        Never waits. Raises what the steps raise.
        """
        channel = self.channel
        if self.step is not None:  # before the first step, arguments are checked: nothing is sent
            channel.poll()
        while self._steps is not None:
            step = self.step
            if isinstance(step, Wait):
                if not step.condition() and not channel.expired(self._until):
                    return False
            elif step is not None:
                if not self._begun:
                    if not channel.start(step):
                        return False  # another command is in flight
                    self._begun = True
                if step.code == RUNNING:
                    return False
            self._advance(self._steps)
        return True

    def _advance(self, steps):
        """Get the next step, or the end."""
        self._steps = self.step = None  # they are over if this raises
        try:
            step = next(steps)
        except StopIteration as e:
            self.result = e.value
            return
        except:
            steps.close()  # if there was no memory to go on with them, they have not ended
            raise
        self._steps = steps
        self._begun = False
        if isinstance(step, Wait):
            self._until = self.channel.deadline(step.ms)
        self.step = step

    def close(self):
        """Give up the steps. An exchange that is in flight goes on to its end."""
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()


def once(module, name, *args):
    """Steps of a function whose code is needed for this call only; return what they return.

    module, name: the function `name` of spwf04.<module>, called with args. The files that are
    loaded for it are dropped when the call is over, or the last of several such calls. So the
    result must not be an object of a class of such a file.
    """
    global _calls
    if not drops:
        return (yield from _function(module, name)(*args))
    steps = None
    _calls += 1
    try:
        while True:
            before = set(sys.modules)
            try:
                if steps is None:
                    steps = _function(module, name)(*args)
                step = next(steps)
            finally:
                _note(before)
            yield step
    except StopIteration as e:
        return e.value
    finally:
        if steps is not None:
            steps.close()
            steps = None
        _calls -= 1
        if not _calls:
            _drop()


def _function(module, name):
    return getattr(__import__(module, globals(), None, (name,), 2), name)


def _note(before):
    """Remember which of our files have been loaded since `before`. Files that others load between
    the steps are not among them."""
    for name in sys.modules:
        if name not in before and name.startswith(_PACKAGE):
            module = sys.modules[name]
            if hasattr(module, "__path__"):  # a folder
                continue
            if not [part for part in _STAY if name.startswith(_PACKAGE + part)]:
                _loaded[name] = module


def _drop():
    """Drop these files: they are loaded anew when they are imported again."""
    if _PACKAGE + _SELDOM in sys.modules:
        _loaded[_PACKAGE + _SELDOM] = sys.modules[_PACKAGE + _SELDOM]
    while _loaded:
        name, module = _loaded.popitem()
        if sys.modules.get(name) is module:
            del sys.modules[name]
            package, _, name = name.rpartition(".")
            if hasattr(sys.modules[package], name):
                delattr(sys.modules[package], name)
        module = None
    collect()
