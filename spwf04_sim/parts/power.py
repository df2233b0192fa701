"""Power modes: what the module draws, and when it sleeps. [c.7]"""

from .pins import WAKE_PIN

# What it draws in each state, mA. Standby is the data sheet's [T26]; the others are a GUESS
MILLIAMPERES = {"off": 0, "active": 105, "powersave": 15, "sleep": 0.56, "standby": 0.043}

_FALL_MS = 1  # from the WIND until it really sleeps


class Power:
    """The state of a SimulatedModule's supply, with a battery behind it.

    state: "off", "active", "powersave", "sleep" or "standby". slept: seconds in "sleep" since the
    last boot.
    """

    def __init__(self, module):
        self._module = module
        self.state = "off"
        self._since = module.clock.now()
        self._before = dict.fromkeys(MILLIAMPERES, 0.0)
        self._slept_before = 0.0
        self._armed = False  # PMS=2: it sleeps while the wake-up pin is low

    @property
    def asleep(self):
        """True while it sleeps: it says nothing, and takes nothing from the host."""
        return self.state == "sleep"

    @property
    def in_standby(self):
        """True while it is in standby."""
        return self.state == "standby"

    @property
    def slept(self):
        """Seconds in "sleep" since the last boot."""
        return self.seconds()["sleep"] - self._slept_before

    def seconds(self):
        """Return {state: seconds in it, so far}."""
        spent = dict(self._before)
        spent[self.state] += self._module.clock.now() - self._since
        return spent

    def charge(self):
        """Return the charge that was drawn so far, in mAh."""
        return sum(MILLIAMPERES[s] * t for s, t in self.seconds().items()) / 3600

    def enter(self, state):
        """Change to a state, from now on."""
        self._before = self.seconds()
        self._since = self._module.clock.now()
        self.state = state

    def restart(self):
        """Start anew: active, whatever the mode was before."""
        self.enter("active")
        self._armed = False
        self._slept_before = self._before["sleep"]

    # what PMS does ---------------------------------------------------------------------------
    def activate(self):
        """Leave all power saving. The radio restarts, and tells it by WIND 32."""
        module = self._module
        self._armed = False
        self.enter("active")
        if module.wifi.wanted:
            module.wifi.lose()
            module.wifi.stop()
            module.wifi.power_on()

    def save(self):
        """Save power between the beacons."""
        self._armed = False
        self.enter("powersave")
        self._module.wind(66, "Low Power Mode")

    def sleep(self):
        """Sleep whenever the wake-up pin is low, from now on."""
        self._armed = True
        self.wake_line(self._module.pins.level(WAKE_PIN))

    def wake_line(self, level):
        """The wake-up pin has a level."""
        module = self._module
        if level and self.asleep:
            self.enter("active")
            if module.quirks.wake_nuls == "always":
                module.emit(b"\0\0")
            text = "Wakeup:GPIO6" if module.quirks.wake_wind == 53 else "Low Power Mode"
            module.wind(module.quirks.wake_wind, text)
            module.wind(70, "Resuming from Deep Sleep")
        elif not level and self._armed and not self.asleep:
            module.wind(69, "Entering Deep Sleep")
            module.after(_FALL_MS, self._fall_asleep)

    def _fall_asleep(self):
        if self._armed:
            self.enter("sleep")

    def standby(self):
        """Switch nearly everything off, for standby_time seconds; a boot follows."""
        module = self._module
        module.wind(67, "Entering Standby")
        if module.quirks.wake_nuls != "never":
            module.emit(b"\0\0")  # [a.6]
        module.after(_FALL_MS, module.standby, int(module.variables["standby_time"]))
