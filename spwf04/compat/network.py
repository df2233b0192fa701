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
        """Return the WLAN. interface: STA_IF, or AP_IF for the access point. ValueError."""
        if not isinstance(interface, int) or interface not in (0, 1):
            raise ValueError("interface must be STA_IF or AP_IF")
        if not interface:
            return self._wlan
        if self._ap is None:
            from .accesspoint import APWLAN

            self._ap = APWLAN(self._wlan._radio)
        return self._ap

    def hostname(self, name=None) -> "str | None":
        """Return the name that the DHCP server is told, or set it, before connect()."""
        if name is None:
            return self._wlan.config("hostname")  # pyright: ignore[reportReturnType]
        self._wlan.config(hostname=name)
        return None

    def country(self, code=None) -> "str | None":
        """Return what the module tells of its country. ValueError for a code: see
        SPWF04.config()."""
        if code is None:
            return self._wlan.config("country")  # pyright: ignore[reportReturnType]
        self._wlan.config(country=code)
        return None

    def ipconfig(self, *names, **values) -> "str | None":
        """As network.ipconfig(): "dns" is the address of the DNS server, to be asked, or to be set
        before connect() beside an address of one's own; with DHCP it is the one that DHCP gives.
        The module looks names up in IPv4 alone: prefer=4."""
        from .ipconfig import shared

        return shared(self._wlan._radio, *names, **values)


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
            return self._active or self.isconnected()
        if on is not True and on is not False:
            from ..checks import flag

            on = flag(on, "on")
        if self._active and not on:
            self._radio.disconnect()
        self._active = on
        return self._active

    def connect(self, ssid=None, key=None, *, password=None, bssid=None, **how) -> None:
        """Begin to join a network; isconnected() and status() tell how it goes.

        Arguments as SPWF04.connect()'s. bssid has no effect: the module chooses the access point.
        SPWF04Error while AP_IF is active: the module cannot be both.
        """
        if self._radio.ap is not None:
            from ..commands.accesspoint import one_at_a_time

            raise one_at_a_time()
        self._active = True
        self._radio.connect(ssid, password, key=key, timeout=0, **how)

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

    def ipconfig(self, *names, **values):
        """As network.WLAN.ipconfig().

        ipconfig("addr4"): (address, netmask), str each. "gw4": str. "dhcp4": whether DHCP is, or
        will be, asked. "has_dhcp4": whether its address is there; False for one of 169.254.0.0/16,
        which the module chose itself. "addr6": a list of (address, state, preferred, valid), of
        which the module tells the address alone. To be set before connect(): addr4, "10.0.0.7/8"
        or (address, netmask); gw4; dhcp4=True. ValueError, TypeError.
        """
        from .ipconfig import ipconfig

        return ipconfig(self._radio, *names, **values)

    def config(self, *names, **values) -> "str | bytes | int | None":
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
