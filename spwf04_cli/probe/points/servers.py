"""Servers: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Servers"

POINTS = [
    Point(
        "udp_client_line",
        {
            True: "WIND 61 for the first datagram from an address",
            False: "none",
        },
        "`AT+S.SOCKDON=5005,u`, send a datagram to it from a PC. **Without it the "
        "sender's address is unknown: `recvfrom()` returns `0.0.0.0` and a number, to"
        " which you can send an answer**",
    ),
    Point(
        "gone_client",
        {
            "taken": "the place of a client that has gone stays taken until `SOCKDC`",
            "free": "is free once its bytes are read",
        },
        "`AT+S.SOCKDON=8080,t`, connect and leave ten times without `SOCKDC`. **If "
        "the module frees places and gives them to the next client, and both lines "
        "about it (WIND 62, WIND 61) are lost, the driver cannot tell the two clients"
        " apart; and a client that comes while the driver closes the place of one "
        "that has gone is closed with it**",
    ),
    Point(
        "list_fields",
        {
            "all": "more fields after server and client",
            "ids": "these alone",
            "nothing": "nothing",
        },
        "`AT+S.SOCKDL` with a client connected, and with one that has gone. **The "
        'driver takes a 0 in the field after the client\'s number for "has gone", '
        "after a while of silence: without it a client whose WIND 62 was lost keeps "
        "its place until it is closed**",
    ),
]
