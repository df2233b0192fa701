"""Pins: GPIO, ADC, DAC, PWM. [c.2, c.6]"""

from ..parts.pins import ADC_PINS, HIGH_MV, PWM_PINS, WAKE_PIN
from ..texts import is_number
from .registry import command

_MAX_HZ = 1000000  # GUESS


def _pin(module, text):
    """Return (number of a pin, None), or (None, error number)."""
    last = 20 if module.is_since("1.1.0") else 18
    if not is_number(text) or int(text) > last:
        return None, 20
    pin = int(text)
    variables = module.variables
    if pin == WAKE_PIN and variables["sleep_enabled"] != "0":
        return None, 21
    if pin == 7:
        return None, 22
    if pin == 10 and variables["blink_led"] != "0":
        return None, 23
    if pin == 3 and variables["console_enabled"] == "0":
        return None, 24
    return pin, None


@command("GPIOC", 2, 3)
def gpioc(module, number, direction, edge):
    """Set up a pin; edge: of which edges an indication tells."""
    pin, error = _pin(module, number)
    if error:
        return error
    direction, edge = direction.lower(), edge.lower()  # ST's middleware sends R, F, B
    if direction not in ("in", "out"):
        return 19
    if edge not in ("", "0", "r", "f", "b"):
        return 7
    module.pins.set_up(pin, direction == "out", edge.strip("0"))
    return None


@command("GPIOR", 1, 1)
def gpior(module, number):
    """Tell level and direction of a pin."""
    pin, error = _pin(module, number)
    if error:
        return error
    pins = module.pins
    # GUESS: the keyword, and 1 for an output
    module.reply(f"AT-S.GPIO:{pin}:{pins.level(pin)}:{int(pins.is_output(pin))}")
    return None


@command("GPIOW", 2, 2)
def gpiow(module, number, level):
    pin, error = _pin(module, number)
    if error:
        return error
    if level not in ("0", "1"):
        return 7
    if not module.pins.is_output(pin):
        return 19  # GUESS
    module.pins.put_out(pin, int(level))
    return None


@command("ADC", 0, 1)
def adc(module, channel):
    """Tell the voltage of a channel in mV."""
    # GUESS: that it has channels, and which; the keyword; the unit
    channel = channel or "0"
    if channel not in ("0", "1", "2"):
        return 7
    millivolts = module.pins.millivolts(ADC_PINS[int(channel)])
    if not 0 <= millivolts <= HIGH_MV:
        return 47
    module.reply(f"AT-S.ADC:{millivolts}")
    return None


@command("DAC", 1, 1)
def dac(module, millivolts):
    if not is_number(millivolts):
        return 7
    if int(millivolts) > HIGH_MV:
        return 25
    module.pins.set_dac(int(millivolts))
    return None


@command("PWM", 2, 3)
def pwm(module, *arguments):
    """<frequency>,<duty>, and from 1.1.0 on <id>,<frequency>,<duty>. Frequency 0 ends it."""
    # GUESS: how it is ended, and what a missing duty means
    if module.is_since("1.1.0"):
        number, frequency, duty = arguments
        ids = module.quirks.pwm_ids.split(",")
        if number not in ids:
            return 7
        pin = PWM_PINS[ids.index(number)]
    else:
        frequency, duty, more = arguments
        if more:
            return 6
        pin = PWM_PINS[0]
    if not is_number(frequency) or int(frequency) > _MAX_HZ:
        return 26
    duty = duty or "50"
    if not is_number(duty) or int(duty) > 100:
        return 27
    if frequency == "0" and module.pins.pwm(pin) is None:
        return 28
    if module.pins.is_set_up(pin):
        return 44  # GUESS: GPIOC has the pin
    module.pins.set_pwm(pin, int(frequency), int(duty))
    return None
