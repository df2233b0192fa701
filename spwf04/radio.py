"""SPWF04: the module as a radio.

What the module tells by itself is kept in state.py; the commands are in commands/. Names follow
MicroPython's network.WLAN. The module's flash is written by save(), by set_baudrate() and
set_flow_control() with save=True, by apply_update(), by files, by unmount() and fetch_files(), and
by the certificate store, and by nothing else.
"""

from .at.channel import ATChannel
from .at.task import once
from .at.uart import has
from .const import const
from .state import State

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from .commands.files import Files
    from .commands.ping import Reply
    from .tls.store import CertificateStore


class SPWF04(State):
    """An SPWF04SA or SPWF04SC on a UART.

    uart: machine.UART, busio.UART, serial.Serial or alike, opened at 115200 8N1, with a receive
    buffer as large as the board affords (256 bytes or more without flow control).
    reset: the RESET line as open drain: a machine.Pin (Pin.OPEN_DRAIN), a digitalio.DigitalInOut
    (DriveMode.OPEN_DRAIN), or a function of 0 (reset) and 1 (released). None: not connected.
    clock: for simulations, an object with ticks_ms() and idle(), see at/uart.py; None: the
    interpreter's. debug: a function, such as print, that is called with each line on the UART as
    str, without its secrets; see at/trace.py.

    Nothing is sent until the first call that needs the module. That call looks for it, and raises
    NotFound if nothing answers. Each call that sends commands may raise LinkLost, ModuleRestarted,
    or ModuleError with the number of the module's error. References in brackets lead to
    docs/protocol.md.
    """

    TLS_MODE = 2  # of Socket.connect(), for adafruit_connection_manager.create_fake_ssl_context()
    ssid = None  # what connect() was given last, or learned by WPS, as bytes
    joined_as = None  # (ssid, password, …) of the last connect(), to recognise the same again
    eap = None  # SHA-256 of the certificates for WPA-Enterprise that are in the module's flash
    store = None  # the CertificateStore, once certs was used
    power = None  # the Power of this radio, once power_save(), sleep(), … were used
    pins = None  # who hands on the edges of its pins, once Pin.irq() was used
    announces = False  # True: it is known to announce every piece of a file

    def __init__(self, uart, reset=None, clock=None, debug=None):
        if reset is not None and not callable(reset) and not has(reset, "value"):
            raise TypeError("reset must be a pin, a function, or None")
        if clock is not None and not has(clock, "ticks_ms", "idle"):
            raise TypeError("clock must have ticks_ms() and idle()")
        if debug is not None and not callable(debug):
            raise TypeError("debug must be a function, or None")
        State.__init__(self, ATChannel(uart, clock))
        self.reset_line = reset
        if debug is not None:
            from .at.trace import trace

            trace(self, debug)

    # network ---------------------------------------------------------------------------------
    def connect(self, ssid=None, password=None, *, key=None, timeout=None, **how) -> None:
        """Join a network as a station and wait for an IPv4 address.

        ssid: str or bytes, 1 to 32 bytes; None: the network that was set before, or that the
        module has stored, with its password. password, or key: 8 to 63 characters or 64 hex digits
        for WPA and WPA2; None or "" for an open network. timeout: seconds, None: 30; 0: start to
        join and return, isconnected() tells the rest. Returns at once if that network is joined
        already. JoinError: its reason tells a wrong password from an unknown name. ValueError,
        TypeError.

        how, for WPS: wps=True, the button of the access point is pressed; or wps="12345670", the
        PIN. ssid and password must be None; `ssid` of the radio is the network's name afterwards.
        timeout None: 130.

        how, for WPA-Enterprise: identity, the user's name; eap, "tls", "ttls-md5", "ttls-mschap",
        "peap-md5" or "peap-mschap", None: "tls" with a cert, else "peap-mschap"; ca, the CA of the
        network's server, which is always needed; with "tls" cert and key, the module's certificate
        and private key, else password; anonymous, what is told in clear instead of the identity.
        ca, cert and key are names of files or content, as for SSLContext. They are written to the
        module's flash if other ones are there. [c.8]
        """
        self.channel.take(self.joining(ssid, password, timeout, key, **how))

    def joining(self, ssid=None, password=None, timeout=None, key=None, **how):
        """connect() as steps: see at/task.py."""
        return once("commands.join", "join", self, ssid, password, timeout, key, how)

    def forget_enterprise(self) -> None:
        """Remove what WPA-Enterprise has left on the module: certificates, key and password."""
        from .commands.enterprise import forget_enterprise

        self.channel.take(forget_enterprise(self))

    def disconnect(self) -> None:
        """Leave the network and switch the radio off until the next connect()."""
        from .commands.station import disconnect

        self.channel.take(disconnect(self))

    def status(self, param=None) -> int:
        """Return how far joining a network is, a number as of WLAN.status().

        0: it does not join, 1: it joins, 3: it is joined; -1: it failed, -2: no such network, -3:
        wrong password. param: None, or "rssi" for the signal strength in dBm instead.
        """
        from .commands.status import status

        return self.channel.take(status(self, param))

    def scan(self, timeout: float = 8) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
        """Return a list of (ssid, bssid, channel, RSSI, security, hidden), as WLAN.scan().

        ssid and bssid are bytes; RSSI in dBm; security 0 open, 1 WEP, 2 WPA, 3 WPA2, 4 both.
        timeout: seconds.
        """
        from .commands.scan import scan

        return self.channel.take(scan(self, timeout))

    def ifconfig(self, addresses=None) -> "tuple[str, str, str, str] | None":
        """Return (address, netmask, gateway, DNS server) as four str, or set how they come.

        addresses: four str or bytes, to be set before connect(), which returns None; "dhcp": ask
        DHCP for them again; "auto": the module chooses one of 169.254.0.0/16 (Auto IP, RFC 3927),
        with which it reaches its own network alone. ValueError, TypeError.
        """
        from .commands.status import ifconfig

        return self.channel.take(ifconfig(self, addresses))

    def ipv6_addresses(self) -> "list[str]":
        """Return the module's IPv6 addresses, list of str in their shortest form; [] while it is
        not joined, or has none. They are for showing: sockets are IPv4."""
        from .commands.addresses import ipv6_addresses

        return self.channel.take(ipv6_addresses(self))

    def config(self, *names, **values) -> "str | bytes | int | None":
        """Return or set a property, as WLAN.config().

        config("mac"): bytes. config("ssid"), config("hostname"): str. config("dhcp"): how the
        address came or will come, "dhcp", "static", or "auto" for one of 169.254.0.0/16.
        config("country"): what the module tells of the country whose rules it keeps, str; only its
        region can be set, config(region=1), a number whose meaning ST has not published; before
        connect(). config(hostname="name") sets the name that the DHCP server is told; call it
        before connect(). pm and txpower are accepted and ignored. ValueError, TypeError.
        """
        from .commands.status import config

        return self.channel.take(config(self, *names, **values))

    @property
    def ipv4_address(self) -> "str | None":
        """The module's address as str, None while not joined; asked for as in isconnected()."""
        return self.ip if self.isconnected() else None

    @property
    def rssi(self) -> int:
        """Signal strength in dBm, negative."""
        from .commands.status import rssi

        return self.channel.take(rssi(self))

    @property
    def mac_address(self) -> bytes:
        """The module's MAC address, 6 bytes."""
        from .commands.status import mac_address

        return self.channel.take(mac_address(self))

    @property
    def hostname(self) -> str:
        """The name that the DHCP server is told; config(hostname=…) sets it."""
        return self.get("ip_hostname")

    def ping(self, host, size=56, timeout: float = 10) -> "Reply":
        """Send one echo request; return a Reply with answered, ms and said.

        host: name or IPv4 address. size: bytes of payload, 1 to 1472. timeout: seconds.
        ModuleError if it was not sent: code 44, not joined; 65, no such name. ValueError,
        TypeError.
        """
        from .commands.ping import ping

        return self.channel.take(ping(self, host, size, timeout))

    def random(self, n) -> bytes:
        """Return n bytes, 1 to 256, for seeding, not for keys: how good they are is not known.
        SPWF04Error if they are all the same. ValueError, TypeError. [f.4]"""
        from .commands.random import random

        return self.channel.take(random(self, n))

    # a network of its own --------------------------------------------------------------------
    def start_ap(self, ssid, password=None, channel=6, *, timeout: float = 20) -> None:
        """Make a network of the module's own, for up to five stations, until stop_ap(). [c.8]

        ssid: str or bytes, 1 to 32 bytes. password: 8 to 63 characters or 64 hex digits for
        WPA; None or "" for an open network. channel: 1 to 13. timeout: seconds. Nothing is
        written to the flash. A connection as a station ends: the module is one of both at a time.

        SPWF04Error: the network does not start; or it has a password, and firmware 1.0.0 knows
        open ones only, or the module has not told that it closes it. [k.15] The radio is off
        then. ValueError, TypeError.
        """
        from .commands.accesspoint import start

        self.channel.take(start(self, ssid, password, channel, timeout))

    def stop_ap(self) -> None:
        """End the module's own network, if there is one, and switch the radio off."""
        from .commands.accesspoint import stop

        self.channel.take(stop(self))

    def stations(self) -> "list[tuple[bytes, str | None]]":
        """Return (MAC address, IPv4 address) of each station in the module's own network.

        The MAC address is 6 bytes. The other is a str; None while the station has none from the
        module's DHCP server, or if the module has not told whose it is. [d]
        """
        from .commands.accesspoint import stations

        return self.channel.take(stations(self))

    # the module ------------------------------------------------------------------------------
    @property
    def firmware(self) -> str:
        """The firmware's version and build, str."""
        return self.get("fw_version", "STS") + " " + self.get("build", "STS")

    def get(self, name, command="GCFG") -> str:
        """Return the value of a configuration variable, str; "STS": of a status variable. [f]

        name: of the variable, str or bytes. command: "GCFG" or "STS". ModuleError with code 4 if
        there is no variable `name`.
        """
        from .commands.config import get

        return self.channel.take(get(self, name, command))

    def set(self, name, value) -> None:
        """Set a configuration variable until the next reset; save() keeps it. [c.1]

        name: of the variable, str or bytes. value: str, bytes-like, int or bool. A comma in it is
        sent by changing the delimiter for this command. ModuleError with code 4 if there is no
        variable `name`. ValueError, TypeError.
        """
        from .commands.config import set_

        self.channel.take(set_(self, name, value))

    def save(self) -> None:
        """Write the present settings to the module's flash (AT+S.WCFG).

        The network that was joined last is among them, with its password in clear.
        """
        from .commands.config import save

        self.channel.take(save(self))

    def time(self) -> int:
        """Return the module's clock in seconds since 1970-01-01 UTC, int. [c.1]

        After a restart it is wrong until NTP or set_time() sets it: see time_is_set().
        """
        from .commands.clock import asking

        return self.channel.take(asking(self.channel))

    def set_time(self, seconds) -> None:
        """Set the module's clock, which TLS needs. [T1]

        seconds: since 1970-01-01 UTC, int or float, up to the year 2106. ValueError, TypeError.
        """
        from .commands.clock import set_time

        self.channel.take(set_time(self, seconds))

    def time_is_set(self) -> bool:
        """True if set_time() or NTP has set the clock, or it shows 2024 or later."""
        from .commands.clock import time_is_set

        return self.channel.take(time_is_set(self))

    def ntp(self, timeout: float = 10) -> bool:
        """Let NTP set the module's clock if it is not set; return whether it is set then.

        timeout: seconds for all of it.
        """
        from .commands.clock import ntp

        return self.channel.take(ntp(self, timeout))

    def reset(self, timeout: float = 16) -> None:
        """Restart the module, by its reset line if there is one, else by AT+S.RESET.

        Sockets, files in the module's RAM and settings that were not saved are gone then. It waits
        until console and radio have started. timeout: seconds until then at most. NotFound if it
        does not start.
        """
        from .commands.reset import reset

        self.channel.take(reset(self, timeout))

    def factory_reset(self) -> None:
        """Give the module the settings of the factory, in its flash too, and restart it. [c.1]

        Network, password and names are gone then. The rate is 115200 bit/s, and the host's UART is
        set to it. Certificates and files stay. NotFound if the module does not start again.
        """
        from .commands.factory import factory_reset

        self.channel.take(factory_reset(self))

    # power -----------------------------------------------------------------------------------
    def power_save(self, mode, timeout: float = 30) -> None:
        """Let the radio save power between the beacons of its network, or not. [c.7]

        mode: "idle": it switches itself off in between; connections stay, answers come later.
        "off": it is always on. To get there, the module starts its radio again: connections end
        with ECONNRESET. If it was joined, it joins again by itself; timeout: seconds until then at
        most, isconnected() tells. SPWF04Error: it makes a network itself. ValueError, TypeError.
        """
        from .commands.power import power_save

        self.channel.take(power_save(self, mode, timeout))

    def sleep(self, wake=None) -> None:
        """Let the module sleep while its GPIO6 is low; return when it does. [c.7]

        Network, connections, files and settings stay. wake: what sets GPIO6, a machine.Pin, a
        digitalio.DigitalInOut, or a function of 0 (sleep) and 1 (awake); None: the one of the last
        time. With it, wake() and each command wake the module. Without, a command raises an
        SPWF04Error while it sleeps. TypeError.
        """
        from .commands.power import sleep

        self.channel.take(sleep(self, wake))

    def standby(self, seconds) -> None:
        """Switch nearly all of the module off for so many seconds, an int of 1 to 259200. [c.7]

        It returns at once. Then the module boots, as after reset(): sockets, files in its RAM and
        settings that were not saved are gone. Until then each command raises an SPWF04Error;
        wake() waits for the end, reset() with a reset line ends it. ValueError, TypeError.
        """
        from .commands.power import standby

        self.channel.take(standby(self, seconds))

    def wake(self, wake=None, timeout: float = 16) -> None:
        """Wait until the module runs again; after sleep() raise its GPIO6 first.

        wake: as for sleep(). timeout: seconds, and those that are left of a standby are added.
        SPWF04Error if it stays asleep. ValueError, TypeError.
        """
        from .commands.power import rouse

        self.channel.take(rouse(self, wake, timeout))

    # firmware --------------------------------------------------------------------------------
    def fetch_update(self, host, port, path, user="", password="", timeout: float = 300) -> list:
        """Let the module fetch a firmware image by HTTP; return what it tells, a list of str.

        Nothing is changed before apply_update(). host: name or IPv4 address. port: 1 to 65535.
        path: from "/" on. user, password: for a server that asks for them; "" for none. timeout:
        seconds for the download. The call ends when the module does not load any more, and nothing
        has come for 5 s; if the download took less than 30 s, for a minute. SPWF04Error
        (ETIMEDOUT): it still loads. ModuleError: code 44, not joined; 65, no such host; 111, the
        server refused, or its answer was cut short. ValueError, TypeError.
        """
        from .commands.update import fetch

        arguments = host, port, path, user, password, timeout
        return self.channel.take(fetch(self, *arguments))

    def apply_update(self, timeout: float = 180) -> "tuple[str, bool]":
        """Restart the module, so that it puts the image in place; wait until it runs again.

        Returns (build, factory): the build that runs then, and True if the module lost its saved
        settings (WIND 65). If it is the old build, the module did not take the image, or it was
        the same. The host must not hold the RESET line high: open drain, or not connected.
        timeout: seconds. NotFound if the module has not started by then.
        """
        from .commands.update import apply

        return self.channel.take(apply(self, timeout))

    # its volumes -----------------------------------------------------------------------------
    def volumes(self) -> "list[tuple[int, str, bool | None, int, int | None]]":
        """Return a list of (volume, letter, mounted, bytes of its files, bytes free).

        For the volumes 0 SD card, 1 user flash, 2 RAM disk, 3 application flash. letter: as files
        lists it. mounted, free: None if the module does not tell; see also files.space(). [f.4, i]
        """
        from .commands.volumes import volumes

        return self.channel.take(volumes(self))

    def mount(self, volume) -> None:
        """Mount a volume: 0 SD card, 1 user flash, 2 RAM disk, 3 application flash.

        ModuleError: code 29, it is not there; 1, the firmware is older than 1.1.0. ValueError,
        TypeError. [i]
        """
        from .commands.volumes import mount

        self.channel.take(mount(self, volume))

    def unmount(self, volume, erase=False) -> None:
        """Unmount a volume: its files cannot be used until mount() or the next restart.

        erase: True: all its files are erased, and only True does that. What the RAM disk holds is
        lost in any case. ModuleError: code 59, it is not mounted, or in use. ValueError,
        TypeError. [i, i.1]
        """
        from .commands.volumes import unmount

        self.channel.take(unmount(self, volume, erase))

    def fetch_files(
        self, host, port, path, volume=1, erase=False, user="", password="", timeout: float = 300
    ) -> list:
        """Let the module fetch an image of a file system by HTTP; return what it tells, a list of
        str. It takes the place of all files of a volume: they are erased.

        volume: 1 user flash, 0 SD card. erase: must be True, to say that they may go. Other
        arguments and errors: as fetch_update(). If the new files are not there afterwards, reset()
        brings them. [c.4, i.1]
        """
        from .commands.volumes import fetch_files

        arguments = host, port, path, volume, erase, user, password, timeout
        return self.channel.take(fetch_files(self, *arguments))

    # its UART --------------------------------------------------------------------------------
    @property
    def baudrate(self) -> int:
        """The rate of the host's UART in bit/s; 115200 if it and earlier calls do not tell."""
        from .commands.baudrate import get_baudrate

        return get_baudrate(self)

    def set_baudrate(self, rate, save=False) -> int:
        """Set module and UART to `rate` bit/s, and return the rate.

        save: True if firmware takes a new rate only at a restart: the rate is written to the flash
        with all other settings, and the module is reset. Try it without `save` first. SPWF04Error
        tells what became of it: if the module answers only at another rate, the old one is
        restored. After Ctrl-C and the like call find_baudrate(). ValueError, TypeError. [b.4, f.1]
        """
        from .commands.baudrate import set_baudrate

        return self.channel.take(set_baudrate(self, rate, save))

    def find_baudrate(self, rates=None) -> int:
        """Find the rate of a module that does not answer, and return it.

        rates: list of int to try, in bit/s; None: the usual ones. Each wrong one takes about 5 s.
        After a factory reset the rate is 115200. NotFound or LinkLost if none is right. [a.1]
        """
        from .commands.baudrate import find_baudrate

        return self.channel.take(find_baudrate(self, rates))

    def set_flow_control(self, on, save=False) -> None:
        """Let the module use RTS/CTS, or not. The host's UART must be opened accordingly.

        on: True or False. save: write it to the module's flash, with all other settings; else it
        is in force until the next restart. [a.1]
        """
        from .commands.baudrate import set_flow_control

        self.channel.take(set_flow_control(self, on, save))

    # what it holds ---------------------------------------------------------------------------
    @property
    def files(self) -> "Files":
        """The files on the module, to list, read, write and delete: a Files."""
        from .commands.files import Files

        return Files(self)

    @property
    def certs(self) -> "CertificateStore":
        """The module's CA certificates: a CertificateStore."""
        if self.store is None:
            from .tls.store import CertificateStore

            self.store = CertificateStore(self)
        return self.store

    def wrap(self, sock):
        """Let sock use TLS with the CAs of the device: for connect(address, TLS_MODE)."""
        from .tls.context import SSLContext

        SSLContext().wrap_socket(sock)
