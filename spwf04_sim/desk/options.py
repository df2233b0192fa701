"""Quirks, faults and routes as text: the same words on the command line and in a world file.

Each function raises a ValueError that says what is allowed.
"""

from ..module.faults import FAULTS
from ..parts.quirks import Quirks
from ..texts import is_number, is_port
from ..world.peers import EchoPeer
from .tomlfile import among


def like(path):
    """Read a report of `spwf04 probe` as Quirks."""
    try:
        return Quirks.from_probe(path)
    except OSError as e:
        raise ValueError(f"{path}: {e.strerror or e}") from None


def quirk(text):
    """Read NAME=VALUE as (name, value)."""
    name, _, value = text.partition("=")
    return name, quirk_value(name, value)


def quirk_value(name, value):
    """Read one of the choices of a quirk; value: the choice itself, or its text."""
    choices = Quirks.choices()
    if name not in choices:
        raise ValueError(f"no quirk {name}; " + among(name, choices))
    for choice in choices[name]:
        if value == str(choice) or (type(value) is type(choice) and value == choice):
            return choice
    allowed = ", ".join(map(repr, choices[name]))
    raise ValueError(f"{name} ({Quirks.points()[name]}) is one of {allowed}")


def fault(text):
    """Read NAME[,OPTION=VALUE]… as (name, options for Faults.add())."""
    name, *words = text.split(",")
    if name not in FAULTS:
        raise ValueError(f"no fault {name}; " + among(name, FAULTS))
    known = {"way": "<", "at": 0, **FAULTS[name][1]}
    found = {}
    for word in words:
        key, _, value = word.partition("=")
        if key not in known:
            raise ValueError(f"{name} has no option {key}; " + among(key, known))
        found[key] = _option(key, value, known[key])
    if found.get("way", "<") not in ("<", ">"):
        raise ValueError("way is < (to the host) or > (from the host)")
    return name, found


def _option(key, value, default):
    if isinstance(default, str):
        return value
    try:
        return bytes.fromhex(value) if isinstance(default, bytes) else _count(value)
    except ValueError:
        kind = "hexadecimal digits" if isinstance(default, bytes) else "a number from 0 up"
        raise ValueError(f"{key} is {kind}") from None


def _count(value):
    if not is_number(value):
        raise ValueError
    return int(value)


def route(text):
    """Read HOST:PORT=TARGET as (host, port, target)."""
    name, _, target = text.partition("=")
    return (*host_and_port(name), route_target(target))


def host_and_port(text):
    """Read HOST:PORT as (host, port)."""
    host, _, port = text.rpartition(":")
    if not host or not is_port(port):
        raise ValueError("must be HOST:PORT, www.example.com:443 for example")
    return host, int(port)


def route_target(text):
    """Read where a connection really leads: [IP:]PORT, or "echo" for a peer that sends back."""
    if text == "echo":
        return EchoPeer
    ip, _, port = text.rpartition(":")
    if not is_port(port):
        raise ValueError("leads to IP:PORT, to PORT on this computer, or to echo")
    return ip or "127.0.0.1", int(port)
