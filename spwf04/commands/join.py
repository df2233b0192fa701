"""Joins a network, as steps: see at/task.py. Loaded for that, and dropped then: see once().

The way of joining is an object: Password here, Wps in wps.py, Enterprise in enterprise.py. It has
the settings of the module, and what the way does before and after the radio is switched on.
"""

from ..arguments import milliseconds, network
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from .config import asked
from .station import off, ready, tell

# connect() gives up after so many scans without the network (WIND 35), or refusals
_SCANS = const(3)
_REFUSALS = const(3)  # as mbed's driver [b.4]


class Password:
    """Joins by name and password, or an open network; with neither, the stored one.

    Every way has: ssid, as bytes or None. joined_as: what radio.joined_as becomes, or None.
    settings: (beginning of a command, its last argument) of each. timeout: seconds, if the caller
    gives none. scans: after so many without the network it is given up.
    """

    joined_as = None
    settings = ()
    timeout = 30
    scans = _SCANS

    def __init__(self, ssid, password):
        self.ssid, password = network(ssid, password)
        if ssid is not None:
            self.joined_as = (self.ssid, password)
            self.settings = (
                (b"SCFG=wifi_mode,", b"1"),
                (b"SSIDTXT=", self.ssid),
                (b"SCFG=wifi_wpa_psk_text,", password),
                (b"SCFG=wifi_auth_type,", b"0"),
                (b"SCFG=wifi_priv_mode,", b"2" if password else b"0"),
            )

    # Steps of other ways
    prepare = None  # before the radio is switched off and on
    begin = None  # after it was switched on
    joined = None  # after success
    refused = None  # after a failure; returns the JoinError, or None for the usual one


def way(ssid, password, key=None, how=None):
    """Return the way of joining that the arguments of connect() ask for; TypeError, ValueError."""
    how = {name: how[name] for name in how or () if how[name] is not None}
    if how.get("wps") is False:
        del how["wps"]
    if not how:
        return Password(ssid, key if password is None else password)
    try:  # a small profile lacks these
        if "wps" in how:
            from .wps import Wps

            return Wps(ssid, key if password is None else password, **how)
        from .enterprise import Enterprise

        return Enterprise(ssid, password, key, **how)
    except ImportError:
        pass
    raise ValueError("wps, identity: commands/wps.py and commands/enterprise.py are left out here")


def join(radio, ssid, password, timeout, key=None, how=None):
    """SPWF04.connect(), as steps; same arguments. how: the further ones, a dict."""
    by = way(ssid, password, key, how)
    timeout = by.timeout if timeout is None else timeout
    timeout_ms = milliseconds(timeout)
    if by.joined_as is not None and radio.joined_as == by.joined_as and radio.isconnected():
        return
    yield from ready(radio)
    if not by.settings and by.begin is None:  # the stored network
        if (yield from asked(radio, b"wifi_mode")) in ("0", "3"):
            raise nothing_stored()
    if by.prepare is not None:
        yield from by.prepare(radio)
    yield from off(radio)
    yield from tell(radio, by.settings)
    if by.settings:
        radio.joined_as = by.joined_as
        radio.ssid = by.ssid
    counts = radio.indications
    for n in range(len(counts)):
        counts[n] = 0
    radio.stage = 0
    exchange = Exchange().prepare(b"AT+S.WIFI=1\r")
    yield exchange
    if exchange.code != 17:  # was on
        radio.channel.check(exchange)
    if by.begin is not None:
        yield from by.begin(radio)
    if timeout_ms:
        yield from _wait(radio, by, timeout, timeout_ms)


def _wait(radio, by, timeout, timeout_ms):
    """Wait for an address; JoinError if none comes."""
    counts = radio.indications
    generation = radio.channel.generation
    end = radio.channel.deadline(timeout_ms)

    # A lambda, because the name of a function stays in memory for ever
    yield Wait(
        lambda: (
            radio.ip
            or counts[85]  # DHCP gave no address
            or counts[82]  # nobody answered by WPS
            or _refusals(counts) >= _REFUSALS
            or counts[35] >= by.scans
            or radio.channel.generation != generation
        ),
        timeout_ms,
    )
    restarted = radio.channel.generation != generation
    failure = None
    if not restarted and (not radio.ip or radio.ip[:4] == "169."):
        try:  # a small profile lacks this
            from .scan import why

            failure = yield from why(radio, _named(radio.ssid), end)
        except ImportError:
            pass
    if radio.ip and failure is None:
        if by.joined is not None:
            yield from by.joined(radio)
        return
    if failure is None and not restarted and by.refused is not None:
        failure = yield from by.refused(radio, _named(radio.ssid), _refusals(counts))
    failure = failure or failed(radio, timeout, restarted)
    if not radio.stage and not counts[35]:
        # It told nothing at all: has it restarted, with console_winds saved as 0? [a.4]
        radio.channel.lose()
    yield from off(radio)  # else it scans for ever [k.14]
    raise failure


def _refusals(counts):
    """How often the network refused. A wrong password is WIND 40, 41, or both. [d]"""
    return max(counts[40], counts[41]) + sum([counts[n] for n in (18, 20, 75, 76, 77)])


def failed(radio, timeout, restarted):
    """Return the JoinError for a join that did not lead to an address."""
    from ..errors import JoinError

    counts = radio.indications
    refusals = _refusals(counts)
    name = _named(radio.ssid)
    if restarted:
        return JoinError(
            JoinError.TIMEOUT,
            "the module restarted while it joined " + name,
            "Call connect() again, or check the power supply",
            "retry",
        )
    if counts[85] or (radio.stage in (25, 51) and not refusals):  # associated
        return JoinError(
            JoinError.NO_LEASE,
            name + " was joined, but DHCP gave no address",
            "Check the access point's DHCP server, or set an address with ifconfig()",
            "check_dhcp",
        )
    if refusals:
        return JoinError(
            JoinError.REFUSED,
            name + " refused %d times, most likely because the password is wrong" % refusals,
            "Check the password, and whether the access point filters stations",
            "check_password",
        )
    if radio.stage in (0, 21):  # scanning
        return JoinError(
            JoinError.NOT_FOUND,
            name + " was not found in %d scans" % counts[35],
            "Check name (case counts), distance, band (2.4 GHz); see scan()",
            "check_network",
        )
    return JoinError(
        JoinError.TIMEOUT,
        name + " was not joined within %g s" % timeout,
        "Try a longer timeout",
        "check_network",
    )


def nothing_stored():
    """Return the exception for connect() without a name where no station's settings are."""
    from ..errors import SPWF04Error, errno

    return SPWF04Error(
        errno.EINVAL,
        "the module has no network stored, or one of its own in its place",
        hint="Give connect() a name. If a network was saved before: radio.reset() brings it back",
        remedy="name_network",
    )


def _named(ssid):
    """A network in the words of a message."""
    if not ssid:
        return "the stored network"
    return '"' + "".join([chr(c) if 32 <= c < 127 else "?" for c in ssid]) + '"'
