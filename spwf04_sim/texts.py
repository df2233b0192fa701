"""Texts that mean something: numbers, ports, IPv4 addresses."""

_LONGEST = 4000  # digits; Python converts no text of more than 4300


def is_number(text):
    """True if a text (str or bytes) is a whole number: ASCII digits alone, and not too many."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST


def is_port(text):
    """True if a text is the number of a port, 1 to 65535."""
    return is_number(text) and 0 < int(text) < 65536


def is_ipv4(text):
    """True if a text is an IPv4 address."""
    parts = text.split(".")
    return len(parts) == 4 and all(is_number(p) and int(p) < 256 for p in parts)


def ip_after(ip, n):
    """Return the IPv4 address that is n after `ip`, as text."""
    number = int.from_bytes(bytes(int(p) for p in ip.split(".")), "big") + n
    return ".".join(str(b) for b in (number % (1 << 32)).to_bytes(4, "big"))


def is_nobodys(ip):
    """True for an address that RFC 5737 keeps for examples: no host has it."""
    return ip.startswith("192.0.2.")
