"""Prints what classes and objects of the driver get while scenarios run, one line for each.

It prints names that were not in the class when its file was loaded. It needs a process of its own.
"""

import importlib
import inspect
import pkgutil
import sys

import spwf04
from spwf04_sim import Quirks
from tests.scenarios.test_scenarios import in_process, scenarios

FILES = ("sockets", "tls", "cork", "servers", "udp", "stepwise")


def classes():
    """Return all classes of the driver."""
    for module in pkgutil.walk_packages(spwf04.__path__, "spwf04."):
        if module.name != "spwf04.hosttls.micropython":  # it needs MicroPython's tls
            importlib.import_module(module.name)
    return {
        thing
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == "spwf04"
        for thing in vars(module).values()
        if inspect.isclass(thing) and thing.__module__.startswith("spwf04.")
    }


def watched(found):
    """Make a __setattr__ that notes if an object gets a name that is a method of its class."""

    def __setattr__(self, name, value, put=object.__setattr__):
        if inspect.isroutine(getattr(type(self), name, None)):
            found.add(f"a {type(self).__name__} got {name}")
        put(self, name, value)

    return __setattr__


def main():
    """Run the scenarios."""
    found = set()
    before = {}
    for owner in classes():
        if not issubclass(owner, BaseException):
            owner.__setattr__ = watched(found)
        before[owner] = set(vars(owner))
    for file, _, function in scenarios():
        if file in FILES:
            in_process(function, Quirks())
    for owner, names in before.items():
        found |= {f"{owner.__name__} got {name}" for name in set(vars(owner)) - names}
    print(*sorted(found), sep="\n")


if __name__ == "__main__":
    main()
