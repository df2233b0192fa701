"""The line."""

import re
import socket

from .. import peers
from ..experiment import HAND, NETWORK, SERVER, Untried, experiment

UNTRIED = {
    "winds_spliced": "only firmware 1.0.0 does it, now and then: a reply with +WIND in the middle "
    "of a line shows it in any transcript",
}

_BULK = 3000  # bytes: more than two segments of any kind
_MOST = 1460  # bytes of a TCP segment
_MASK = "console_wind_off_medium"
_DEAD_S = 600


# what arrives -----------------------------------------------------------------------------------
@experiment("segment", "wind55_coalesced", needs=(SERVER,))
def segments(bench):
    """Let many bytes arrive at once, some times, and look how WIND 55 counts them."""
    with peers.connected(bench) as (number, peer):
        heard = bench.line.hear()
        for _ in range(3):
            peer.sendall(b"0123456789" * (_BULK // 10))
            peers.taken(bench, number, _BULK)
        sizes = _arrivals(heard(), number)
        if not sizes:
            raise Untried("no WIND 55 came")
        largest = max(sizes)
        if largest > _MOST:
            largest = _agreed(peer)
    segment = 730 if 500 <= largest <= 740 else 1460 if 740 < largest <= _MOST else None
    if segment is None:
        bench.note(f"segment: WIND 55 tells of {max(sizes)} bytes, this computer of {largest}")
    return peers.told(wind55_coalesced=max(sizes) > _MOST, segment=segment)


def _agreed(peer):
    """The largest segment that both ends have agreed on, as this computer has it."""
    which = getattr(socket, "TCP_MAXSEG", None)
    return 0 if which is None else peer.getsockopt(socket.IPPROTO_TCP, which)


def _arrivals(said, number):
    return [int(n) for n in re.findall(r"\+WIND:55:[^:\r\n]*::%d:(\d+):" % number, said.text)]


@experiment("udp_received", needs=(SERVER,))
def datagram_received(bench):
    """Send datagrams of 1000 bytes to a UDP socket of the module."""
    seen = set()
    with peers.datagrams(bench) as (number, peer):
        bench.done(f"SOCKW={number},1", b"x")
        _, module = peers.datagram(peer)
        for _ in range(4):
            heard = bench.line.hear()
            peer.sendto(b"0123456789" * 100, module)
            bench.line.listen(1)
            count = peers.waiting(bench, number)
            bench.line.listen(0.2)
            seen.update((count, size) for size in _arrivals(heard(), number))
            peers.emptied(bench, number)
    if not seen:
        raise Untried("no datagram was announced by a WIND 55")
    how = {(730, 730): "cut", (1000, 1000): "whole", (1000, 730): "pieces", (1000, 270): "pieces"}
    found = {how.get(sight, f"{sight[0]} bytes, announced as {sight[1]}") for sight in seen}
    which = found.pop() if len(found) == 1 else ", ".join(sorted(found))
    words = {word: word for word in how.values()}
    return peers.told(udp_received=peers.fitting(bench, "udp_received", which, words))


@experiment("udp_sent", needs=(SERVER,))
def datagram_sent(bench):
    """Have the module send a datagram of 1000 bytes, or of 740 if it takes no more at once."""
    with peers.datagrams(bench) as (number, peer):
        for size in (1000, 740):
            said = bench.line.say(f"SOCKW={number},{size}", b"x" * size)
            if said.ok:
                break
            peers.resynchronise(bench)
        else:
            raise Untried("SOCKW above 730 bytes: " + str(peers.ending(said)))
        first = peers.datagram(peer)[0]
    how = {size: "whole", 730: "pieces"}
    return peers.told(udp_sent=peers.fitting(bench, "udp_sent", first, how))


# how a connection ends --------------------------------------------------------------------------
@experiment("masked_winds", needs=(SERVER,))
def masked(bench):
    """Have a peer close while WIND 58 is masked, and look when it comes."""
    before = bench.get(_MASK)
    with peers.connected(bench) as (number, peer):
        bench.set(_MASK, "0x04000000")
        peer.close()
        bench.line.listen(3)
        heard = bench.line.hear()
        bench.set(_MASK, before)
        bench.line.listen(2)
        lifted = heard().wind(58) is not None
        bench.line.say(f"SOCKQ={number}")
        bench.line.listen(2)
        asked = heard().wind(58) is not None
    return {"masked_winds": "lifted" if lifted else "asked" if asked else "lost"}


@experiment(
    "closed_reason",
    "reset_unread",
    "reset_write",
    "half_closed",
    "ended_question",
    needs=(SERVER,),
)
def ends(bench):
    """Have a peer shut its side down, and another reset its connection."""
    closed, found = _shut(bench)
    was_reset, more = _reset(bench)
    found.update(more)
    which = "zero" if closed == was_reset == 0 else "one" if closed == was_reset == 1 else None
    if which is None and closed == 0 and was_reset:
        which = "told"
    if which is None:
        bench.note(f"closed_reason: {closed} for an end, {was_reset} for a reset")
    return peers.told(closed_reason=which, **found)


def _reason(bench, number):
    """The reason in WIND 58 of this socket; None if it has none, Untried if no WIND comes."""
    said = bench.line.wait_wind(58, 15)
    if said.wind(58) is None:
        raise Untried("no WIND 58 came")
    reason = said.value(r"\+WIND:58:[^:\r\n]*:%d:(\d+)" % number)
    return None if reason is None else int(reason)


def _byte(bench, number):
    """Write a byte; how that ended."""
    said = bench.line.say(f"SOCKW={number},1", b"x")
    if not said.ok:
        peers.resynchronise(bench)
    return peers.ending(said)


def _shut(bench):
    with peers.connected(bench) as (number, peer):
        peer.shutdown(socket.SHUT_WR)
        reason = _reason(bench, number)
        asked = bench.line.say(f"SOCKQ={number}")
        answer = "zero" if "Query:0" in asked.text else peers.ending(asked)
        wrote = _byte(bench, number)
    return reason, {
        "ended_question": peers.fitting(
            bench, "ended_question", answer, {"zero": "zero", 72: "closed"}
        ),
        "half_closed": peers.fitting(bench, "half_closed", wrote, {"ok": "works", 78: "refused"}),
    }


def _reset(bench):
    with peers.connected(bench) as (number, peer):
        peer.sendall(b"0123456789")
        peers.arrived(bench, number, 10)
        peers.reset(peer)
        reason = _reason(bench, number)
        left = peers.waiting(bench, number)
        wrote = _byte(bench, number)
    return reason, {
        "reset_unread": peers.fitting(
            bench, "reset_unread", left, {10: "kept", 0: "lost", None: "lost"}
        ),
        "reset_write": peers.fitting(bench, "reset_write", wrote, {78: 78, 79: 79}),
    }


@experiment("dead_peer", needs=(SERVER, HAND))
def dead_peer(bench):
    """Write to a peer whose cable was pulled, and wait ten minutes."""
    with peers.connected(bench) as (number, _):
        bench.around.cable(False)
        try:
            bench.line.say(f"SOCKW={number},1", b"x")
            ended = bench.line.wait_wind(58, _DEAD_S).wind(58)
        finally:
            bench.around.cable(True)
    return {"dead_peer": "silent" if ended is None else "told"}


@experiment("server_close", needs=(SERVER,))
def server_close(bench):
    """Close a server of the module while a client's data wait."""
    with (
        peers.serving(bench) as (server, where),
        peers.client(where) as client,
    ):
        client.sendall(b"0123456789")
        peers.arrived(bench, f"{server},0", 10, "SOCKDQ")
        how = peers.ending(bench.line.say(f"SOCKDC={server}"))
    words = {"ok": "closes", 77: "refused"}
    return peers.told(server_close=peers.fitting(bench, "server_close", how, words))


# silence ----------------------------------------------------------------------------------------
@experiment("open_limit", needs=(SERVER,))
def open_limit(bench):
    """Connect to a port that is silent; how long until it fails?"""
    bench.join()
    with peers.silent(bench) as port:
        start = bench.line.now()
        said = bench.try_open(port, limit_s=120)
        seconds = (bench.line.now() - start) / 1000
    if not said.end or said.ok:
        raise Untried(f"SOCKON to a silent port: {peers.ending(said)} after {seconds:.0f} s")
    for low, high, limit in ((16, 24.9, 20), (25, 38, 30), (62, 90, 75)):
        if low < seconds < high:
            return {"open_limit": limit}
    bench.note(f"open_limit: SOCKON to a silent port failed after {seconds:.0f} s")
    return {}


@experiment("silent_dns", needs=(NETWORK,))
def silent_dns(bench):
    """Join with the address of nobody as DNS server, and open a socket by a name."""
    bench.join()
    own = [(name, bench.status(name)) for name in ("ip_ipaddr", "ip_netmask", "ip_gw")]
    static = [("ip_use_dhcpc", 0), *own, ("ip_dns1", peers.NOBODY), ("ip_dns2", "0.0.0.0")]
    if bench.join_as(*bench.network, static).wind(24) is None:
        raise Untried("the network cannot be joined with the address that DHCP gave before")
    bench.line.listen(1)
    said = bench.line.say("SOCKON=www.example.com,80,,t", limit_s=120)
    words = {number: number for number in (65, 64, 63)}
    return peers.told(
        silent_dns=peers.fitting(bench, "silent_dns", peers.ending(said), words),
    )
