"""What waits for the module, written once for those who block, for asyncio and for the supervisor.

Steps are a generator of Exchange, to be run, and of Wait; what it returns is their result. A Task
takes them, as far as goes without waiting at each poll(). ATChannel.take() blocks until they are
over, aio.take() lets others run between.
"""

import sys
from gc import collect

from ..const import const
from .exchange import RUNNING

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

# Whether once() drops anything. CPython has the memory, and threads: what one of them imports must
# not be taken for another's.
drops = sys.implementation.name != "cpython"

_PACKAGE = __name__[: -len("at.task")]
# What once() leaves where it is: a program catches the classes of errors.py, and holds sockets,
# pools and bundles for longer than a call
_STAY = ("errors", "net.", "pki.bundle")
# What it drops whenever it was loaded: the module is found, and hardly ever looked for again
_FOUND = "at.resync"
# What was loaded for calls of once(), name: module, and how many of these are not over
_loaded = {}
_calls = 0


class Wait:
    """A step: wait until condition() is true, for at most `ms`."""

    def __init__(self, condition, ms):
        self.condition = condition
        self.ms = ms


class Task:
    """Steps on their way. result: what they returned, once poll() is True."""

    result: "Any" = None
    step = None  # an Exchange or Wait that is not over
    _begun = False  # it, if it is an Exchange
    _until = None  # when it is over at the latest, if it is a Wait

    def __init__(self, channel, steps):
        self.channel = channel
        self._steps = steps

    def poll(self):
        """Take in what has arrived and go on as far as that goes; True when the steps are over.
        Never waits; raises what the steps raise."""
        channel = self.channel
        if self.step is not None:  # or it looks at its arguments now, before a byte is sent
            channel.poll()
        while self._steps is not None:
            step = self.step
            if isinstance(step, Wait):
                if not step.condition() and not channel.expired(self._until):
                    return False
            elif step is not None:
                if not self._begun:
                    if not channel.start(step):
                        return False  # another's command is in flight
                    self._begun = True
                if step.code == RUNNING:
                    return False
            self._advance(self._steps)
        return True

    def _advance(self, steps):
        """Have the next step, or the end."""
        self._steps = self.step = None  # over, if this raises
        try:
            step = next(steps)
        except StopIteration as e:
            self.result = e.value
            return
        self._steps = steps
        self._begun = False
        if isinstance(step, Wait):
            self._until = self.channel.deadline(step.ms)
        self.step = step

    def close(self):
        """Give the steps up. An exchange that is in flight goes on to its end."""
        steps, self._steps = self._steps, None
        if steps is not None:
            steps.close()


def once(module, name, *args):
    """Steps: those of the function `name` of spwf04.<module>, whose code is needed for this call
    only; return what they return.

    Files that are first loaded for it are dropped when it is over, or when the last of several
    such calls is. So the result must not be an object of a class in one of them.
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
    """Remember which of our files have been loaded. What others load between the steps is not
    among them."""
    for name in sys.modules:
        if name not in before and name.startswith(_PACKAGE):
            module = sys.modules[name]
            if hasattr(module, "__path__"):  # a folder
                continue
            if not [part for part in _STAY if name.startswith(_PACKAGE + part)]:
                _loaded[name] = module


def _drop():
    """Have these files loaded anew when they are imported again."""
    if _PACKAGE + _FOUND in sys.modules:
        _loaded[_PACKAGE + _FOUND] = sys.modules[_PACKAGE + _FOUND]
    while _loaded:
        name, module = _loaded.popitem()
        if sys.modules.get(name) is module:
            del sys.modules[name]
            package, _, name = name.rpartition(".")
            if hasattr(sys.modules[package], name):
                delattr(sys.modules[package], name)
        module = None
    collect()
