"""Says what is wrong with the name of a host. Imported only then: arguments.py decides."""


def why(host):
    """Return the words that follow an argument's name; host: the refused bytes."""
    for found, words in (
        (not host, "must not be empty"),
        (b"/" in host or b"\\" in host, "must be a name or an address, not a URL"),
        (b"@" in host, "must be a name or an address alone, without a user"),
        (
            host[:1] == b"[" or host.count(b":") > 1,
            "must not be an IPv6 address: the module connects to names and IPv4 addresses",
        ),
        (b":" in host, "has a port in it: pass the port by itself"),
        (
            [c for c in host if c > 127],
            "has letters beyond ASCII: write the name in its xn-- form, in which name servers and "
            "certificates have it",
        ),
        ([c for c in host if c < 33], "must not contain blanks"),
        (
            host.strip(b"abcdefghijklmnopqrstuvwxyz0123456789-_."),
            "has a character that no name has: there are letters, digits, - and _, and dots "
            "between the parts",
        ),
        (b"" in host.split(b"."), "has a dot too many: a part of it is empty"),
        (
            max([len(part) for part in host.split(b".")]) > 63,
            "has a part of more than 63 bytes between its dots",
        ),
        (len(host) > 253, "is %d bytes long, the limit is 253" % len(host)),
    ):
        if found:
            return words
    return (
        "ends in a number, so it is an address, and an IPv4 address is four numbers from 0 to 255 "
        "without leading zeros"
    )
