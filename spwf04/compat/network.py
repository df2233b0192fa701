"""MicroPython's network.WLAN over the radio, for libraries that import it, see install()."""

from ..commands.status import (
    STAT_CONNECT_FAIL,
    STAT_CONNECTING,
    STAT_GOT_IP,
    STAT_IDLE,
    STAT_NO_AP_FOUND,
    STAT_WRONG_PASSWORD,
)
from ..const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from .accesspoint import APWLAN


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
    AUTH_OPEN = 0
    AUTH_WPA_PSK = 2
    AUTH_WPA2_PSK = 3
    AUTH_WPA_WPA2_PSK = 4

    def __init__(self, radio):
        self._wlan = WLAN(radio)
        self._ap = None

    def WLAN(self, interface=0) -> "WLAN | APWLAN":
        """Return the WLAN, that of the access point for AP_IF. ValueError."""
        if not isinstance(interface, int) or interface not in (0, 1):
            raise ValueError("interface must be STA_IF or AP_IF")
        if not interface:
            return self._wlan
        if self._ap is None:
            from .accesspoint import APWLAN

            self._ap = APWLAN(self._wlan._radio)
        return self._ap


class WLAN:
    """The radio with active(), and with a connect() that returns at once, as network.WLAN's.

    The other methods are the radio's.
    """

    def __init__(self, radio):
        self._radio = radio
        self._active = False

    def active(self, on=None) -> bool:
        """Switch the interface on or off. Without argument, return whether it is on."""
        if on is None:
            return self._active or self.isconnected()
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
        SPWF04Error while AP_IF is active: the module cannot be both.
        """
        if self._radio.ap is not None:
            from ..commands.accesspoint import one_at_a_time

            raise one_at_a_time()
        self._active = True
        self._radio.connect(ssid, key if key is not None else password, timeout=0)

    def disconnect(self) -> None:
        """As SPWF04.disconnect()."""
        self._radio.disconnect()

    def isconnected(self) -> bool:
        """As SPWF04.isconnected(); False while AP_IF is active."""
        return self._radio.ap is None and self._radio.isconnected()

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
        """As SPWF04.config()."""
        return self._radio.config(*names, **values)
