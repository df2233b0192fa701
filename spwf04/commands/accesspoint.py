"""A network of the module's own, which it calls MiniAP.

    radio.start_ap("door", "correct horse")
    print(radio.stations())     # [(b"\\x02…", "192.168.0.2")]
    radio.stop_ap()

ST's sequence writes the settings to the flash and restarts the module. [c.8] The network starts
without that, so nothing is written. [T8] A module whose radio has not run since the boot may make
an open network in spite of a password. [k.15] So the radio runs once before, and a network counts
as closed only if the module has told that it computes the key (WIND 46).
"""

from ..arguments import milliseconds, network
from ..at.exchange import Exchange
from ..at.task import Wait
from ..checks import integer
from ..const import const
from ..errors import SPWF04Error, errno
from .config import asked
from .station import off, ready, tell

_KEY_MS = const(500)  # WIND 46 comes before the network starts; if not, by then
_RADIO_MS = const(8000)  # WIFI=1 to WIND 32 [b.3]
_MOST = const(32)  # stations that are asked for
_FAILED = (18, 27, 50)  # indications of a network that does not start [d]


class AccessPoint:
    """The network that the module makes, and who is in it.

    members: a list of [MAC address, IPv4 address or None] for each station.
    """

    def __init__(self):
        self.members = []

    def told(self, n, parser):
        """Take an indication: a station came (28), got an address (29), or left (72). [d]"""
        if n not in (28, 29, 72):
            return
        fields = parser.text().split(":")[3:]
        if n == 29:
            self._leased(fields[0] if fields else "", _mac(fields[1:]))
            return
        mac = _mac(fields)
        if mac is None:
            return
        self.members = [member for member in self.members if member[0] != mac]
        if n == 28:
            self.members.append([mac, None])

    def _leased(self, ip, mac):
        if "." not in ip:
            return
        members = self.members
        if mac is None:  # firmware 1.0.0 does not tell whose it is
            waiting = [member for member in members if member[1] is None]
            if len(waiting) != 1 or ip in [member[1] for member in members]:
                return
            mac = waiting[0][0]
        for member in members:
            if member[1] == ip:
                member[1] = None
        for member in members:
            if member[0] == mac:
                member[1] = ip
                return
        members.append([mac, ip])

    def there(self, macs):
        """The module has told who is there: a list of MAC addresses."""
        known = {member[0]: member[1] for member in self.members}
        self.members = [[mac, known.get(mac)] for mac in macs]


def _mac(fields):
    """Return the MAC address in fields (str), two hex digits each, as bytes; None for none."""
    try:
        return bytes([int(part, 16) for part in fields[:6]]) if len(fields) > 5 else None
    except ValueError:
        return None


# on and off ---------------------------------------------------------------------------------
def start(radio, ssid, password, channel, timeout, clients=None):
    """SPWF04.start_ap(), as steps. clients: how many addresses its DHCP server has; None: as
    before."""
    timeout_ms = milliseconds(timeout)
    ssid, password, channel, clients = checked(ssid, password, channel, clients)
    yield from ready(radio)
    if password:
        yield from _knows_wpa(radio)
    radio.joined_as = None
    was_on = yield from off(radio)
    if password and not was_on:
        yield from _warm_up(radio)
    settings = [
        (b"SCFG=wifi_mode,", b"3"),
        (b"SSIDTXT=", ssid),
        (b"SCFG=wifi_wpa_psk_text,", password),
        (b"SCFG=wifi_auth_type,", b"0"),
        (b"SCFG=wifi_priv_mode,", b"2" if password else b"0"),
        (b"SCFG=wifi_channelnum,", b"%d" % channel),
    ]
    if clients is not None:
        settings.append((b"SCFG=ip_num_clients,", b"%d" % clients))
    yield from tell(radio, settings)
    yield from _switch_on(radio, bool(password), timeout, timeout_ms)


def checked(ssid, password, channel, clients):
    """Return the arguments of start() as they are sent; ValueError, TypeError."""
    if ssid is None:
        raise TypeError("ssid must be str or bytes, not NoneType")
    ssid, password = network(ssid, password)
    channel = integer(channel, "channel", 1, 13)
    if clients is not None:
        clients = integer(clients, "max_connections", 1, 250)
    return ssid, password, channel, clients


def _switch_on(radio, closed, timeout, timeout_ms):
    """Start the network. If it does not start as it was told to, switch it off and raise."""
    radio.ap = made = AccessPoint()
    done = False
    try:
        try:
            failure = yield from _started(radio, closed, timeout, timeout_ms)
        except (OSError, MemoryError) as e:
            failure = e
        if failure is not None:
            yield from _off_again(radio)
            raise failure
        radio.ap = made
        done = True
    finally:  # the steps may have been given up
        if not done:
            radio.ap = None


def _started(radio, closed, timeout, timeout_ms):
    """Wait until it has started. Return the exception for a network that is not as it was to be,
    or None."""
    channel = radio.channel
    counts = radio.indications
    for n in _FAILED + (46,):
        counts[n] = 0
    generation = channel.generation

    def failed():
        return channel.generation != generation or sum([counts[n] for n in _FAILED])

    exchange = Exchange().prepare(b"AT+S.WIFI=1\r")
    yield exchange
    if exchange.code == 91:
        return _no_memory()
    if exchange.code != 17:  # was on
        channel.check(exchange)
    yield Wait(lambda: radio.ip or failed(), timeout_ms)
    if closed and radio.ip:
        yield Wait(lambda: counts[46] or failed(), _KEY_MS)
    if channel.generation != generation:
        return _restarted()
    if failed() or not radio.ip:
        return _not_started(counts, timeout)
    return _open() if closed and not counts[46] else None


def _off_again(radio):
    """Switch the radio off after a failure. If that fails too, nobody knows what it does."""
    try:
        yield from ready(radio)
        yield from off(radio)
    except OSError:
        raise SPWF04Error(
            errno.EIO,
            "the module does not answer, and may make a network, even one without a password",
            hint="Call radio.stop_ap(), or radio.reset()",
            remedy="reset",
        )


def stop(radio):
    """SPWF04.stop_ap(), as steps."""
    yield from ready(radio)
    if radio.ap is None and (yield from asked(radio, b"wifi_mode")) != "3":
        return
    yield from off(radio)
    yield from tell(radio, ((b"SCFG=wifi_mode,", b"0"),))


def _warm_up(radio):
    """Have the radio run once, without a network. [k.15]"""
    yield from tell(radio, ((b"SCFG=wifi_mode,", b"0"),))
    counts = radio.indications
    counts[32] = 0
    exchange = Exchange().prepare(b"AT+S.WIFI=1\r")
    yield exchange
    if exchange.code != 17:
        radio.channel.check(exchange)
        yield Wait(lambda: counts[32], _RADIO_MS)
    yield from off(radio)


def _knows_wpa(radio):
    """SPWF04Error if the firmware makes open networks only."""
    version = yield from asked(radio, b"fw_version", b"STS")
    if version[:2] == "0." or version[:4] == "1.0.":
        raise SPWF04Error(
            errno.EOPNOTSUPP,
            "firmware %s makes open networks only" % version,
            hint="Update the firmware: radio.fetch_update(). Or leave the password out: then "
            "everybody in reach can join",
            remedy="update_firmware",
        )


# who is there -------------------------------------------------------------------------------
def stations(radio):
    """SPWF04.stations(), as steps."""
    found = yield from _listed(radio)
    return [(member[0], member[1]) for member in found]


def with_signal(radio):
    """Steps: return a list of (MAC address, RSSI in dBm or None, IPv4 address or None)."""
    found = yield from _listed(radio)
    told = []
    for n in range(len(found)):
        rssi = yield from _peer(radio, n, b"rx_rssi")
        try:
            rssi = int(rssi or "")
        except ValueError:
            rssi = None
        told.append((found[n][0], rssi, found[n][1]))
    return told


def _listed(radio):
    """Ask the module who is there, and return the members. Its table of peers has them; what it
    cannot be asked is who has which address. [f.5]"""
    yield from ready(radio)
    if radio.ap is None:
        if (yield from asked(radio, b"wifi_mode")) != "3":
            return []
        radio.ap = AccessPoint()  # it was running before the driver
    ap = radio.ap
    macs = []
    for n in range(_MOST):
        value = yield from _peer(radio, n, b"addr")
        mac = None if value is None else _mac(value.split(":"))
        if mac is None:
            break
        macs.append(mac)
    if macs:
        ap.there(macs)
    elif ap.members and (yield from asked(radio, b"wifi_num_assoc", b"STS")) == "0":
        ap.there([])
    return ap.members


def _peer(radio, n, name):
    """Steps: return a variable of a peer as str, None if there is no such peer."""
    found = []

    def on_line(parser):  # AT-S.Var:0.addr=02:00:00:00:00:01 [c.3]
        line = parser.text()
        if line.find(".%s=" % name.decode()) > 0:
            found.append(line[line.find("=") + 1 :])

    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S.PEERS=%d,%s\r" % (n, name), None, 3000)
    if exchange.code < 0:
        radio.channel.check(exchange)
    return found[0] if found and not exchange.code else None


# addresses ----------------------------------------------------------------------------------
def address(radio, ip, netmask, gateway):
    """Set the module's own address for the next start_ap(): three str or bytes."""
    from .status import ipv4

    for value in (ip, netmask, gateway):
        ipv4(value)
    for name, value in (("ip_ipaddr", ip), ("ip_netmask", netmask), ("ip_gw", gateway)):
        radio.set(name, value)


# what went wrong ----------------------------------------------------------------------------
def _open():
    return SPWF04Error(
        errno.EIO,
        "the module did not tell that it closes its network, so it may have been open, and is "
        "switched off",
        hint="Try again after radio.reset(). If it stays so, call radio.factory_reset(): it gives "
        "the module its factory settings",
        remedy="factory_settings",
    )


def _not_started(counts, timeout):
    if sum([counts[n] for n in _FAILED]):
        return SPWF04Error(
            errno.EIO,
            "the module could not start its network",
            hint="Try another channel, or after radio.reset()",
            remedy="reset",
        )
    return SPWF04Error(
        errno.ETIMEDOUT,
        "the module has not started its network within %g s" % timeout,
        hint="Try a longer timeout, or after radio.reset()",
        remedy="reset",
    )


def _no_memory():
    return SPWF04Error(
        errno.ENOMEM,
        "the module is out of memory; firmware 1.1.0 loses some whenever its own network ends",
        91,
        hint="Close sockets, or call radio.reset()",
        remedy="reset",
    )


def _restarted():
    return SPWF04Error(
        errno.ECONNRESET,
        "the module restarted while it started its network",
        hint="Try again, or check the power supply",
        remedy="check_power",
    )


def one_at_a_time():
    """Return the exception for a station that is to become an access point, or the reverse."""
    return SPWF04Error(
        errno.EOPNOTSUPP,
        "the module is a station or an access point, not both at a time",
        hint="End the one before the other: disconnect(), stop_ap(), or active(False)",
        remedy="one_at_a_time",
    )
