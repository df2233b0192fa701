"""The air."""

import contextlib
import re

from ..experiment import HAND, NETWORK, SAVES, SLOT, Untried, experiment
from ..points import reading
from ..tls import trust
from ..tls.certificates import Certified, dns, root, rsa_key

_NAME, _PASSWORD = "spwf04 probe", "probe the module"
_WRONG = "not that password"
_NOBODY = "spwf04 nobody has it"  # the name of no network
_OTHER_MAC = "02:00:00:5A:17:EE"
_LISTED = re.compile(r"BSS (\S+) +CHAN: *\d+ +RSSI: *-?\d+ +SSID: '(.*)' CAPS")
_NO_LEASE_S = 120
_PHONE_S = 15  # an access point tells of a station within
_YEAR_2001 = 1000000000


@contextlib.contextmanager
def _restarted(bench):
    """The settings are those of the flash again behind the block."""
    try:
        yield
    finally:
        bench.restart()


@contextlib.contextmanager
def _access_point(bench, **what):
    """An access point that somebody switches on for the block."""
    bench.around.access_point(True, ssid=_NAME, **what)
    try:
        yield
    finally:
        bench.around.access_point(False, ssid=_NAME)


def _known_network(bench):
    """(name, password) of the network that was given, which has a password, and can be joined."""
    if bench.network is None or not bench.network[1]:
        raise Untried("no network with a password was given")
    bench.join()
    return bench.network


def _winds(said):
    return [number for number, _ in said.winds]


# joining -------------------------------------------------------------------------------------
@experiment("wrong_key", needs=(NETWORK,))
def wrong_password(bench):
    """Join with a wrong password."""
    name, _ = _known_network(bench)
    winds = _winds(bench.join_as(name, _WRONG, limit_s=25))
    words: dict = {(True, False): "40", (False, True): "41", (True, True): "both"}
    return {"wrong_key": words.get((40 in winds, 41 in winds))}


@experiment("mismatch", needs=(NETWORK,))
def another_security(bench):
    """Join as if the network were open."""
    name, _ = _known_network(bench)
    winds = _winds(bench.join_as(name, "", limit_s=25))
    if 24 in winds:
        raise Untried("the network is open")
    if 74 in winds:
        return {"mismatch": "rejected"}
    if 19 in winds:
        return {"mismatch": "refused"}
    return {"mismatch": "unseen"} if winds.count(35) > 1 else {}


@experiment("no_lease", needs=(HAND,))
def without_dhcp(bench):
    """Join a network without a DHCP server."""
    with _access_point(bench, password=_PASSWORD, lease=None):
        settings = [("ip_use_dhcpc", 1), ("ip_dhcp_timeout", 20)]
        said = bench.join_as(_NAME, _PASSWORD, settings, until=51)
        if 51 not in _winds(said):
            raise Untried("the network without DHCP cannot be joined")
        said = bench.line.listen(_NO_LEASE_S)
    own = any(number == 24 and ":169.254." in text for number, text in said.winds)
    timeouts = _winds(said).count(85)
    if own:
        return {"no_lease": "auto ip" if timeouts else "auto ip, no WIND 85"}
    if timeouts:
        return {"no_lease": "stays" if timeouts == 1 else "asks again"}
    return {}


@experiment("renew_wind24", needs=(NETWORK,))
def renew(bench):
    """Renew the address."""
    bench.join()
    bench.line.listen(2)
    before = bench.line.say("STS=ip_ipaddr").value(r"ip_ipaddr=([\d.]+)")
    said = bench.line.say("RENEW", limit_s=60)
    if not said.ok:
        raise Untried(f"RENEW: {said.end or 'no answer'}")
    winds = _winds(said) + _winds(bench.line.listen(10))
    if before is None or before != bench.line.say("STS=ip_ipaddr").value(r"ip_ipaddr=([\d.]+)"):
        raise Untried("it got another address")
    return {"renew_wind24": 24 in winds}


@experiment("beacon_loss", needs=(HAND,))
def vanishes(bench):
    """Join an access point that is then switched off."""
    with _access_point(bench, password=_PASSWORD):
        if 24 not in _winds(bench.join_as(_NAME, _PASSWORD)):
            raise Untried("the access point cannot be joined")
    winds = _winds(bench.line.wait_wind(33, 90))
    if 33 not in winds:
        return {}
    return {"beacon_loss": "30,33" if 30 in winds[: winds.index(33)] else "33"}


@experiment("roaming", needs=(HAND,))
def stronger_one(bench):
    """Join a weak access point, and have another of its name beside it that is stronger."""
    with _access_point(bench, password=_PASSWORD, rssi=-75):
        settings = [("wifi_rssi_thresh", -20), ("wifi_rssi_hyst", 5)]
        if 24 not in _winds(bench.join_as(_NAME, _PASSWORD, settings)):
            raise Untried("the weak access point cannot be joined")
        before = _bssid(bench)
        bench.around.access_point(True, ssid=_NAME, password=_PASSWORD, rssi=-40)
        bench.line.listen(60)
        after = _bssid(bench)
    if None in (before, after):
        return {}
    return {"roaming": "lost" if after == before else "weak"}


def _bssid(bench):
    return bench.line.say("STS=wifi_bssid").value(r"wifi_bssid=([0-9A-Fa-f:]{17})")


@experiment("peers_beyond", needs=(NETWORK,))
def no_such_peer(bench):
    """Ask for the fourth peer of one."""
    bench.join()
    said = bench.line.say("PEERS=3")
    return {"peers_beyond": 0} if said.ok else reading("peers_beyond", said.error)


# scanning ------------------------------------------------------------------------------------
@experiment("scan_hidden", needs=(HAND,))
def hidden_name(bench):
    """Scan beside a network that hides its name."""
    with _access_point(bench, password=_PASSWORD, hidden=True):
        if 19 not in _winds(bench.join_as(_NAME, _PASSWORD, until=19)):
            raise Untried("the hidden network is out of reach")
        bench.leave()
        bench.set("wifi_mode", 0)  # it looks for no network by itself
        bench.line.drain()
        bench.line.send(b"AT+S.WIFI=1\r")
        bench.line.wait_wind(32, 20)
        said = bench.done("SCAN=d,", limit_s=30)
    hidden = [name for _, name in map(re.Match.groups, _listed(said)) if not name.strip("\0")]
    if not hidden:
        return {"scan_hidden": "absent"}
    return {"scan_hidden": "zeros" if any(hidden) else "empty"}


def _listed(said):
    return filter(None, map(_LISTED.search, said.lines))


@experiment("scan_busy")
def while_it_looks(bench):
    """Scan while the module itself looks for a network that nobody has."""
    said = bench.join_as(_NOBODY, _PASSWORD, until=21)
    for _ in range(4):
        if 21 not in _winds(said):
            break
        said = bench.line.say("SCAN=s,", limit_s=30)
        if said.error == 40:
            return {"scan_busy": "error"}
        if said.ok and 35 in _winds(said):  # its own scan had not ended
            return {"scan_busy": "waits"}
        said = bench.line.wait_wind(21, 20)
    return {}


@experiment("scan_starting")
def before_the_radio(bench):
    """Scan before the radio has started."""
    _begin(bench)
    said = bench.line.say("SCAN=s,", limit_s=30)
    if 32 not in _winds(said):
        bench.line.wait_wind(32, 20)
    return reading("scan_starting", said.error)


@experiment("wifi0_starting", needs=(HAND,))
def off_before_on(bench):
    """Switch the radio off before it has started. If it answers no more, somebody has to switch it
    off and on."""
    _begin(bench)
    said = bench.line.say("WIFI=0", limit_s=10)
    if said.end:
        if 32 not in _winds(said):
            bench.line.wait_wind(32, 20)
        return {"wifi0_starting": "error"} if said.error == 18 else {}
    if bench.line.say("AT", limit_s=5).end:
        raise Untried("it has not answered, but listens")
    bench.power_cycle()
    return {"wifi0_starting": "stalls"}


def _begin(bench):
    """Restart the module, until its console listens and its radio has not started."""
    if not bench.radio:
        raise Untried("its radio does not start by itself")
    bench.line.drain()
    bench.line.send(b"AT+S.RESET\r")
    said = bench.line.wait_wind(0, 20)
    if 0 not in _winds(said) or 32 in _winds(said):
        raise Untried("there is no time between its console's start and its radio's")


# its own network -----------------------------------------------------------------------------
def _own_network(bench, password, settings=()):
    """Have the module be an access point; return the indications of its start."""
    bench.done("SSIDTXT=" + _NAME)
    if password:
        bench.set("wifi_wpa_psk_text", password)
    bench.set("wifi_auth_type", 0)
    bench.set("wifi_priv_mode", 2 if password else 0)
    bench.set("wifi_mode", 3)
    for variable, value in settings:
        bench.set(variable, value)
    bench.line.drain()
    bench.line.send(b"AT+S.WIFI=1\r")
    winds = _winds(bench.line.wait_wind(26, 20))
    if 26 not in winds:
        raise Untried("its own network does not start")
    return winds


def _joins(bench, password):
    """What is Said when a phone joins with this password, or tries."""
    bench.line.drain()
    bench.around.station(_NAME, password)
    return bench.line.listen(_PHONE_S)


@experiment("miniap_wrong_key", needs=(HAND,))
def stranger(bench):
    """Join the module's own network with a wrong password."""
    bench.leave()
    _own_network(bench, _PASSWORD)
    if _joins(bench, _PASSWORD).wind(28) is None:
        raise Untried("nobody joined with the right password")
    bench.around.station_leaves()
    bench.line.listen(2)
    winds = _winds(_joins(bench, _WRONG))
    words: dict = {(False, False): "nothing", (True, True): "28,72"}
    return {"miniap_wrong_key": words.get((28 in winds, 72 in winds))}


@experiment("macfilter", needs=(HAND,))
def filter_of_addresses(bench):
    """Join the module's own network by a phone whose address is in the filter, and is not."""
    with _restarted(bench):
        bench.leave()
        _own_network(bench, "")
        told = _joins(bench, None).wind(28) or ""
    mac = re.search(r":((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})", told)
    if mac is None:
        raise Untried("nobody joined")
    admitted = []
    for listed in (mac[1], _OTHER_MAC):
        with _restarted(bench):
            bench.leave()
            _own_network(bench, "", [("ip_macfilter", listed)])
            admitted.append(_joins(bench, None).wind(28) is not None)
    words: dict = {(True, False): "admits", (False, True): "refuses"}
    return {"macfilter": words.get(tuple(admitted))}


@experiment("miniap_cold", needs=(SAVES,))
def cold(bench):
    """Start the module's own network in a boot in which the radio had not started."""
    with _restarted(bench):
        bench.leave()
        if 46 not in _own_network(bench, _PASSWORD):
            raise Untried("it does not tell that its own network has a password")
    try:
        _save_radio_off(bench)
        winds = _own_network(bench, _PASSWORD)
    finally:
        _save_radio_on(bench)
    return {"miniap_cold": "closed" if 46 in winds else "open"}


def _save_radio_off(bench):
    """Have the module boot without its radio. What else is saved stays as it is: the settings are
    those of the flash at that moment."""
    bench.line.drain()
    bench.line.send(b"AT+S.RESET\r")
    bench.line.wait_wind(32, 20)
    bench.done("WIFI=0")
    bench.line.listen(1)
    bench.done("WCFG")
    bench.line.send(b"AT+S.RESET\r")
    bench.line.wait_wind(0, 20)
    if 32 in _winds(bench.line.wait_wind(32, 8)):
        raise Untried("it does not save that its radio is off")
    bench.line.say("SCFG=console_echo,0")


def _save_radio_on(bench):
    bench.line.drain()
    bench.line.send(b"AT+S.RESET\r")
    if 32 not in _winds(bench.line.wait_wind(32, 8)):
        bench.line.say("WIFI=1")
        bench.line.wait_wind(32, 20)
        bench.done("WCFG")
    bench.restart()


# WPA-Enterprise ------------------------------------------------------------------------------
@experiment("eap_without_ca", "eap_dates", needs=(HAND, SLOT))
def enterprise(bench):
    """Join with WPA-Enterprise: with the CA, with a wrong clock, without a CA."""
    ca, user = root(), "probe"
    server = Certified("radius.example.com", ca, rsa_key(1), dns("radius.example.com"))
    bench.around.enterprise(_NAME, user, _PASSWORD, ca, server)

    def joined(seconds):
        settings = [("wifi_priv_mode", 3), ("wifi_eap_type", 4)]
        settings += [("wifi_eap_identity", user), ("wifi_eap_passwd", _PASSWORD)]
        trust.set_clock(bench, seconds)
        return 24 in _winds(bench.join_as(_NAME, "", settings))

    try:
        bench.done("WPAECERT=content,2")
        trust.upload(bench, f"WPAECERT=ca,{len(ca.der)}", ca.der)
        if not joined(None):
            raise Untried("it does not join with the CA and a right clock")
        dates = not joined(_YEAR_2001)
        bench.done("WPAECERT=content,2")
        taken = joined(None)
    finally:
        bench.line.say("WPAECERT=content,2")
        trust.set_clock(bench)
        bench.around.access_point(False, ssid=_NAME)
    return {"eap_dates": dates, "eap_without_ca": "taken" if taken else "refused"}
