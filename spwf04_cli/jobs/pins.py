"""What pin does on a module."""


def pin_read(radio, n):
    """Return the level of a pin."""
    from spwf04.services.pins import Pin

    return Pin(radio, n).value()


def pin_write(radio, n, level):
    """Make a pin an output of this level."""
    from spwf04.services.pins import Pin

    Pin(radio, n, Pin.OUT, value=level)


def pin_edges(radio, n, ms):
    """Make a pin an input; return the levels after its edges since the last call, once there is
    one, or after some ms."""
    from spwf04.services.pins import Pin

    pin = None if radio.pins is None else radio.pins.watched.get(n)
    if pin is None:
        pin = Pin(radio, n)
        pin.seen = []  # pyright: ignore[reportAttributeAccessIssue]
        pin.irq(lambda pin: pin.seen.append(pin.last))
    seen = pin.seen  # pyright: ignore[reportAttributeAccessIssue]
    radio.channel.wait(lambda: seen, ms)
    pin.seen = []  # pyright: ignore[reportAttributeAccessIssue]
    return seen


def pin_adc(radio, channel):
    """Return the voltage at the ADC in mV."""
    from spwf04.services.pins import ADC

    return ADC(radio, channel).read_uv() // 1000
