"""The line: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "The line"

POINTS = [
    Point(
        "segment",
        {
            730: "TCP segments of 730 bytes at most",
            1460: "1460",
        },
        "`yes \\| nc -l 5000` on a PC, connect: the first number of `+WIND:55`",
    ),
    Point(
        "udp_received",
        {
            "cut": "a datagram above 730 bytes arrives cut to 730",
            "pieces": "in pieces",
            "whole": "whole",
        },
        "send 1000 bytes to a UDP socket: how many `+WIND:55`, with which numbers? "
        "**Cut or in pieces, `recv()` cannot tell, and nothing else does**",
    ),
    Point(
        "udp_sent",
        {
            "pieces": "SOCKW above 730 bytes goes out as several datagrams",
            "whole": "as one",
        },
        "`AT+S.SOCKW=0,1000` on a UDP socket, look at the PC. The driver sends no "
        "more than `pool.chunk`, 730",
    ),
    Point(
        "wind55_coalesced",
        {
            False: "a `+WIND:55` for each segment",
            True: "one for those of a moment",
        },
        "send 3000 bytes at once: a first number of `+WIND:55` above 1460 counts several segments",
    ),
    Point(
        "masked_winds",
        {
            "asked": (
                "masked 58 and 62 come with the next command about their socket "
                "(mbed's driver, which masks a lot, learns of an end only so)"
            ),
            "lifted": "all come when the mask is lifted",
            "lost": "they are lost",
        },
        "`AT+S.SCFG=console_wind_off_medium,0x04000000`, have the peer close, set it "
        "back to 0, then `AT+S.SOCKQ=0`: where is WIND 58?",
    ),
    Point(
        "closed_reason",
        {
            "zero": "the reason in WIND 58 and 62 is always 0",
            "told": "0 for an end and others for a reset and a loss",
            "one": "always 1",
        },
        "a peer that closes (`nc -l 5000`, then Ctrl-D), one that resets (SO_LINGER "
        "of 0, then close), one whose cable is pulled. **The driver takes a number "
        "above 0 for a reset once the module has said 0 of another end; before that, "
        "and if it is always 0, a connection that the other side resets reads like "
        "one that it has ended**",
    ),
    Point(
        "reset_unread",
        {
            "kept": "unread data can be read after a reset by the peer",
            "lost": "are lost",
        },
        "let 10 bytes arrive, reset the connection, `AT+S.SOCKQ=0`",
    ),
    Point(
        "reset_write",
        {
            78: "SOCKW after a reset by the peer gets 78",
            79: "79 after its data",
        },
        "then `AT+S.SOCKW=0,1` and a byte",
    ),
    Point(
        "half_closed",
        {
            "refused": "SOCKW to a peer that has sent its end gets 78",
            "works": "works",
        },
        "`nc -N` as the peer, which shuts its sending side down: `AT+S.SOCKW=0,1` and"
        " a byte after WIND 58. The driver asks first, with `AT+S.SOCKW=0,0`: **it "
        'takes error 33 for "works"**',
    ),
    Point(
        "ended_question",
        {
            "zero": "SOCKQ and SOCKR after the end get 0 bytes",
            "closed": "error 72",
        },
        "`AT+S.SOCKQ=0` after WIND 58, when all is read",
    ),
    Point(
        "dead_peer",
        {
            "told": "WIND 58 when a peer acknowledges nothing for long",
            "silent": "never",
        },
        "pull the peer's cable, write, wait for ten minutes",
    ),
    Point(
        "open_limit",
        {
            30: "SOCKON to a host that is silent fails after 30 s",
            20: "20",
            75: "75",
        },
        "`AT+S.SOCKON=<address that nobody has>,80,,t`; the same by TLS to a port "
        "where `nc -l` listens",
    ),
    Point(
        "silent_dns",
        {
            65: "a DNS server that is silent is error 65",
            64: "64",
            63: "63",
        },
        "`AT+S.SCFG=ip_use_dhcpc,0`, the address, netmask and gateway that DHCP gave before, "
        "`AT+S.SCFG=ip_dns1,192.0.2.1`, which nobody has; join, open by name",
    ),
    Point(
        "server_close",
        {
            "closes": "`SOCKDC` of a server disconnects clients whose data were not read",
            "refused": "gets error 77",
        },
        "a client that sends, then `AT+S.SOCKDC=0`",
    ),
    Point(
        "winds_spliced",
        {
            False: "never",
            True: "firmware 1.0.0: an indication inside a line of a reply",
        },
        "newer firmware mends it. **The driver does not understand such a line: the "
        "call fails, within its time limit, and the line is found again.** So the "
        "suite does not run under this reading",
    ),
]
