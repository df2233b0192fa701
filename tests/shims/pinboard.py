"""What scenarios do at the pins of the simulated module, and what they see of its power."""


class PinBoard:
    """The part of Controller that has the module's pins and its supply."""

    def drive(self, pin, level, after_ms=0):
        """Put a level on a pin."""
        self.module.pins.drive(pin, level, after_ms / 1000)

    def apply(self, pin, millivolts):
        """Put a voltage on a pin."""
        self.module.pins.apply(pin, millivolts)

    def level_of(self, pin):
        """The level of a pin, as a probe sees it."""
        return self.module.pins.level(pin)

    def voltage_of(self, pin):
        """The voltage of a pin in mV."""
        return self.module.pins.millivolts(pin)

    def pwm_of(self, pin):
        """[frequency, duty in %] of a pin, or None."""
        found = self.module.pins.pwm(pin)
        return found and list(found)

    def is_output(self, pin):
        """True if the module drives the pin."""
        return self.module.pins.is_output(pin)

    def power_state(self):
        """ "active", "powersave", "sleep" or "standby"."""
        return self.module.power.state

    def variable(self, name):
        """A configuration variable's present value, or None."""
        return self.module.variables.get(name)

    def set_variable(self, name, value):
        """Give a configuration variable a value, as if it had been set before."""
        self.module.variables[name] = value

    def firmware_has(self, version):
        """True if the module's firmware is of this version or later."""
        return self.module.is_since(version)
