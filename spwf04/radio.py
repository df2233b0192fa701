"""SPWF04: the module as a radio.

What the module tells of its network by itself is kept here; the commands are in commands/. Names
follow MicroPython's network.WLAN. The module's flash is written by save(), by set_baudrate() and
set_flow_control() with save=True, by apply_update(), by files and by the certificate store, and by
nothing else.
"""

from .at.channel import ATChannel
from .at.task import once
from .at.uart import has
from .const import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from .commands.files import Files
    from .commands.ping import Reply
    from .tls.store import CertificateStore


class SPWF04:
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
    radio_up = None  # False from a restart until WIND 32, True since then; None: not known
    ip = None  # the address that the module told last; ipv4_address asks for it if need be
    _known = False  # whether ip is what the module told last
    clock_set = False  # True after set_time() or NTP
    stage = 0  # of a join: the last of WIND 19, 21, 25, 51; 0: none [b.2]
    ssid = None  # what connect() was given last, as bytes
    joined_as = None  # (ssid, password) of the last connect(), to recognise the same again
    pool = None  # the SocketPool of this radio, once there is one
    store = None  # the CertificateStore, once certs was used
    on_gap = ()  # handlers, called after a time in which indications were masked
    announces = False  # True: it is known to announce every piece of a file

    def __init__(self, uart, reset=None, clock=None, debug=None):
        if reset is not None and not callable(reset) and not has(reset, "value"):
            raise TypeError("reset must be a pin, a function, or None")
        if clock is not None and not has(clock, "ticks_ms", "idle"):
            raise TypeError("clock must have ticks_ms() and idle()")
        if debug is not None and not callable(debug):
            raise TypeError("debug must be a function, or None")
        self.channel = channel = ATChannel(uart, clock)
        self.reset_line = reset
        self.indications = bytearray(96)  # how often each came since its count was set to 0
        channel.on_other_indication = self._on_indication
        channel.on_restart.append(self._on_restart)
        if debug is not None:
            from .at.trace import trace

            trace(self, debug)

    def _on_restart(self):
        self.radio_up = self.clock_set = False
        self.stage = 0
        self.told_down()

    def _on_indication(self, parser):
        n = parser.number(1)
        if n > 95:
            return
        counts = self.indications
        counts[n] = min(counts[n] + 1, 99)
        if n == 24:
            # IPv4 and IPv6 come in two lines; only IPv4 has dots [d, k.7]
            ip = parser.text().split(":")[-1]
            if "." in ip:
                self.told_address(ip)
        elif n in (19, 21, 25, 51):
            self.stage = n
            if n == 19:
                counts[35] = 0  # scans that did not find the network
        elif n in (33, 38, 40, 41):
            self.stage = 0
            self.ip = None
            if n < 40:
                self._known = True
                if self.pool is not None:
                    self.pool.network_lost()
        elif n == 32:
            self.radio_up = True
        elif n == 84:
            self.clock_set = True

    # network ---------------------------------------------------------------------------------
    def connect(self, ssid=None, password=None, *, key=None, timeout: float = 30) -> None:
        """Join a network as a station and wait for an IPv4 address.

        ssid: str or bytes, 1 to 32 bytes; None: the network that was set before, or that the
        module has stored, with its password. password, or key: 8 to 63 characters or 64 hex digits
        for WPA and WPA2; None for an open network. timeout: seconds; 0: start to join and return,
        isconnected() tells the rest. Returns at once if that network is joined already. JoinError:
        its reason tells a wrong password from an unknown name. ValueError, TypeError.
        """
        password = key if password is None else password
        self.channel.take(self.joining(ssid, password, timeout))

    def joining(self, ssid, password, timeout):
        """connect() as steps: see at/task.py."""
        return once("commands.join", "join", self, ssid, password, timeout)

    def disconnect(self) -> None:
        """Leave the network and switch the radio off until the next connect()."""
        from .commands.station import disconnect

        self.channel.take(disconnect(self))

    def isconnected(self) -> bool:
        """True while the module has an IPv4 address.

        The module tells that by itself, so this sends nothing. But it asks once if the module was
        running before the driver, and after a failure of the line: LinkLost if no answer comes.
        """
        self.channel.poll()
        if not self._known or self.channel.lost():
            self._known = False
            ip = self.get("ip_ipaddr", "STS")
            if not self._known:  # else an indication has told it meanwhile
                # GUESS sts_down_ip: what it answers while not joined is not known
                if ip and ip != "0.0.0.0":
                    self.told_address(ip)
                else:
                    self.told_down()
        return self.ip is not None

    def told_address(self, ip) -> None:
        """The module has told its address."""
        self.ip = ip
        self._known = True

    def told_down(self) -> None:
        """The module has told that it is not joined."""
        self.ip = None
        self._known = True

    def is_down(self) -> bool:
        """True if the module has told that it is not joined. Sends nothing."""
        return self._known and self.ip is None

    def doubt_network(self) -> None:
        """A command failed as it does without a network: isconnected() asks again."""
        self._known = False
        self.ip = None

    def indications_missed(self) -> None:
        """Indications were masked: what they would have told is asked for."""
        self.doubt_network()
        if self.pool is not None:
            self.pool.ask_soon()
        for handler in self.on_gap:
            handler()

    def status(self, param=None) -> int:
        """Return how far joining a network is, a number as of WLAN.status().

        0: it does not join, 1: it joins, 3: it is joined; -1: it failed, -2: no such network, -3:
        wrong password. param: None, or "rssi" for the signal strength in dBm instead.
        """
        from .commands.status import status

        return status(self, param)

    def scan(self, timeout: float = 8) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
        """Return a list of (ssid, bssid, channel, RSSI, security, hidden), as WLAN.scan().

        ssid and bssid are bytes; RSSI in dBm; security 0 open, 1 WEP, 2 WPA, 3 WPA2, 4 both.
        timeout: seconds.
        """
        from .commands.scan import scan

        return self.channel.take(scan(self, timeout))

    def ifconfig(self, addresses=None) -> "tuple[str, str, str, str] | None":
        """Return (address, netmask, gateway, DNS server) as four str, or set them.

        addresses: four str or bytes, to be set before connect(), which returns None; "dhcp": ask
        DHCP for them again. ValueError, TypeError.
        """
        from .commands.status import ifconfig

        return ifconfig(self, addresses)

    def config(self, *names, **values) -> "str | bytes | None":
        """Return or set a property, as WLAN.config().

        config("mac"): bytes. config("ssid"), config("hostname"): str. config(hostname="name") sets
        the name that the DHCP server is told; call it before connect(). names: one of these three.
        values: hostname, a str; pm and txpower are accepted and ignored. ValueError, TypeError.
        """
        from .commands.status import config

        return config(self, *names, **values)

    @property
    def ipv4_address(self) -> "str | None":
        """The module's address as str, None while not joined; asked for as in isconnected()."""
        return self.ip if self.isconnected() else None

    @property
    def rssi(self) -> int:
        """Signal strength in dBm, negative."""
        from .commands.status import rssi

        return rssi(self)

    @property
    def mac_address(self) -> bytes:
        """The module's MAC address, 6 bytes."""
        from .commands.status import mac_address

        return mac_address(self)

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

        return ping(self, host, size, timeout)

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

        return get(self, name, command)

    def set(self, name, value) -> None:
        """Set a configuration variable until the next reset; save() keeps it. [c.1]

        name: of the variable, str or bytes. value: str, bytes-like, int or bool. A comma in it is
        sent by changing the delimiter for this command. ModuleError with code 4 if there is no
        variable `name`. ValueError, TypeError.
        """
        from .commands.config import set_

        set_(self, name, value)

    def save(self) -> None:
        """Write the present settings to the module's flash (AT+S.WCFG).

        The network that was joined last is among them, with its password in clear.
        """
        from .commands.config import save

        save(self)

    def time(self) -> int:
        """Return the module's clock in seconds since 1970-01-01 UTC, int. [c.1]

        After a restart it is wrong until NTP or set_time() sets it: see time_is_set().
        """
        from .commands.clock import time

        return time(self)

    def set_time(self, seconds) -> None:
        """Set the module's clock, which TLS needs. [T1]

        seconds: since 1970-01-01 UTC, int or float, up to the year 2106. ValueError, TypeError.
        """
        from .commands.clock import set_time

        set_time(self, seconds)

    def time_is_set(self) -> bool:
        """True if set_time() or NTP has set the clock, or it shows 2024 or later."""
        from .commands.clock import time_is_set

        return time_is_set(self)

    def ntp(self, timeout: float = 10) -> bool:
        """Let NTP set the module's clock if it is not set; return whether it is set then.

        timeout: seconds for all of it.
        """
        from .commands.clock import ntp

        return ntp(self, timeout)

    def reset(self, timeout: float = 16) -> None:
        """Restart the module, by its reset line if there is one, else by AT+S.RESET.

        Sockets, files in the module's RAM and settings that were not saved are gone then. It waits
        until console and radio have started. timeout: seconds until then at most. NotFound if it
        does not start.
        """
        from .commands.reset import reset

        self.channel.take(reset(self, timeout))

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

        return fetch(self, host, port, path, user, password, timeout)

    def apply_update(self, timeout: float = 180) -> "tuple[str, bool]":
        """Restart the module, so that it puts the image in place; wait until it runs again.

        Returns (build, factory): the build that runs then, and True if the module lost its saved
        settings (WIND 65). If it is the old build, the module did not take the image, or it was
        the same. The host must not hold the RESET line high: open drain, or not connected.

        timeout: seconds. NotFound if the module has not started by then.
        """
        from .commands.update import apply

        return apply(self, timeout)

    # its UART --------------------------------------------------------------------------------
    @property
    def baudrate(self) -> int:
        """The rate of the host's UART in bit/s. 115200 if neither the UART nor an earlier call
        tells it."""
        from .commands.baudrate import get_baudrate

        return get_baudrate(self)

    def set_baudrate(self, rate, save=False) -> int:
        """Set module and UART to `rate` bit/s, and return the rate.

        rate: in bit/s. save: True if firmware takes a new rate only at a restart: the rate is
        written to the flash with all other settings, and the module is reset. Try it without
        `save` first. SPWF04Error tells what became of it: if the module does not answer at the new
        rate but at another, the old one is restored. ValueError, TypeError. [b.4, f.1]
        """
        from .commands.baudrate import set_baudrate

        return set_baudrate(self, rate, save)

    def find_baudrate(self, rates=None) -> int:
        """Find the rate of a module that does not answer, and return it.

        rates: list of int to try, in bit/s; None: the usual ones. Each wrong one takes about 5 s.
        After a factory reset the rate is 115200. NotFound or LinkLost if none is right. [a.1]
        """
        from .commands.baudrate import find_baudrate

        return find_baudrate(self, rates)

    def set_flow_control(self, on, save=False) -> None:
        """Let the module use RTS/CTS, or not. The host's UART must be opened accordingly.

        on: True or False. save: write it to the module's flash, with all other settings; else it
        is in force until the next restart. [a.1]
        """
        from .commands.baudrate import set_flow_control

        set_flow_control(self, on, save)

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
