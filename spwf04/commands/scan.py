"""Scans for networks, and tells from what is there why a join failed. [c.3.1]"""

from ..arguments import milliseconds
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from .station import ready

_LOOK_MS = const(5000)  # most time for a scan that finds out why a join failed
_OFF_MS = const(2000)  # a radio that is off for longer is not about to be switched on


def scan(radio, timeout, kind=b"s"):
    """SPWF04.scan(), as steps. kind: b"s" for each name once, b"d" for all access points."""
    timeout_ms = milliseconds(timeout)
    channel = radio.channel
    counts = radio.indications
    found = []
    yield from ready(radio)

    def on_line(parser):
        entry = parse(parser.raw())
        if entry is not None:
            found.append(entry)

    end = channel.deadline(timeout_ms)
    off = channel.deadline(min(_OFF_MS, timeout_ms))
    exchange = Exchange(on_line)
    while True:
        yield exchange.prepare(b"AT+S.SCAN=%s,\r" % kind, None, timeout_ms)
        # These pass: 40 a scan is running, 42 and 43 the radio is busy or starting; and 18, it is
        # off, for as long as another task needs to begin a join
        until = off if exchange.code == 18 else end
        if exchange.code not in (18, 40, 42, 43) or channel.expired(until):
            channel.check(exchange)
            # The name of a network may have a line end in it, and what looks like an OK behind
            # that: wait until nothing comes any more
            yield Wait(lambda: False, 50)
            return found
        # The scan that runs is the module's own, one after the other: be there when it ends
        before = counts[35] = min(counts[35], 90)
        pause = 2000 if exchange.code == 40 else 100
        yield Wait(lambda before=before: counts[35] != before, pause)


def parse(line):
    """Return the entry of a line (bytes), as in SPWF04.scan(), or None.

    `<i>:TAB BSS <mac> CHAN: <n> RSSI: -<n> SSID: '<ssid>' CAPS: <hhhh> [WPA ...]`
    A ' in an SSID is not escaped: the last one before CAPS ends it.
    """
    at = line.find(b"BSS ")
    begin = line.find(b" SSID: '")
    end = line.rfind(b"' CAPS: ")
    if at < 0 or begin < 0 or end < begin:
        return None
    words = line[at:begin].split()
    try:
        bssid = bytes([int(part, 16) for part in words[1].split(b":")])
        number = int(words[words.index(b"CHAN:") + 1])
        rssi = int(words[words.index(b"RSSI:") + 1])
    except (ValueError, IndexError):
        return None
    kinds = line[end + 8 :].split()
    security = 0
    if b"WPA2" in kinds:
        security = 4 if b"WPA" in kinds else 3
    elif b"WPA" in kinds:
        security = 2
    elif b"WEP" in kinds:
        security = 1
    ssid = line[begin + 8 : end]
    # A network that hides its name may show NULs instead
    return (ssid, bssid, number, rssi, security, not ssid.strip(b"\0"))


# A join that failed -------------------------------------------------------------------------
def why(radio, name, end):
    """Look around after a join that failed; return the JoinError, None if the cause is another.

    As steps. name: of the network, for the message. end: the deadline of the join.
    """
    from ..errors import JoinError, SPWF04Error

    counts = radio.indications
    if radio.ip and not radio.ip.startswith("169.254."):
        return None
    if radio.ip:  # the module chose it itself
        return (yield from _own_address(radio))
    if counts[85] or not radio.joined_as:
        return None
    ssid, password = radio.joined_as[:2]
    found = ()
    left = min(_LOOK_MS, radio.channel.left(end))
    if left > 0:
        try:
            found = yield from scan(radio, left / 1000, b"d")
        except SPWF04Error:
            pass
    kinds = [entry[4] for entry in found if entry[0] == ssid]
    if counts[76] + counts[77] and not counts[40] + counts[41]:
        return JoinError(
            JoinError.TIMEOUT,
            name + " was found, but does not answer",
            "Move closer, or try again: the signal may be weak",
            "retry",
        )
    login = len(radio.joined_as) > 2  # see enterprise.py
    failure = other_security(name, kinds, bool(password) or login, counts[74])
    if failure is None and counts[40] + counts[41] and not login and may_be_wep(password):
        failure = perhaps_wep(name)
    return failure


def _own_address(radio):
    """As why(), for an address of 169.254.0.0/16."""
    from ..errors import JoinError

    told = []
    exchange = Exchange(lambda parser: told.append(parser.text().split("=")[-1]))
    yield exchange.prepare(b"AT+S.GCFG=ip_use_dhcpc\r", None, 3000)
    if told == ["2"]:  # as it was told to [f.1]
        return None
    return JoinError(
        JoinError.NO_LEASE,
        "DHCP gave no address, so the module has chosen one itself",
        "Check the access point's DHCP server, or set an address with ifconfig()",
        "check_dhcp",
    )


def perhaps_wep(name):
    """The JoinError of a network that refused what may be a WEP key, and shows no security."""
    from ..errors import JoinError

    return JoinError(
        JoinError.REFUSED,
        name + " refused: the password is wrong, or it is a WEP key, and connect() does not set "
        "up WEP",
        "Check the password. For WEP, set wifi_priv_mode and the variables of WEP with set(), and "
        "call connect() without a name",
        "check_password",
    )


def may_be_wep(password):
    """True for 13 characters, and for 10 or 26 hex digits: a password in bytes, or a WEP key."""
    digits = not password.strip(b"0123456789abcdefABCDEF")
    return len(password) == 13 or (digits and len(password) in (10, 26))


def other_security(name, kinds, closed, rejected):
    """Return the JoinError if the network has another kind of security than was asked for.

    Else None. kinds: those of its access points, as in scan(). closed: a password was given.
    rejected: how often the module told that a network does not fit (WIND 74).
    """
    from ..errors import JoinError

    fitting = [kind for kind in kinds if (kind > 1 if closed else kind == 0)]
    if kinds and not fitting:
        if 1 in kinds:
            return JoinError(
                JoinError.SECURITY,
                name + " uses WEP, which connect() does not set up",
                "Use WPA2. Or set wifi_priv_mode and the variables of WEP with set(), and call "
                "connect() without a name",
                "use_wpa2",
            )
        if closed:
            return JoinError(
                JoinError.SECURITY,
                name + " is an open network, and a password was given",
                "Leave the password out, if that is the network you mean",
                "omit_password",
            )
        return JoinError(
            JoinError.SECURITY,
            name + " needs a password",
            "Give its password to connect()",
            "give_password",
        )
    if rejected:
        return JoinError(
            JoinError.SECURITY,
            name + " was found, but its security is of another kind",
            "It may be open, or need a password, or be for users with a name (WPA-Enterprise), or "
            "use WPA3, which the module does not know",
            "check_security",
        )
    return None
