"""SPWF04: the module as a radio. Reset, boot, settings, joining a network, address, time.

Nothing here writes the module's flash but save(). Names follow MicroPython's network.WLAN;
where CircuitPython's wifi.Radio says it otherwise, both words work.
"""

from .at import ATChannel, argument
from .parser import const

_RADIO_MS = const(8000)  # WIND 0 to WIND 32 [b.3]
_SCAN_MS = const(8000)  # MBED allows 5 s [c.3.1]

# 2024-01-01: a clock that shows less has not been set
_PLAUSIBLE = const(1704067200)


_OUT_OF_STEP = const(2)  # of at.py

# Stages of a join, from the indications [b.2]
_IDLE = const(0)
_SCANNING = const(1)  # WIND 21
_JOINING = const(2)  # WIND 19
_ASSOCIATED = const(3)  # WIND 25, 51
_UP = const(4)  # WIND 24 with an IPv4 address


class SPWF04:
    """An SPWF04SA or SPWF04SC on a UART.

    uart: machine.UART, busio.UART, serial.Serial or alike, opened at 115200 8N1, with a
    receive buffer as large as the board affords (>= 256 bytes without flow control).
    reset: the RESET line as open drain, or None: a machine.Pin (Pin.OPEN_DRAIN), a
    digitalio.DigitalInOut (DriveMode.OPEN_DRAIN), or a function of 0 (reset) and 1 (released).
    clock: for simulations, see spwf04.at.Clock. debug: function that is shown each line on the
    UART as str, secrets masked, `print` for example; see trace.py.

    Besides the methods below: rssi (dBm), mac_address (6 bytes), firmware, hostname, each a
    question to the module; and ntp(timeout=10), which has the module's NTP client set its clock
    if it is not set, waits so many seconds, and returns whether it is set.

    Making one sends nothing. The first call looks for the module and raises NotFound, which
    says what to check, if nothing answers.
    """

    def __init__(self, uart, reset=None, clock=None, debug=None):
        self.channel = channel = ATChannel(uart, clock)
        if debug is not None:
            from .trace import trace

            trace(self, debug)
        self.reset_line = reset
        self.radio_up = True  # False from a restart until WIND 32
        self._stage = _IDLE
        self._scans = 0
        self._refusals = 0
        self._no_lease = False
        self._off = False
        self._ip = None
        self._known = False  # whether _ip says something about the module
        self._ssid = None
        self._key = None  # the network that connect() joined, to recognise it
        self._clock_set = False
        self._pool = None
        self._certs = None
        on_wind = self._on_wind  # one bound method for all
        for n in (19, 21, 24, 25, 32, 33, 35, 38, 40, 41, 51, 84, 85):
            channel.on_indication[n] = on_wind
        channel.on_restart.append(self._on_restart)

    # what the module says by itself ----------------------------------------------------------
    def _on_restart(self):
        self.radio_up = False
        self._stage = _IDLE
        self._ip = None
        self._known = True
        self._clock_set = False

    def _on_wind(self, parser):
        n = parser.number(1)
        if n == 24:
            # IPv4 and IPv6 come in two lines; only the first has dots [d, k.7]
            ip = parser.text().split(":")[-1]
            if "." in ip:
                self._ip = ip
                self._known = True
                self._stage = _UP
        elif n == 32:
            self.radio_up = True
        elif n == 33 or n == 38:
            self._ip = None
            self._known = True
            self._stage = _IDLE
            self._off = n == 38
            if self._pool is not None:
                self._pool._on_closed(None)
        elif n == 21:
            if self._stage != _UP:
                self._stage = _SCANNING
        elif n == 35:
            self._scans += 1
        elif n == 19:
            self._scans = 0
            self._stage = _JOINING
        elif n == 25 or n == 51:
            self._stage = _ASSOCIATED
        elif n == 40 or n == 41:
            self._refusals += 1
            self._ip = None
            self._stage = _IDLE
        elif n == 84:
            self._clock_set = True
        elif n == 85:
            self._no_lease = True

    # starting --------------------------------------------------------------------------------
    def reset(self, timeout=16):
        """Restart the module, by the reset line if there is one, else by AT+S.RESET.

        Waits until console and radio have started, at most timeout seconds. Sockets, files in
        the module's RAM and settings that were not saved are gone. NotFound if it stays silent.
        """
        from .reset import reset

        reset(self, int(timeout * 1000))

    def await_radio(self):
        """Wait for WIND 32 if a boot was seen: WIFI=0 before it can stall the module. [k.14]"""
        if not self.channel.wait(lambda: self.radio_up, _RADIO_MS):
            self.radio_up = True  # saved as off: no WIND 32 comes in such a boot [b.2]

    def _ready(self):
        """Have a module that answers and whose radio has started."""
        self.channel.command(b"AT\r", None, 2000)
        if not self.radio_up:
            self.await_radio()

    # settings --------------------------------------------------------------------------------
    def get(self, name, command="GCFG"):
        """Return a configuration variable (or, with command="STS", a status one) as str.

        ModuleError with code 4 if the firmware has none of that name. [protocol f]
        """
        found = []
        head = b"AT-S.Var:" + argument(name, "name") + b"="

        def on_line(parser):
            if parser.starts(head):
                found.append(parser.text(len(head)))

        line = ("AT+S.%s=%s\r" % (command, name)).encode()
        self.channel.command(line, None, 3000, on_line)
        return found[0] if found else ""

    def set(self, name, value):
        """Set a configuration variable until the next reset; save() keeps it. [protocol c.1]

        value: str, bytes or int; commas are sent by changing the delimiter for this command.
        """
        if isinstance(value, int):
            value = str(value)
        self._send(b"SCFG=" + argument(name, "name") + b",", argument(value, name))

    def _send(self, head, data):
        """Send AT+S.<head><data>, where `data` may contain commas."""
        if b"," in data:
            from .comma import command

            command(self.channel, head, data)
        else:
            self.channel.command(b"AT+S." + head + data + b"\r", None, 3000)

    def save(self):
        """Write the settings of this moment to the module's flash (AT+S.WCFG).

        The network joined last is among them, with its password in clear.
        """
        self.channel.command(b"AT+S.WCFG\r", None, 5000)

    # joining ---------------------------------------------------------------------------------
    def connect(self, ssid=None, password=None, *, key=None, timeout=30):
        """Join a network as a station and wait for an IPv4 address.

        ssid: str or bytes, 1..32 bytes; None: the one set before. password (or key): 8..63
        characters or 64 hex digits for WPA/WPA2, None for an open network. timeout: seconds;
        0 starts to join and returns at once: ask isconnected(). Returns at once if that
        network is joined already. JoinError (with .reason), ValueError.
        """
        from .join import join, run

        run(self, join(self, ssid, password if password is not None else key, timeout))

    def disconnect(self):
        """Leave the network and switch the radio off until the next connect()."""
        from .join import disconnect, run

        self._ready()
        run(self, disconnect(self))
        self._key = None

    def isconnected(self):
        """True while the module has an IPv4 address. From indications: no traffic, but for one
        question if the module was already running when the driver was made, or after a failure
        of the line. LinkLost if that is not answered."""
        self.channel.poll()
        if not self._known or self.channel._state == _OUT_OF_STEP:
            self._known = False
            ip = self.get("ip_ipaddr", "STS")
            if not self._known:  # no indication came meanwhile
                self._known = True
                # GUESS sts_down_ip: what it says while not joined is not known
                if ip and ip != "0.0.0.0":
                    self._ip = ip
                    self._stage = _UP
        return self._ip is not None

    @property
    def connected(self):
        """isconnected(), as wifi.Radio has it."""
        return self.isconnected()

    # told by status.py ------------------------------------------------------------------------
    def status(self, name=None):
        """Return a STAT_ constant of spwf04.status, or for "rssi" the signal strength in dBm."""
        from .status import status

        return status(self, name)

    def scan(self, timeout=8):
        """Return a list of (ssid, bssid, channel, RSSI, security, hidden) like WLAN.scan().

        ssid and bssid are bytes; RSSI in dBm; security 0 open, 1 WEP, 2 WPA, 3 WPA2, 4 both.
        timeout: seconds.
        """
        self._ready()
        from .scan import scan

        return scan(self.channel, int(timeout * 1000))

    def ifconfig(self, value=None):
        """Return (address, netmask, gateway, DNS server) as four str, or set them.

        Set them before connect(); "dhcp" goes back to DHCP.
        """
        from .status import ifconfig

        return ifconfig(self, value)

    def config(self, *names, **values):
        """WLAN.config(): config("mac" | "ssid" | "hostname"), or config(hostname="name").

        pm and txpower are accepted and ignored. The hostname, given to the DHCP server, is to
        be set before connect().
        """
        from .status import config

        return config(self, names, values)

    def __getattr__(self, name):
        # rssi, mac_address, firmware, hostname: read-only, each a question; ntp()
        from .status import attribute

        return attribute(self, name)

    @property
    def ipv4_address(self):
        """The address as str, or None; no traffic."""
        return self._ip if self.isconnected() else None

    # time ------------------------------------------------------------------------------------
    def time(self):
        """The module's clock in seconds since 1970-01-01 UTC, as an int. [c.1 TIME]

        After a boot it is wrong until NTP or set_time() has set it: see time_is_set().
        """
        from .epoch import read

        return read(self.channel)

    def set_time(self, seconds):
        """Set the module's clock, in seconds since 1970-01-01 UTC. TLS needs it. [T1]"""
        seconds = int(seconds)
        if not 0 < seconds < 1 << 32:
            raise ValueError("set_time() takes seconds since 1970-01-01")
        self.channel.command(b"AT+S.TIME=%d\r" % seconds, None, 3000)
        self._clock_set = seconds >= _PLAUSIBLE

    def time_is_set(self):
        """True if the clock was set, by set_time() or NTP, or shows 2024 or later."""
        if not self._clock_set:
            self._clock_set = self.time() >= _PLAUSIBLE
        return self._clock_set

    # parts that are made when they are asked for ---------------------------------------------
    @property
    def certs(self):
        """The module's CA certificates: spwf04.certs.CertificateStore."""
        if self._certs is None:
            import gc

            gc.collect()  # room in one piece for its code
            from .certs import CertificateStore

            self._certs = CertificateStore(self)
        return self._certs
