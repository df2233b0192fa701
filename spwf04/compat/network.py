"""MicroPython's network.WLAN over the radio, for libraries that import it, see install()."""

from ..arguments import exact
from ..commands.status import (
    STAT_CONNECT_FAIL,
    STAT_CONNECTING,
    STAT_GOT_IP,
    STAT_IDLE,
    STAT_NO_AP_FOUND,
    STAT_WRONG_PASSWORD,
)


class NetworkModule:
    """`import network` imports it."""

    STA_IF = 0
    AP_IF = 1
    STAT_IDLE = STAT_IDLE
    STAT_CONNECTING = STAT_CONNECTING
    STAT_GOT_IP = STAT_GOT_IP
    STAT_CONNECT_FAIL = STAT_CONNECT_FAIL
    STAT_NO_AP_FOUND = STAT_NO_AP_FOUND
    STAT_WRONG_PASSWORD = STAT_WRONG_PASSWORD

    def __init__(self, radio):
        self._wlan = WLAN(radio)

    def WLAN(self, interface=0):
        """Return the WLAN. ValueError for AP_IF: there is no access point."""
        if not isinstance(interface, int) or interface != 0:
            raise ValueError("interface must be STA_IF")
        return self._wlan


class WLAN:
    """The radio with active(), and with a connect() that returns at once, as network.WLAN's.

    The other methods are the radio's.
    """

    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, radio):
        self._radio = radio
        self._active = False

    def active(self, on=None) -> bool:
        """Switch the interface on or off. Without argument, return whether it is on."""
        if on is None:
            return self._active or self._radio.isconnected()
        if on is not True and on is not False:
            from ..checks import flag

            on = flag(on, "on")
        if self._active and not on:
            self._radio.disconnect()
        self._active = on
        return self._active

    def connect(self, ssid=None, key=None, *, password=None, bssid=None) -> None:
        """Begin to join a network; isconnected() and status() tell how it goes.

        Arguments as SPWF04.connect()'s. bssid has no effect: the module chooses the access point.
        """
        self._active = True
        self._radio.connect(ssid, key if key is not None else password, timeout=0)

    def disconnect(self) -> None:
        """As SPWF04.disconnect()."""
        self._radio.disconnect()

    def isconnected(self) -> bool:
        """As SPWF04.isconnected()."""
        return self._radio.isconnected()

    def status(self, param=None) -> int:
        """As SPWF04.status()."""
        return self._radio.status(param)

    def scan(self, timeout=8) -> list:
        """As SPWF04.scan()."""
        return self._radio.scan(timeout)

    def ifconfig(self, addresses=None) -> "tuple[str, str, str, str] | None":
        """As SPWF04.ifconfig()."""
        return self._radio.ifconfig(addresses)

    def config(self, *names, **values) -> "str | bytes | None":
        """As SPWF04.config(). pm: PM_POWERSAVE is power_save("idle"), PM_NONE ends that; other
        numbers, such as those of a board's own radio, change nothing."""
        found = self._radio.config(*names, **values)
        pm = exact(values.get("pm"))
        power = self._radio.power
        if pm == self.PM_POWERSAVE:
            self._radio.power_save("idle")
        elif pm == self.PM_NONE and power is not None and power.mode == "idle":
            self._radio.power_save("off")
        return found
