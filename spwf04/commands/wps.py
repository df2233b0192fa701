"""Joins a network by WPS: its access point tells the module its name and its key. [c.3, d]

Success has no indication of its own: the module joins. The key stays in the module, and is never
read.
"""

from ..arguments import argument
from ..at.exchange import Exchange
from ..at.task import Wait
from ..const import const
from ..errors import JoinError

_START_MS = const(8000)  # from WIFI=1 until it takes the command
_PAUSE_MS = const(300)
_BUSY = (18, 40, 42, 43)  # it is still starting, or scans [e]


class Wps:
    """A way of joining, see join.Password. wps: True for the button, or the PIN, str or bytes."""

    joined_as = prepare = ssid = None
    settings = ((b"SCFG=wifi_mode,", b"1"),)
    timeout = 130  # a button is pressed for two minutes
    scans = 100  # it scans all the time, and nothing tells when it is no longer for WPS

    def __init__(self, ssid, password, wps, **others):
        if ssid is not None or password is not None or others:
            raise ValueError(
                "wps: the access point tells the network's name and password, so give no others"
            )
        self._pin = b""
        if isinstance(wps, (str, bytes, bytearray)):
            self._pin = pin(wps)
        elif wps is not True:
            raise TypeError("wps must be True, or the PIN as str: an int has no zeros in front")

    def begin(self, radio):
        """Steps: have the module look for an access point, once its radio runs."""
        channel, counts = radio.channel, radio.indications
        yield Wait(lambda: counts[32], _START_MS)
        end = channel.deadline(_START_MS)
        exchange = Exchange()
        line = b"AT+S.WPS=" + self._pin if self._pin else b"AT+S.WPS"
        while True:
            yield exchange.prepare(line + b"\r", None, 3000)
            if exchange.code not in _BUSY or channel.expired(end):
                break
            yield Wait(lambda: False, _PAUSE_MS)
        if exchange.code == 39:
            raise _refused_pin()
        channel.check(exchange)
        # What it has told until now is about the network that it had before
        for n in range(len(counts)):
            counts[n] = 0
        counts[81] = 1  # it looks for an access point: for status()
        radio.stage = 0
        radio.told_down()

    def joined(self, radio):
        """Steps: learn the name of the network. Its key is not asked for."""
        radio.indications[81] = 0
        radio.ssid = yield from name(radio)

    def refused(self, radio, _, refusals):
        """Steps: the JoinError if no access point took part; None if one did."""
        if radio.stage in (0, 21) and not refusals:
            return _nobody(self._pin)
        radio.ssid = yield from name(radio)
        return None


def pin(value):
    """Return the PIN as bytes. ValueError if it has not eight digits, or another check digit.

    As WPS has it: three times the sum of the first, third, fifth and seventh digit, and the sum of
    the others, are together a multiple of 10. The PIN is never shown.
    """
    data = argument(value, "wps", 0, True)
    if len(data) != 8 or not data.isdigit():
        raise ValueError("wps: a PIN has 8 digits")
    digits = [c - 48 for c in data]
    if (3 * sum(digits[0::2]) + sum(digits[1::2])) % 10:
        raise ValueError("wps: the last digit of the PIN does not fit the others: mistyped?")
    return data


def name(radio):
    """Steps: the name of the network in the module's configuration, bytes, or None."""
    found = []
    head = b"AT-S.Var:wifi_ssid="

    def on_line(parser):
        if parser.starts(head):
            found.append(parser.raw(len(head)))

    yield Exchange(on_line).prepare(b"AT+S.GCFG=wifi_ssid\r", None, 3000)
    return bytes(found[0]) if found and found[0] else None


def _nobody(pin):
    if pin:
        return JoinError(
            JoinError.WPS,
            "no access point has let the module in by this PIN",
            "Enter the PIN at the access point first. Many have WPS by PIN switched off",
            "enter_pin",
        )
    return JoinError(
        JoinError.WPS,
        "no access point whose WPS button is pressed has answered",
        "Press the button of one access point, and call connect() within two minutes. If two are "
        "pressed, neither lets the module in",
        "press_button",
    )


def _refused_pin():
    failure = JoinError(
        JoinError.WPS,
        "the module does not take the PIN",
        "Check the PIN: 8 digits, of which the last one is a check digit",
        "check_pin",
    )
    failure.code = 39
    return failure
