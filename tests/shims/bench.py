"""What a scenario gets: a driver on a freshly booted module, and the simulator by name.

Runs on CPython and on MicroPython.
"""


class Bench:
    """radio: a fresh SPWF04. pool: its SocketPool. sim(name, *args): Controller's method. ssid,
    password: of the usual network."""

    ssid = "home"
    password = "correct horse"

    def __init__(self, uart, clock, call, pin=None):
        self._uart = uart
        self._clock = clock
        self._pin = pin  # makes a pin of a function that sets the level; None: that function
        self.sim = call
        self._pool = None
        self.radio = self.another_radio()

    def another_radio(self, reset=True, kind=None):
        """Make a second driver on the same port, as if only the MCU had restarted. kind: the
        driver's class, None: SPWF04."""
        from spwf04 import SPWF04

        def line(level):
            self.sim("reset_pin", level)

        if self._pin is not None:
            line = self._pin(line)
        return (kind or SPWF04)(self._uart, reset=line if reset else None, clock=self._clock)

    @property
    def pool(self):
        from spwf04 import SocketPool

        return SocketPool(self.radio)

    @property
    def engines(self):
        """Return the engines: the module's TLS, and this interpreter's if it has one."""
        from spwf04.hosttls.native import which

        return ("module", "host") if which() else ("module",)

    def join(self):
        """Join the usual network."""
        self.radio.connect(self.ssid, self.password)

    def poll(self):
        """Read what has arrived; return False, for use in conditions."""
        self.radio.channel.poll()
        return False

    def until(self, condition):
        """Wait for a condition, at most 10 s of the driver's time; return it."""
        return self.radio.channel.wait(condition, 10000)

    @staticmethod
    def raises(kind, function, *args, **kwargs):
        """Call a function that must raise `kind`; return the exception."""
        try:
            function(*args, **kwargs)
        except kind as e:
            return e
        raise AssertionError("%s was not raised" % kind.__name__)

    @staticmethod
    def pattern(n):
        """Return the bytes that servers of the controller send."""
        data = bytearray(n)
        for i in range(n):
            data[i] = i * 7 % 251
        return data

    def sleep(self, ms):
        """Let time pass while the program does something else, without polling or reading."""
        self.sim("pass_time", ms)
        self._clock.idle()

    def rest(self, ms):
        """Let time pass while the program polls the radio only."""
        self.radio.channel.wait(self.poll, ms)

    def spent(self, function, *args):
        """Return (what a call returns, or the exception that it raises; how many ms it took)."""
        before = self._clock.ticks_ms()
        try:
            result = function(*args)
        except Exception as e:
            result = e
        return result, (self._clock.ticks_ms() - before) & 0x1FFFFFFF
