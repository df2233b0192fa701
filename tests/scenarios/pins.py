"""The module's pins: GPIO with interrupts, ADC, DAC, PWM."""

from spwf04 import ModuleError
from spwf04.services.pins import ADC, DAC, PWM, Pin


def test_an_output(bench):
    led = Pin(bench.radio, 4, Pin.OUT)
    assert bench.sim("is_output", 4)
    for call, level in ((led.on, 1), (led.off, 0), (led.toggle, 1)):
        call()
        assert bench.sim("level_of", 4) == level
        assert led.value() == level
    led.value(0)
    assert led() == 0
    led(True)
    assert led() == 1
    Pin(bench.radio, 4)  # sends nothing
    assert bench.sim("level_of", 4) == 1
    Pin(bench.radio, 8, Pin.OUT, value=1)
    assert bench.sim("level_of", 8) == 1


def test_an_input(bench):
    button = Pin(bench.radio, 5, Pin.IN)
    bench.sim("drive", 5, 1)
    assert button.value() == 1
    bench.sim("drive", 5, 0)
    assert button.value() == 0
    assert not bench.sim("is_output", 5)


def edges(bench, trigger):
    """What a handler is told of a rise and a fall."""
    seen = []
    pin = Pin(bench.radio, 5)
    pin.irq(lambda p: seen.append(p.last), trigger)
    for level in (1, 0):
        bench.sim("drive", 5, level)
        bench.rest(20)
    return seen


def test_a_handler_is_called_at_the_edges_that_were_asked_for(bench):
    assert edges(bench, Pin.IRQ_RISING) == [1]
    assert edges(bench, Pin.IRQ_FALLING) == [0]
    assert edges(bench, Pin.IRQ_FALLING | Pin.IRQ_RISING) == [1, 0]
    pin = Pin(bench.radio, 5)
    pin.irq(None)
    bench.sim("drive", 5, 1)
    bench.rest(20)
    assert pin.last is None


def test_a_handler_may_use_the_radio_in_the_middle_of_other_commands(bench):
    bench.join()
    seen = []

    def pressed(pin):
        seen.append((pin.value(), bench.radio.get("nv_model")))

    for n in (5, 8):
        Pin(bench.radio, n).irq(pressed)
    sock = bench.pool.socket()
    sock.settimeout(5)
    sock.connect(("echo.example", 7))
    buffer = bytearray(300)
    for n in range(3):
        bench.sim("drive", 5, 1 - n % 2)
        bench.sim("drive", 8, 1 - n % 2)
        data = bench.pattern(300)
        sock.sendall(data)
        at = 0
        while at < 300:
            at += sock.recv_into(memoryview(buffer)[at:])
        assert buffer == data
    bench.rest(20)
    assert [value for value, _ in seen] == [1, 1, 0, 0, 1, 1]
    assert {model for _, model in seen} == {"SPWF04SA"}


def test_an_exception_in_a_handler_is_printed_and_ends_nothing(bench):
    seen = []

    def fails(pin):
        seen.append(pin.last)
        raise ValueError("of the program")

    pin = Pin(bench.radio, 5)
    pin.irq(fails)
    for level in (1, 0):
        bench.sim("drive", 5, level)
        bench.rest(20)
        assert bench.radio.get("nv_model") == "SPWF04SA"
    assert seen == [1, 0]


def test_edges_that_nobody_polls_for_wait_and_the_oldest_are_dropped(bench):
    seen = []
    Pin(bench.radio, 5).irq(lambda p: seen.append(p.last))
    for n in range(40):
        bench.sim("drive", 5, 1 - n % 2)
        bench.sim("pass_time", 1)
    bench.rest(20)
    assert 1 <= len(seen) <= 40
    assert seen[-1] == 0


def test_both_texts_of_the_indication(bench):
    seen = []
    Pin(bench.radio, 5).irq(lambda p: seen.append(p.last))
    for text in (b"GPIO:5:1", b"5:0", b" GPIO: 5 : 1", b"GPIO:9:1", b"", b"GPIO", b"x:y", b"5"):
        bench.sim("garbage", b"+WIND:52:" + text + b"\r\n")
    bench.rest(20)
    assert seen == [1, 0, 1]
    assert bench.radio.get("nv_model") == "SPWF04SA"


def test_pins_that_are_taken(bench):
    radio = bench.radio
    radio.get("nv_model")
    for n, code in ((7, 22), (10, 23)):
        e = bench.raises(ModuleError, Pin, radio, n, Pin.OUT)
        assert e.code == code
        assert e.hint
    bench.sim("set_variable", "sleep_enabled", "1")
    assert bench.raises(ModuleError, Pin, radio, 6, Pin.IN).code == 21
    bench.sim("set_variable", "console_enabled", "0")
    assert bench.raises(ModuleError, Pin, radio, 3, Pin.IN).code == 24
    bench.sim("set_variable", "console_enabled", "1")
    radio.set("blink_led", 0)
    Pin(radio, 10, Pin.OUT, value=1)
    assert bench.sim("level_of", 10) == 1
    e = bench.raises(ModuleError, Pin(radio, 5, Pin.IN).on)
    assert e.code == 19
    assert "OUT" in e.hint


def test_a_handler_that_the_module_refuses_is_forgotten(bench):
    seen = []
    pin = Pin(bench.radio, 7)
    assert bench.raises(ModuleError, pin.irq, seen.append).code == 22
    bench.sim("garbage", b"+WIND:52:GPIO:7:1\r\n")
    bench.rest(20)
    assert seen == []


def test_adc(bench):
    adc = ADC(bench.radio)
    bench.sim("apply", 1, 1650)
    assert adc.read_uv() == 1650000
    assert adc.read_u16() == 32767
    bench.sim("apply", 1, 3300)
    assert adc.read_u16() == 65535
    bench.sim("apply", 1, 0)
    assert adc.read_uv() == 0
    bench.sim("apply", 3, 700)
    assert ADC(bench.radio, 1).read_uv() == 700000
    bench.sim("apply", 1, 4000)
    e = bench.raises(ModuleError, adc.read_uv)
    assert e.code == 47
    assert "3.3 V" in e.hint
    bench.sim("refuse", "ADC", 6, 2)
    e = bench.raises(ModuleError, ADC(bench.radio, 2).read_uv)
    assert "channel 0" in str(e)


def test_dac(bench):
    dac = DAC(bench.radio)
    dac.write(1200)
    assert bench.sim("voltage_of", 15) == 1200
    dac.deinit()
    assert bench.sim("voltage_of", 15) == 0


def test_pwm(bench):
    pwm = PWM(bench.radio, 2)
    pwm.freq(1000)
    assert bench.sim("pwm_of", 2) is None  # the duty is not known yet
    pwm.duty_u16(32768)
    assert bench.sim("pwm_of", 2) == [1000, 50]
    assert (pwm.freq(), pwm.duty_u16()) == (1000, 32768)
    pwm.freq(500)
    assert bench.sim("pwm_of", 2) == [500, 50]
    pwm.deinit()
    assert bench.sim("pwm_of", 2) is None
    pwm.deinit()  # it is over already
    pwm.duty_u16(65535)
    assert bench.sim("pwm_of", 2) == [500, 100]
    assert bench.sim("pwm_of", 4) is None
    if bench.sim("firmware_has", "1.1.0"):
        PWM(bench.radio, 4, freq=10000, duty_u16=16384)
        assert bench.sim("pwm_of", 4) == [10000, 25]
        assert bench.sim("pwm_of", 2) == [500, 100]


def test_pwm_of_what_the_module_refuses(bench):
    pwm = PWM(bench.radio, 2)
    e = bench.raises(ModuleError, pwm.init, freq=2000000, duty_u16=0)
    assert e.code == 26
    assert pwm.freq() is None
    Pin(bench.radio, 2, Pin.OUT)
    e = bench.raises(ModuleError, pwm.init, freq=1000, duty_u16=0)
    assert e.code == 44
    assert "GPIO" in str(e)
    assert "connect" not in str(e)


def test_a_restart_makes_inputs_of_all_pins(bench):
    seen = []
    Pin(bench.radio, 4, Pin.OUT, value=1)
    pin = Pin(bench.radio, 5)
    pin.irq(lambda p: seen.append(p.last))
    bench.radio.reset()
    assert not bench.sim("is_output", 4)
    bench.sim("drive", 5, 1)
    bench.rest(20)
    assert seen == []
    pin.irq(lambda p: seen.append(p.last))
    bench.sim("drive", 5, 0)
    bench.rest(20)
    assert seen == [0]


def test_wrong_arguments_are_refused_before_a_byte_is_sent(bench):
    radio = bench.radio
    before = bench.sim("bytes_in")
    pin, dac, pwm = Pin(radio, 5), DAC(radio), PWM(radio, 4)
    for n in (-1, 21):
        bench.raises(ValueError, Pin, radio, n, Pin.IN)
    for n in ("4", None, 4.0, b"4"):
        bench.raises(TypeError, Pin, radio, n)
        bench.raises(TypeError, ADC, radio, n)
        bench.raises(TypeError, PWM, radio, n)
        bench.raises(TypeError, dac.write, n)
    bench.raises(TypeError, pin.value, "1")
    bench.raises(ValueError, Pin, radio, 5, 2)
    bench.raises(ValueError, Pin, radio, 5, Pin.IN, value=1)
    bench.raises(TypeError, pin.irq, 5)
    bench.raises(ValueError, pin.irq, print, 4)
    bench.raises(ValueError, pin.irq, print, 0)
    bench.raises(ValueError, ADC, radio, 3)
    bench.raises(ValueError, dac.write, 3301)
    bench.raises(ValueError, PWM, radio, 3)
    for freq in (0, -1, 40000001):
        bench.raises(ValueError, pwm.freq, freq)
    for duty in (-1, 65536):
        bench.raises(ValueError, pwm.duty_u16, duty)
    for cls in (Pin, PWM):
        bench.raises(TypeError, cls, None, 4)
    assert bench.sim("bytes_in") == before
