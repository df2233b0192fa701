"""Runs scenarios on CPython, where the driver sees only the modules that CircuitPython has.

python -m tests.shims.cut errno,IOBase,ssl NAME,NAME… FILE …

The driver also sees what the first argument names. Of the scenarios in the files it runs a sample,
and always those of the second argument. Prints what passed and what failed.
"""

import builtins
import gc
import hashlib
import importlib
import inspect
import io
import os
import sys
import time
import types

from tests import sample
from tests.shims import circuitpython_ssl

# binascii, json, select, struct: full builds
ALWAYS = {"binascii", "gc", "json", "micropython", "select", "struct", "sys"}


def module(name, **names):
    """Make a module with these names."""
    made = types.ModuleType(name)
    vars(made).update(names)
    return made


def modules(extras):
    """Return what the driver may import, by name; None: the real module."""
    there = dict.fromkeys(ALWAYS)
    there["time"] = module(
        "time",
        **{
            name: getattr(time, name)
            for name in "monotonic monotonic_ns sleep struct_time time localtime mktime".split()
        },
    )
    start = (1 << 29) - 2000 - time.monotonic_ns() // 1000000
    there["supervisor"] = module(
        "supervisor", ticks_ms=lambda: (start + time.monotonic_ns() // 1000000) % (1 << 29)
    )
    there["io"] = module("io", BytesIO=io.BytesIO, StringIO=io.StringIO, open=io.open)
    there["os"] = module("os", rename=os.rename, remove=os.remove)
    if "IOBase" in extras:
        there["io"].IOBase = type("IOBase", (), {})  # it gives nothing but its name
    if "errno" in extras:
        there["errno"] = None
    if "ssl" in extras:
        there["ssl"] = circuitpython_ssl
        there["hashlib"] = module("hashlib", new=hashlib.new)
    return there


def cut(extras):
    """Answer the driver's imports as CircuitPython does, from now on."""
    there = modules(extras)
    original = builtins.__import__

    def limited(name, globals=None, locals=None, fromlist=(), level=0):
        importer = sys._getframe(1).f_globals.get("__name__", "")
        if level or importer.split(".")[0] != "spwf04":
            return original(name, globals, locals, fromlist, level)
        if name not in there:
            raise ImportError(f"no module named '{name}'")
        made = there[name]
        return original(name, globals, locals, fromlist, level) if made is None else made

    builtins.__import__ = limited
    # CPython has no such module, and the driver would use its own const()
    sys.modules["micropython"] = module("micropython", const=lambda x: x)


class DigitalInOut:
    """A digitalio.DigitalInOut: it has a value and cannot be called. set: takes the level."""

    def __init__(self, set):
        self._set = set
        self._value = True

    @property
    def value(self):
        """The level."""
        return self._value

    @value.setter
    def value(self, level):
        self._value = level
        self._set(int(level))


def chosen(sample_name, always, files):
    """[(name, function)]: a sample of the scenarios in these files, and those that run always."""
    found = []
    for file in files:
        scenarios = importlib.import_module("tests.scenarios." + file)
        found += [
            (name, value)
            for name, value in vars(scenarios).items()
            if name.startswith("test_") and inspect.isfunction(value)
        ]
    taken = sample(found, 150, sample_name)
    return [each for each in found if each in taken or each[0] in always]


def main():
    """Run scenarios of some files."""
    cut(sys.argv[1].split(","))
    from spwf04.at import uart as port
    from spwf04_sim import VirtualClock
    from tests.shims.bench import Bench
    from tests.shims.controller import Controller

    assert port.ticks_ms.__globals__ is globals()  # supervisor's, see above
    gc.freeze()  # the driver's gc.collect() then passes over all that is loaded
    for name, function in chosen(sys.argv[1], sys.argv[2].split(","), sys.argv[3:]):
        clock = VirtualClock(longest=20)
        controller = Controller(clock=clock)
        uart = controller.module.uart("busio")
        try:
            function(
                Bench(uart, clock, lambda n, *a, c=controller: getattr(c, n)(*a), DigitalInOut)
            )
        except Exception as e:
            print(f"{name}: {type(e).__name__}: {e}")
        else:
            print(name, "passed")


main()
