"""Joins a network, as steps: see at/task.py. Loaded for that, and dropped then: see once()."""

from ..arguments import milliseconds, network
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from .station import off, ready, refusals

# connect() gives up after so many scans without the network (WIND 35), or refusals
_SCANS = const(3)
_REFUSALS = const(3)  # as mbed's driver [b.4]


def join(radio, ssid, password, timeout):
    """SPWF04.connect(), as steps; same arguments."""
    settings = ()
    ssid, password = network(ssid, password)
    timeout_ms = milliseconds(timeout)
    if ssid is not None:
        if radio.joined_as == (ssid, password) and radio.isconnected():
            return
        settings = (
            (b"SCFG=wifi_mode,", b"1"),
            (b"SSIDTXT=", ssid),
            (b"SCFG=wifi_wpa_psk_text,", password),
            (b"SCFG=wifi_auth_type,", b"0"),
            (b"SCFG=wifi_priv_mode,", b"2" if password else b"0"),
        )
    exchange = Exchange()
    yield from ready(radio)
    yield from off(radio)
    for head, data in settings:
        if b"," in data:
            from .comma import command

            command(radio.channel, head, data)
        elif data:
            yield exchange.prepare(b"AT+S." + head + data + b"\r", None, 3000)
            radio.channel.check(exchange)
    if ssid is not None:
        radio.joined_as = (ssid, password)
        radio.ssid = ssid
    counts = radio.indications
    for n in (18, 20, 35, 40, 41, 74, 75, 76, 77, 85):
        counts[n] = 0
    radio.stage = 0
    yield exchange.prepare(b"AT+S.WIFI=1\r")
    if exchange.code != 17:  # was on
        radio.channel.check(exchange)
    if not timeout_ms:
        return
    generation = radio.channel.generation

    # A lambda, because the name of a function stays in memory for ever
    yield Wait(
        lambda: (
            radio.ip
            or counts[85]  # DHCP gave no address
            or refusals(counts) >= _REFUSALS
            or counts[35] >= _SCANS
            or radio.channel.generation != generation
        ),
        timeout_ms,
    )
    restarted = radio.channel.generation != generation
    if radio.ip and not restarted and not (yield from _alone(radio)):
        return
    seen = ()
    if radio.ssid and not restarted and not radio.ip and not counts[85]:
        seen = yield from _kinds(radio)
    failure = failed(radio, timeout, restarted, seen)
    yield from off(radio)  # else it scans for ever [k.14]
    raise failure


def _alone(radio):
    """True if the module chose its address itself, because DHCP gave none. [f.1]"""
    if not radio.ip.startswith("169.254."):
        return False
    told = []
    exchange = Exchange(lambda parser: told.append(parser.text().split("=")[-1]))
    yield exchange.prepare(b"AT+S.GCFG=ip_use_dhcpc\r", None, 3000)
    return told != ["2"]  # 2: it was told to


def _kinds(radio):
    """Return the kinds of security of the network's access points, as in scan()."""
    from ..errors import SPWF04Error
    from .scan import scan

    try:
        found = yield from scan(radio, 5, b"d")
    except SPWF04Error:
        return []
    return [entry[4] for entry in found if entry[0] == radio.ssid]


def failed(radio, timeout, restarted, kinds):
    """Return the JoinError for a join that did not lead to an address. kinds: see _kinds()."""
    from ..errors import JoinError

    counts = radio.indications
    refused = refusals(counts)
    name = _named(radio.ssid)
    if restarted:
        return JoinError(
            JoinError.TIMEOUT,
            "the module restarted while it joined " + name,
            "Call connect() again. If it happens often, check the power supply",
            "retry",
        )
    if radio.ip or counts[85] or (radio.stage in (25, 51) and not refused):  # associated
        return JoinError(
            JoinError.NO_LEASE,
            name + " was joined, but DHCP gave no address",
            "Check the access point's DHCP server (of a WEP network, the key too), or set an "
            "address with ifconfig()",
            "check_dhcp",
        )
    other = _other_security(radio, kinds, counts[74])
    if other is not None:
        return JoinError(JoinError.SECURITY, name + other[0], other[1], other[2])
    if counts[76] + counts[77] >= refused > 0:
        return JoinError(
            JoinError.TIMEOUT,
            name + " was found, but does not answer",
            "Move closer, or try again: the signal may be weak",
            "retry",
        )
    if refused:
        return JoinError(
            JoinError.REFUSED,
            name + " refused %d times, most likely because the password is wrong" % refused,
            "Check the password. If it is right, the access point may filter stations",
            "check_password",
        )
    if radio.stage in (0, 21):  # scanning
        return JoinError(
            JoinError.NOT_FOUND,
            name + " was not found in %d scans" % counts[35],
            "Check name (case-sensitive), distance and band (2.4 GHz); see scan()",
            "check_network",
        )
    return JoinError(
        JoinError.TIMEOUT,
        name + " was not joined within %g s" % timeout,
        "Try a longer timeout, or move closer",
        "check_network",
    )


def _other_security(radio, kinds, rejected):
    """(what, hint, remedy) if the network has another kind of security than was asked for."""
    if radio.joined_as is None or radio.joined_as[0] != radio.ssid:
        return None
    closed = bool(radio.joined_as[1])
    if kinds and not any([kind > 1 if closed else kind == 0 for kind in kinds]):
        if 1 in kinds:
            return (
                " uses WEP, which connect() does not set up",
                "Use WPA2. Or set wifi_priv_mode to 1, wifi_wep_keys[0] and wifi_wep_key_lens, "
                "and call connect() without a name",
                "use_wpa2",
            )
        if closed:
            return (
                " is an open network, and a password was given",
                "Leave the password out, if that is the network you mean",
                "omit_password",
            )
        return " needs a password", "Give its password to connect()", "give_password"
    if rejected:
        return (
            " was found, but its security is of another kind",
            "It may be open, or for users with a name (WPA-Enterprise), or WPA3, which the module "
            "does not know"
            if closed
            else "It may need a password",
            "check_security",
        )
    return None


def _named(ssid):
    """A network in the words of a message."""
    if not ssid:
        return "the network that the module has stored"
    return '"' + "".join([chr(c) if 32 <= c < 127 else "?" for c in ssid]) + '"'
