"""The pins of the module, and what is connected to them: levels, voltages, wires. [c.2, c.6]"""

import heapq
import itertools

HIGH_MV = 3300
DAC_PIN = 15
WAKE_PIN = 6
# The pin of each ADC channel. GPIO1 is the one that ST's table names; the others are a GUESS
ADC_PINS = (1, 3, 5)
PWM_PINS = (2, 4)


class Pins:
    """The pins of a SimulatedModule.

    A test is what is outside: it drives pins, and sees what the module puts out. A pin that
    nobody drives reads as 0.
    """

    def __init__(self, module):
        self._module = module
        self._outside = {}  # {pin: mV}
        self._wires = {}  # {pin: a function of the clock's seconds that returns mV}
        self._plan = []  # a heap of (moment, order, pin, mV)
        self._order = itertools.count()
        self.restart()

    def restart(self):
        """Have all pins as after a boot: inputs. What is connected to them stays."""
        self._outputs = {}  # {pin: level}
        self._interrupts = {}  # {pin: "r", "f" or "b"}
        self._pwm = {}  # {pin: (frequency, duty)}
        self._dac = 0

    # outside ---------------------------------------------------------------------------------
    def drive(self, pin, level, after=0):
        """Put a level (0 or 1) on a pin, in so many seconds."""
        self.apply(pin, HIGH_MV if level else 0, after)

    def apply(self, pin, millivolts, after=0):
        """Put a voltage on a pin, in so many seconds."""
        moment = self._module.clock.now() + after
        heapq.heappush(self._plan, (moment, next(self._order), pin, millivolts))

    def wire(self, pin, function):
        """Connect a pin to a function of the clock's seconds that returns mV. It is asked whenever
        the pin is read; it sets off no interrupt."""
        self._wires[pin] = function

    def level(self, pin):
        """Return the level of a pin, 0 or 1, as a probe on it sees it."""
        return int(self.millivolts(pin) >= HIGH_MV / 2)

    def millivolts(self, pin):
        """Return the voltage of a pin in mV. A pin with PWM has the mean."""
        if pin in self._pwm:
            return HIGH_MV * self._pwm[pin][1] // 100
        if pin == DAC_PIN and self._dac:
            return self._dac
        if pin in self._outputs:
            return HIGH_MV if self._outputs[pin] else 0
        if pin in self._wires:
            return int(self._wires[pin](self._module.clock.now()))
        return self._outside.get(pin, 0)

    def pwm(self, pin):
        """Return (frequency in Hz, duty in %) of a pin, None if it has no PWM."""
        return self._pwm.get(pin)

    def is_output(self, pin):
        """True if the module drives the pin."""
        return pin in self._outputs

    def is_set_up(self, pin):
        """True if GPIOC has set up the pin."""
        return pin in self._outputs or pin in self._interrupts

    # the module's side -----------------------------------------------------------------------
    def set_up(self, pin, output, interrupt=""):
        """Make a pin an output or an input. interrupt: "r", "f" or "b", which edges are told."""
        self._interrupts.pop(pin, None)
        if output:
            self._outputs.setdefault(pin, 0)
        else:
            self._outputs.pop(pin, None)
            if interrupt:
                self._interrupts[pin] = interrupt

    def put_out(self, pin, level):
        """Give an output a level."""
        self._outputs[pin] = level

    def set_pwm(self, pin, frequency, duty):
        """Start PWM on a pin, or change it; frequency 0 ends it."""
        self._pwm.pop(pin, None)
        if frequency:
            self._pwm[pin] = frequency, duty

    def set_dac(self, millivolts):
        """Set the analogue output, 0: off."""
        self._dac = millivolts

    # time ------------------------------------------------------------------------------------
    def due(self):
        """The next moment at which something outside changes, in a list."""
        return [self._plan[0][0]] if self._plan else []

    def run(self, now):
        """Let change outside what is due; True if anything was."""
        moved = False
        while self._plan and self._plan[0][0] <= now:
            _, _, pin, millivolts = heapq.heappop(self._plan)
            before = self.level(pin)
            self._wires.pop(pin, None)
            self._outside[pin] = millivolts
            if self.level(pin) != before:
                self._changed(pin, 1 - before)
            moved = True
        return moved

    def _changed(self, pin, level):
        module = self._module
        if not module.booted:
            return
        if pin == WAKE_PIN:
            module.power.wake_line(level)
        if self._interrupts.get(pin) in ("b", "r" if level else "f"):
            module.wind(52, f"GPIO:{pin}:{level}")
