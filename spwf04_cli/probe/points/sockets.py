"""Sockets: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Sockets"

POINTS = [
    Point(
        "reading_second",
        {
            "pending": "pending before the read",
            "left": "left after it",
            "same": "the same as the first",
        },
        "let 100 bytes arrive, `AT+S.SOCKR=0,30`, look at `AT-S.Reading:30:`",
    ),
    Point(
        "sockr_beyond",
        {
            "clamp": "gives what there is",
            "error": "error 7",
        },
        "then `AT+S.SOCKR=0,500`. **If it waits for more data instead, a late "
        "`+WIND:55` can hold a read for 10 s**",
    ),
    Point(
        "sockr_empty",
        {
            "zero": "`Reading:0:0`",
            "error": "an error",
        },
        "then `AT+S.SOCKR=0,10`",
    ),
    Point(
        "sockr_surplus",
        {
            False: "never more than asked",
            True: "now and then",
        },
        "`AT+S.SOCKR=0,10` often, while data stream in",
    ),
    Point(
        "wind55_cumulated",
        {
            "waiting": "bytes waiting",
            "total": "bytes since the start",
            "arrival": "this arrival",
        },
        "two arrivals with a read between them: the last number of `+WIND:55`",
    ),
    Point(
        "wind55_missing",
        {
            False: "never",
            True: "now and then",
        },
        "send a line to an open socket every second for a minute: is there a time "
        "without `+WIND:55` while `AT+S.SOCKQ=0` shows more?",
    ),
    Point(
        "local_port",
        {
            "refused": ("SOCKON refuses a local port that is neither a number nor NULL (error 7)"),
            "ignored": "ignores it",
        },
        "`AT+S.SOCKON=example.com,443,NULLexample.com` (a comma is missing). **If "
        "this opens a socket, a comma that is lost on the UART turns TLS into plain "
        "TCP, and nothing tells**",
    ),
    Point(
        "large_chunks",
        {
            "work": "SOCKR and SOCKW above 740 bytes work",
            "refused": "error 91",
        },
        "`AT+S.SOCKR=0,1460` with as much waiting, and a SOCKW of 1460 bytes, many "
        'times: mbed and ST split at 730 and 740 "to work round firmware issues". '
        "**Any other misbehaviour than an error or a loss that shows is not played**;"
        " `pool.chunk` is 730 unless the program sets it, and goes back to 730 at the"
        " first failure",
    ),
    Point(
        "ninth_socket",
        {
            "error": "error 75",
            "hang": "silence until a reset",
        },
        "open nine; the driver never does",
    ),
    Point(
        "sockl_fields",
        {
            "all": "more fields after the id",
            "id": "the id only",
        },
        "`AT+S.SOCKL` with a socket open",
    ),
]
