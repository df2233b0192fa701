"""Sockets."""

import re

from .. import peers, servers
from ..experiment import HAND, SERVER, Untried, experiment

_LARGE = 1460


@experiment("reading_second", "sockr_beyond", "sockr_empty", needs=(SERVER,))
def reads(bench):
    """Let 100 bytes arrive, and read some, more than there are, and none."""
    line = bench.line
    with peers.connected(bench) as (number, peer):
        peer.sendall(b"0123456789" * 10)
        peers.arrived(bench, number, 100)
        header = re.search(r"Reading:(\d+):(\d+)", line.say(f"SOCKR={number},30").text)
        if header is None:
            raise Untried("SOCKR did not say Reading:<n>:<m>")
        given, second = map(int, header.groups())
        beyond = line.say(f"SOCKR={number},500")
        whole = f"Reading:{100 - given}:" in beyond.text
        peers.emptied(bench, number)
        empty = line.say(f"SOCKR={number},10")
        if beyond.error and empty.error:  # ten bytes are more than there are, too
            empty = line.say(f"SOCKR={number},0")
        nothing = "Reading:0:0" in empty.text
    words = {100: "pending", 100 - given: "left", given: "same"}
    how = "clamp" if whole and beyond.ok else peers.ending(beyond)
    none = "zero" if nothing and empty.ok else "error" if empty.error else peers.ending(empty)
    return peers.told(
        reading_second=peers.fitting(bench, "reading_second", second, words),
        sockr_beyond=peers.fitting(bench, "sockr_beyond", how, {"clamp": "clamp", 7: "error"}),
        sockr_empty=peers.fitting(bench, "sockr_empty", none, {"zero": "zero", "error": "error"}),
    )


@experiment("sockr_surplus", needs=(SERVER,))
def surplus(bench):
    """Read ten bytes again and again while more come."""
    with peers.connected(bench) as (number, peer):
        for _ in range(6):
            peer.sendall(b"0123456789" * 3)
            peers.arrived(bench, number, 30)
            for _ in range(2):
                given = bench.line.say(f"SOCKR={number},10").value(r"Reading:(\d+)")
                if given is not None and int(given) > 10:
                    return {"sockr_surplus": True}
            peers.emptied(bench, number)
    return {"sockr_surplus": False}


@experiment("wind55_cumulated", "wind55_missing", needs=(SERVER,))
def arrivals(bench):
    """Let 50 bytes arrive again and again, and read 20 after each time."""
    heard = bench.line.hear()
    seen = set()
    waits = total = 0
    with peers.connected(bench) as (number, peer):
        for _ in range(12):
            before = len(_pending(heard(), number))
            peer.sendall(b"0123456789" * 5)
            waits, total = waits + 50, total + 50
            peers.arrived(bench, number, waits)
            bench.line.listen(1)
            for size, last in _pending(heard(), number)[before:]:
                if size == 50 and waits > 50:
                    seen.add({waits: "waiting", total: "total", 50: "arrival"}.get(last, last))
            given = bench.line.say(f"SOCKR={number},20").value(r"Reading:(\d+)")
            waits -= int(given or 0)
        announced = sum(size for size, _ in _pending(heard(), number))
    words = {word: word for word in ("waiting", "total", "arrival")}
    which = seen.pop() if len(seen) == 1 else f"now this, now that: {sorted(map(str, seen))}"
    return peers.told(
        wind55_cumulated=peers.fitting(bench, "wind55_cumulated", which, words),
        wind55_missing=announced < total,
    )


def _pending(said, number):
    """List (arrived, last number) of the indications about data of a socket."""
    found = re.findall(r"\+WIND:55:[^:\r\n]*::%d:(\d+):(\d+)\r\n" % number, said.text)
    return [(int(size), int(last)) for size, last in found]


@experiment("local_port", needs=(SERVER,))
def local_port(bench):
    """Open a socket with a comma missing."""
    with servers.tcp(bench, lambda connection: connection.recv(1)) as port:
        here = peers.here(bench)
        line = f"SOCKON={here},{port},NULL{here}"
        said = bench.line.say(line, limit_s=40)
        number = said.value(r"AT-S\.On:[^:\r\n]*:(\d+)")
        if number is not None:
            bench.close(number)
    how = {"ok": "ignored", 7: "refused"}
    return peers.told(
        local_port=peers.fitting(bench, "local_port", peers.ending(said), how),
    )


@experiment("large_chunks", needs=(SERVER,))
def large_chunks(bench):
    """Read and write 1460 bytes at once, some times."""
    seen = set()
    with peers.connected(bench) as (number, peer):
        for n in range(3):
            data = bytes(97 + (i * 7 + n) % 26 for i in range(_LARGE))
            seen.add(_large_read(bench, number, peer, data))
            seen.add(_large_write(bench, number, peer, data))
    which = "work" if seen == {"ok"} else ", ".join(sorted(map(str, seen)))
    if seen <= {"ok", 91} and 91 in seen:
        which = "refused"
    how = {"work": "work", "refused": "refused"}
    return peers.told(large_chunks=peers.fitting(bench, "large_chunks", which, how))


def _large_read(bench, number, peer, data):
    peer.sendall(data)
    peers.arrived(bench, number, len(data))
    said = bench.line.say(f"SOCKR={number},{len(data)}", limit_s=20)
    peers.emptied(bench, number)
    return "read damaged" if said.ok and data not in said.raw else peers.ending(said)


def _large_write(bench, number, peer, data):
    said = bench.line.say(f"SOCKW={number},{len(data)}", data, limit_s=20)
    if not said.ok:
        peers.resynchronise(bench)
        return peers.ending(said)
    return "ok" if peers.exactly(peer, len(data)) == data else "write damaged"


@experiment("sockl_fields", needs=(SERVER,))
def listed(bench):
    """List the sockets with one open."""
    with peers.connected(bench) as (number, _):
        rest = bench.line.say("SOCKL").value(r"List::%d([^\r\n]*)" % number)
    which = rest if not rest else rest[0]
    return peers.told(
        sockl_fields=peers.fitting(bench, "sockl_fields", which, {"": "id", ":": "all"}),
    )


@experiment("ninth_socket", needs=(SERVER, HAND))
def nine(bench):
    """Open nine sockets. A module that does not answer any more is switched off and on."""
    opened = []
    with servers.tcp(bench, lambda connection: connection.recv(1)) as port:
        try:
            for _ in range(8):
                opened.append(bench.open(port))
            said = bench.try_open(port, limit_s=60)
            if not said.end:
                opened.clear()
                bench.power_cycle()
                return {"ninth_socket": "hang"}
            if said.ok:
                opened.append(said.value(r"AT-S\.On:[^:\r\n]*:(\d+)"))
        finally:
            for number in opened:
                bench.close(number)
    which = peers.ending(said)
    return peers.told(ninth_socket=peers.fitting(bench, "ninth_socket", which, {75: "error"}))
