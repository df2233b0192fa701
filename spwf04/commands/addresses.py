"""IPv6 addresses of the module, and how its IPv4 address comes. [d, f.1, f.4]"""

from .config import joined
from .filesystem import ask

_METHODS = ("static", "dhcp", "auto")  # by ip_use_dhcpc


def ipv6_addresses(radio):
    """SPWF04.ipv6_addresses(), as steps: see at/task.py.

    WIND 24 tells one of them too, but it may be missing, and costs every program memory. The
    module prints eight groups, without :: [d]; a length of the prefix and a zone may follow, and
    nothing is known of other forms.
    """
    found = []
    if not (yield from joined(radio)):
        return found
    use = yield from value(radio, "GCFG", "ip_use_v6")
    if use == "0":
        return found
    for name in ("ip_linklocal", "ip_local"):
        address = shortest((yield from value(radio, "STS", name)))
        if address not in ("", "::") and address not in found:
            found.append(address)
    return found


def value(radio, command, name):
    """Steps: the value of a variable, "" if the firmware has none."""
    head = "AT-S.Var:" + name + "="
    line = "AT+S.%s=%s\r" % (command, name)
    lines, _ = yield from ask(radio.channel, line.encode(), None, 3000, (4,))
    for text in lines:
        if text.startswith(head):
            return text[len(head) :].strip()
    return ""


def method(radio):
    """How the address came, or will come, as steps: one of _METHODS, or what the module says.

    An address of 169.254.0.0/16 is the module's own choice, whatever it was told to do.
    """
    if radio.ip and radio.ip.startswith("169.254."):
        return "auto"
    use = yield from value(radio, "GCFG", "ip_use_dhcpc")
    return _METHODS[int(use)] if use in ("0", "1", "2") else use


def shortest(text):
    """An IPv6 address in the form of RFC 5952; "" if the text is none."""
    for end in "/%]":  # of a prefix, a zone, brackets
        text = text.split(end)[0]
    groups = _groups(text.strip("[ "))
    if groups is None:
        return ""
    best, size = 0, 1
    for start in range(8):
        n = 0
        while start + n < 8 and not groups[start + n]:
            n += 1
        if n > size:
            best, size = start, n
    words = ["%x" % g for g in groups]
    if size < 2:
        return ":".join(words)
    return ":".join(words[:best]) + "::" + ":".join(words[best + size :])


def _groups(text):
    """The eight numbers of an address, or None."""
    first, double, last = text.partition("::")
    parts = [half.split(":") if half else [] for half in (first, last)]
    missing = 8 - len(parts[0]) - len(parts[1])
    words = parts[0] + ["0"] * (missing if double else 0) + parts[1]
    if len(words) != 8 or (double and missing < 1):
        return None
    try:
        numbers = [int(word, 16) for word in words]
    except ValueError:
        return None
    return numbers if max(numbers) < 0x10000 and "" not in words else None
