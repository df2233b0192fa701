"""SPWF04: the module as a radio. What it says of its network by itself; the rest on demand.

Names follow MicroPython's network.WLAN; where CircuitPython's wifi.Radio says it otherwise, both
words work. Nothing writes the module's flash but save() and the certificate store.
"""

from .at.channel import ATChannel, forget, rare
from .at.uart import has
from .const import const

_OUT_OF_STEP = const(2)  # of at.py


class SPWF04:
    """An SPWF04SA or SPWF04SC on a UART.

    uart: machine.UART, busio.UART, serial.Serial or alike, opened at 115200 8N1, with a
    receive buffer as large as the board affords (>= 256 bytes without flow control).
    reset: the RESET line as open drain, or None: a machine.Pin (Pin.OPEN_DRAIN), a
    digitalio.DigitalInOut (DriveMode.OPEN_DRAIN), or a function of 0 (reset) and 1 (released).
    clock: for simulations, an object with ticks_ms() and idle(), see port.Port. debug: function
    that is shown each line on the UART as str, secrets masked, `print` for example; see trace.py.

    Making one sends nothing. The first call looks for the module and raises NotFound, which
    says what to check, if nothing answers. What stands in brackets is found in docs/protocol.md.

    Besides the methods below, each imported when it is used: disconnect(), connected,
    ipv4_address, status(), scan(), ifconfig(), config(), rssi, mac_address, firmware, hostname
    (status.py); get(), set(), save() (settings.py); time(), set_time(), time_is_set(), ntp()
    (epoch.py); reset() (reset.py).
    """

    radio_up = True  # False from a restart until WIND 32
    _rare = "SPWF04"
    _ip = None
    _known = False  # whether _ip says something about the module
    _clock_set = False
    _stage = 0  # of a join: the last of WIND 19, 21, 25, 51; 0: none [b.2]
    _ssid = None
    _key = None  # the network that connect() joined, to recognise it
    _pool = None
    _certs = None
    __getattr__ = rare

    def __init__(self, uart, reset=None, clock=None, debug=None):
        if reset is not None and not callable(reset) and not has(reset, "value"):
            raise TypeError("reset must be a pin, a function, or None")
        if clock is not None and not has(clock, "ticks_ms", "idle"):
            raise TypeError("clock must have ticks_ms() and idle()")
        if debug is not None and not callable(debug):
            raise TypeError("debug must be a function, or None")
        self.channel = channel = ATChannel(uart, clock)
        self.reset_line = reset
        self.winds = bytearray(96)  # how often each came, to be counted from where one likes
        channel.on_wind = self._on_wind
        channel.on_restart.append(self._on_restart)
        if debug is not None:
            from .at.trace import trace

            trace(self, debug)

    def _on_restart(self):
        self.radio_up = self._clock_set = False
        self._known = True
        self._stage = 0
        self._ip = None

    def _on_wind(self, parser):
        n = parser.number(1)
        if n > 95:
            return
        winds = self.winds
        winds[n] = min(winds[n] + 1, 99)
        if n == 24:
            # IPv4 and IPv6 come in two lines; only the first has dots [d, k.7]
            ip = parser.text().split(":")[-1]
            if "." in ip:
                self._ip = ip
                self._known = True
        elif n in (19, 21, 25, 51):
            self._stage = n
            if n == 19:
                winds[35] = 0  # scans that did not find it
        elif n in (33, 38, 40, 41):
            self._stage = 0
            self._ip = None
            if n < 40:
                self._known = True
                if self._pool is not None:
                    self._pool._on_closed(None)
        elif n == 32:
            self.radio_up = True
        elif n == 84:
            self._clock_set = True

    def connect(self, ssid=None, password=None, *, key=None, timeout=30):
        """Join a network as a station and wait for an IPv4 address.

        ssid: str or bytes, 1..32 bytes; None: the network that was set before, or that the
        module has stored, with its password. password (or key): 8..63
        characters or 64 hex digits for WPA/WPA2, None for an open network. timeout: seconds;
        0 starts to join and returns at once: ask isconnected(). Returns at once if that
        network is joined already. JoinError (with .reason), ValueError.
        """
        try:
            from .commands.join import join

            if password is None:
                password = key
            self.channel.follow(join(self, ssid, password, timeout))
        finally:
            join = None
            forget("commands.join")
            forget("arguments")

    def isconnected(self):
        """True while the module has an IPv4 address. From indications: no traffic, but for one
        question if the module was already running when the driver was made, or after a failure
        of the line. LinkLost if that is not answered."""
        self.channel.poll()
        if not self._known or self.channel._state == _OUT_OF_STEP:
            from .commands.status import address

            address(self)
        return self._ip is not None

    @property
    def certs(self):
        """The module's CA certificates: certs.CertificateStore."""
        if self._certs is None:
            from .tls.store import CertificateStore

            self._certs = CertificateStore(self)
        return self._certs
