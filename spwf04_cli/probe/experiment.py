"""What an experiment is, and what it may need."""

import importlib
from typing import Any, Callable, NamedTuple

from .points import FILES, points

# What an experiment may need: a person is asked before the first that needs it
SAVES = "saves"  # settings are written to the module's flash, and put back
DISK = "disk"  # files are written to the module, and deleted
SLOT = "slot"  # what is in the flash slots of certificates is lost, and the clock is set
UPDATE = "update"  # firmware or file images are written
NETWORK = "network"  # the module joins a network
SERVER = "server"  # and reaches this computer there
HAND = "hand"  # somebody is there, to press, plug, or change a network
PINS = "pins"  # signals are put on pins of the module
FACTORY = "factory"  # it goes back to the factory's settings
NEEDS = {
    SAVES: "write settings to its flash, and put them back",
    DISK: "write files to it, and delete them",
    SLOT: "remove what is in its flash slots for TLS and WPA-Enterprise: CA, certificate and key "
    "cannot be put back",
    UPDATE: "load another firmware or file system",
    NETWORK: "join a network (--ssid)",
    SERVER: "reach servers on this computer through that network",
    HAND: "ask you to do something by hand, such as to switch an access point off",
    PINS: "put signals on its pins GPIO2 and GPIO4",
    FACTORY: "have it forget its settings; passwords that it does not show cannot be put back",
}


class Untried(Exception):
    """An experiment could not be done, or did not tell. Its text says why."""


LOST = "the module did not answer any more"


class Lost(Exception):
    """The module answers nothing any more, and no other experiment can be done."""


class Experiment(NamedTuple):
    """names: of the points that it settles. needs: of NEEDS. run(bench): does it, and returns
    {name: reading}; a name that is left out, or None, was not found. title: its file and function.
    """

    names: tuple
    needs: tuple
    run: Callable[[Any], dict]
    title: str


_KNOWN = []


def experiment(*names, needs=()):
    """Decorate a function of an experiment: its points, and what it needs."""

    def known(function):
        unknown = [name for name in names if name not in points()] + [
            need for need in needs if need not in NEEDS
        ]
        if unknown or not names:
            raise ValueError(f"{function.__name__}: {unknown or 'of no point'}")
        title = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        _KNOWN.append(Experiment(names, tuple(needs), function, title))
        return function

    return known


def untried():
    """{point: why no experiment on a desk can settle it}, of all files of experiments."""
    found = {}
    for name in FILES:
        module = importlib.import_module(".experiments." + name, __package__)
        found.update(getattr(module, "UNTRIED", {}))
    return found


def experiments():
    """List all experiments, in the order of their sections and files."""
    for name in FILES:
        importlib.import_module(".experiments." + name, __package__)
    return sorted(_KNOWN, key=lambda known: FILES.index(known.title.partition(".")[0]))
