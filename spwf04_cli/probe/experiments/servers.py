"""Servers."""

import re
import socket

from .. import peers
from ..experiment import SERVER, experiment

_TIMES = 10  # more than a server of the module has places


@experiment("udp_client_line", needs=(SERVER,))
def first_datagram(bench):
    """Send a datagram to a UDP server of the module."""
    with (
        peers.serving(bench, "u") as (server, where),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        heard = bench.line.hear()
        sender.sendto(b"0123456789", where)
        peers.arrived(bench, f"{server},0", 10, "SOCKDQ")
        bench.line.listen(1)
        return {"udp_client_line": heard().wind(61) is not None}


@experiment("gone_client", needs=(SERVER,))
def client_that_goes(bench):
    """Connect to a server of the module and leave, more often than it has places."""
    seen = set()
    with peers.serving(bench) as (_, where):
        for _ in range(_TIMES):
            with peers.client(where):
                said = bench.line.until(_arrival, 5)
            place = said.value(r"\+WIND:61:[^\r\n]*:(\d+)\r\n")
            if place is None or place in seen:
                return {"gone_client": "free" if place in seen else "taken"}
            seen.add(place)
            bench.line.wait_wind(62, 5)
    return {"gone_client": "free"}


_arrival = re.compile(rb"\+WIND:6[12]:[^\r\n]*\r\n").search


@experiment("list_fields", needs=(SERVER,))
def listed(bench):
    """List the clients of a server with one connected."""
    with peers.serving(bench) as (server, where):
        with peers.client(where):
            place = bench.line.wait_wind(61, 5).value(r"\+WIND:61:[^\r\n]*:(\d+)\r\n") or 0
            said = bench.done("SOCKDL")
        bench.line.wait_wind(62, 5)
    rest = said.value(rf"List:{server}:{place}([^\r\n]*)")
    which = (
        "nothing" if not peers.first_line(said) else rest[:1] if rest is not None else said.text
    )
    how = {"nothing": "nothing", "": "ids", ":": "all"}
    return peers.told(list_fields=peers.fitting(bench, "list_fields", which, how))
