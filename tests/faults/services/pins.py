"""The module's pins."""

from spwf04.services.pins import ADC, DAC, PWM, Pin


def _gpio(stage):
    pin = Pin(stage.radio, 4, Pin.OUT, value=1)
    assert pin.value() in (0, 1)


def _interrupt(stage):
    seen = []
    Pin(stage.radio, 5).irq(lambda pin: seen.append(pin.last))
    stage.module.pins.drive(5, 1)
    stage.module.pins.drive(5, 0)
    stage.radio.channel.wait(lambda: len(seen) == 2, 500)
    assert set(seen) <= {0, 1}


def _adc(stage):
    stage.module.pins.apply(1, 1650)
    assert ADC(stage.radio).read_uv() >= 0


def _dac(stage):
    DAC(stage.radio).write(1200)


def _pwm(stage):
    PWM(stage.radio, 4, freq=1000, duty_u16=32768)


def _ready(stage):
    stage.radio.isconnected()


EXCHANGES = {
    "pins, plain: GPIO": (_ready, _gpio, b""),
    "pins, plain: interrupt": (_ready, _interrupt, b""),
    "pins, plain: ADC": (_ready, _adc, b""),
    "pins, plain: DAC": (_ready, _dac, b""),
    "pins, plain: PWM": (_ready, _pwm, b""),
}
