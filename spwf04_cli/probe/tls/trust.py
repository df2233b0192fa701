"""A CA on the module, and what becomes of a TLS connection to a server on this computer."""

import contextlib
import time
import weakref
from typing import NamedTuple

from ..experiment import Untried
from ..line import Said
from .certificates import HOST, root, under_root
from .servers import tls

LIMIT_S = 90  # of a handshake: the module computes for seconds


class Way(NamedTuple):
    """How a CA is put on the module. slot: into its flash slot, else into a file. encoding: "der"
    or "pem". colons: between the bytes in the file's name. volume: of the file, "" or "1:/"."""

    slot: bool
    encoding: str = "der"
    colons: bool = False
    volume: str = ""


SLOT = Way(True)
FILES = [
    Way(False, encoding, colons, volume)
    for volume in ("", "1:/")
    for colons in (False, True)
    for encoding in ("der", "pem")
]
_KNOWN = weakref.WeakKeyDictionary()  # {Bench: the Way that works on its module}


class Verdict(NamedTuple):
    """open: the connection was made. refusal: the number behind Certificate Error, None if there
    is none. error: that of the last line. said: all of it."""

    open: bool
    refusal: "int | None"
    error: "int | None"
    said: Said


def connect(bench, port, name=HOST):
    """Connect to a TLS server on this computer, and close again; return the Verdict. name: the
    fourth argument of SOCKON."""
    said = bench.try_open(port, name, LIMIT_S)
    number = said.value(r"AT-S\.On:[^:\r\n]*:(\d+)")
    if number is not None:
        bench.close(int(number))
    refusal = said.value(r"Certificate Error:(\d+)")
    return Verdict(number is not None, refusal and int(refusal), said.error, said)


def judged(bench, chain, key, name=HOST):
    """The Verdict of a connection to a server that shows this chain. One that fails, though no
    certificate was refused, is tried again."""
    with tls(bench, chain, key) as (port, _):
        verdict = connect(bench, port, name)
        if not verdict.open and verdict.refusal is None:
            verdict = connect(bench, port, name)
        return verdict


def taken(bench, chain, key=None, name=HOST):
    """True if a server with this chain is trusted, False if it is refused because of its
    certificates; Untried if the connection fails otherwise. key: None for that of the first."""
    verdict = judged(bench, chain, key or chain[0].key, name)
    if not verdict.open and verdict.refusal is None:
        raise Untried(f"the connection failed for another reason: {verdict.said.end}")
    return verdict.open


# where the CA is -----------------------------------------------------------------------------
@contextlib.contextmanager
def placed(bench, ca=None):
    """The module trusts this CA, a Certified (None: the usual one), inside the block. The clock is
    right. Untried if no way to place a CA is known that works."""
    if bench not in _KNOWN:
        _KNOWN[bench] = next((way for way in [SLOT, *FILES] if works(bench, way)), None)
    if _KNOWN[bench] is None:
        raise Untried("no way was found to have the module trust a CA")
    with put(bench, _KNOWN[bench], ca or root()):
        yield


def works(bench, way):
    """True if a server can be trusted when its CA is placed in this way."""
    leaf = under_root()
    with contextlib.suppress(Untried), put(bench, way, root()):
        return judged(bench, [leaf], leaf.key).open
    return False


@contextlib.contextmanager
def put(bench, way, ca):
    """A CA is on the module inside the block, in this way."""
    set_clock(bench)
    clean(bench)
    data = ca.der if way.encoding == "der" else ca.pem
    name = way.volume + ca.identifier.hex(*([":"] if way.colons else [])) + ".ca"
    try:
        if way.slot:
            bench.done(f"TLSCERT=ca,{len(data)}", data)
        else:
            bench.line.say("FSD=" + name)
            upload(bench, f"FSC={name},{len(data)}", data)
        yield
    finally:
        if way.slot:
            _remove(bench, "TLSCERT=content,2", lambda: True)
        else:
            _remove(bench, "FSD=" + name, lambda: name[len(way.volume) :] in _files(bench))


def _remove(bench, command, is_there):
    """Remove what was placed. It may be in the middle of something, so it is tried twice."""
    for _ in range(2):
        said = bench.line.say(command)
        if said.ok or not is_there():
            return
        bench.line.listen(2)
    raise Untried(
        f"{command}: {said.end or 'no answer'}. A CA of the probe is still on the module"
    )


def _files(bench):
    return bench.done("FSL").text


def upload(bench, command, data):
    """Do a command with data that must be OK, and return what was Said; Untried if it is not."""
    said = bench.line.say(command, data)
    if not said.ok:
        bench.line.send(b"\r")  # its data were taken as a command
        bench.line.listen(0.5)
        raise Untried(f"{command}: {said.end or 'no answer'}")
    return said


def clean(bench):
    """Remove all that is in the flash slot."""
    bench.done("TLSCERT=content,2")


def set_clock(bench, seconds=None):
    """Set the module's clock, to now or to seconds since 1970."""
    bench.done(f"TIME={int(time.time() if seconds is None else seconds)}")
