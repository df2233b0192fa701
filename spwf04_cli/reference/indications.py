"""The module's indications, +WIND:<number>. [d]"""

from typing import NamedTuple

from ..times import plural


class Indication(NamedTuple):
    """An indication. says: what it means. weight: "" (usual), "good" or "bad"."""

    says: str
    weight: str = ""


def _bad(says):
    return Indication(says, "bad")


def _good(says):
    return Indication(says, "good")


INDICATIONS = {
    0: _good("the console takes commands"),
    1: Indication("it has started"),
    2: Indication("it was reset by a command"),
    3: Indication("its watchdog runs"),
    4: _bad("its memory is short"),
    5: _bad("its radio does not work"),
    6: _bad("its watchdog restarts it"),
    7: _bad("its configuration does not fit its wiring"),
    8: _bad("its firmware crashed"),
    9: _bad("its firmware ran out of stack"),
    10: _bad("its firmware ran out of memory"),
    11: _bad("its radio did not start"),
    12: _bad("power saving failed"),
    13: Indication("its model"),
    14: Indication("the access point is heard again"),
    15: _bad("the signal is weak"),
    16: _good("the signal is good again"),
    17: Indication("a message of the start, or of an update"),
    18: _bad("the network uses a kind of encryption that it does not know"),
    19: Indication("it joins the network"),
    20: _bad("joining failed"),
    21: Indication("it scans for networks"),
    22: _bad("the scan was broken off"),
    23: _bad("the scan failed"),
    24: _good("it has an address"),
    25: Indication("the access point has let it in"),
    26: _good("its own access point runs"),
    27: _bad("its own access point did not start"),
    28: Indication("a station has joined its access point"),
    29: Indication("a station was given an address"),
    30: _bad("the access point is not heard any more"),
    31: _bad("an exception in its firmware"),
    32: _good("its radio is ready"),
    33: _bad("it has lost the network, and joins again by itself"),
    34: _bad("an event that it does not handle"),
    35: Indication("the scan is complete"),
    36: _bad("an indication that it does not handle"),
    38: Indication("its radio is off"),
    39: Indication("its radio is an access point"),
    40: _bad("the access point has sent it away (deauthentication)"),
    41: _bad("the access point has sent it away (disassociation)"),
    42: _bad("a management frame that it does not handle"),
    43: _bad("a data frame that it does not handle"),
    44: _bad("an unknown frame"),
    45: _bad("a frame that breaks 802.11"),
    46: Indication("it computes the network's key"),
    49: Indication("the encryption has ended"),
    50: _bad("the encryption did not start"),
    51: _good("the password was right"),
    52: Indication("a pin has changed"),
    53: Indication("it has woken up"),
    55: Indication("data wait to be read"),
    56: Indication("its web pages ask for input"),
    57: Indication("its web pages give output"),
    58: Indication("the peer has closed the connection"),
    61: Indication("a client has connected"),
    62: Indication("a client has gone"),
    63: _bad("a server drops data"),
    64: Indication("its configuration is changed over the network"),
    65: _bad("it has the configuration of the factory again"),
    66: Indication("low-power mode"),
    67: Indication("it goes into standby"),
    68: Indication("it comes back from standby"),
    69: Indication("it goes into deep sleep"),
    70: Indication("it comes back from deep sleep"),
    72: Indication("a station has left its access point"),
    73: Indication("its configuration was rewritten"),
    74: _bad("it found a network that does not fit"),
    75: _bad("the access point does not let it in"),
    76: _bad("authentication timed out"),
    77: _bad("association timed out"),
    78: _bad("a frame was tampered with (MIC failure)"),
    80: Indication("a UDP broadcast"),
    81: Indication("WPS"),
    82: Indication("WPS"),
    83: _bad("a server drops a client"),
    84: _good("its clock was set by NTP"),
    85: _bad("DHCP gave no address"),
    86: Indication("an MQTT message"),
    87: Indication("the MQTT connection was closed"),
    88: Indication("WebSocket data wait to be read"),
    89: Indication("the WebSocket was closed"),
    90: Indication("a file was received"),
}
RESERVED = (37, 47, 48, 54, 59, 60, 71, 79)


def indication(number, fields=()):
    """(what it means, weight) of an indication. fields: the fields behind its text, a list of
    str."""
    if number not in INDICATIONS:
        return ("a number that no source explains", "")
    says, weight = INDICATIONS[number]
    if number == 7 and _at(fields, 0) == "10":
        weight = ""  # it goes on [d]
        says += " (a pin asks for another console than console_enabled)"
    elif number == 65:
        why = {"0": "GPIO0 was high, or the reset line unstable", "1": "the saved one was damaged"}
        says += ": " + why.get(_at(fields, 0), "no reason given")
    elif number == 24:
        says += ", IPv6" if not _at(fields, 0) else ""
    elif number == 55:
        sid, cid, waiting = _at(fields, 0), _at(fields, 1), _at(fields, 3) or _at(fields, 2)
        if waiting.isdigit() and cid.isdigit():
            where = f"client {cid} of server {sid}" if sid else f"socket {cid}"
            says = f"{where} has {plural(waiting, 'byte')} to be read"
    elif number == 58 and _at(fields, 0).isdigit():
        says += f" of socket {fields[0]}"
    elif number in (61, 62) and len(fields) > 3:
        says += f": client {fields[3]} of server {fields[2]}"
    return says, weight


def _at(fields, n):
    return fields[n] if n < len(fields) else ""
