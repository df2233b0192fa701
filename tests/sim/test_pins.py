"""Pins: what a program sets is there for a test to see, and the other way round."""

import pytest

from tests.sim.console import OLD, ask, booted, error, said


def test_an_output_has_the_level_that_was_written():
    module = booted()
    assert error(module, "AT+S.GPIOC=4,out") == 0
    assert module.pins.level(4) == 0
    assert error(module, "AT+S.GPIOW=4,1") == 0
    assert (module.pins.level(4), module.pins.millivolts(4)) == (1, 3300)
    assert ask(module, "AT+S.GPIOR=4") == "AT-S.GPIO:4:1:1\r\nAT-S.OK\r\n"


def test_an_input_reads_what_is_outside():
    module = booted()
    ask(module, "AT+S.GPIOC=5,in")
    module.pins.drive(5, 1)
    assert ask(module, "AT+S.GPIOR=5") == "AT-S.GPIO:5:1:0\r\nAT-S.OK\r\n"
    module.pins.drive(5, 0)
    assert ask(module, "AT+S.GPIOR=5") == "AT-S.GPIO:5:0:0\r\nAT-S.OK\r\n"


@pytest.mark.parametrize(
    ("edge", "told"), [("r", "1"), ("f", "0"), ("b", "10"), ("0", ""), ("", "")]
)
def test_edges_are_told_as_asked_for(edge, told):
    module = booted()
    assert error(module, f"AT+S.GPIOC=4,in,{edge}") == 0
    module.pins.drive(4, 1, after=0.1)
    module.pins.drive(4, 0, after=0.2)
    assert said(module, 1) == "".join(f"+WIND:52:GPIO:4:{level}\r\n" for level in told)


def test_no_edge_is_told_while_the_level_stays_or_after_a_restart():
    module = booted()
    ask(module, "AT+S.GPIOC=4,in,b")
    module.pins.drive(4, 0)
    assert said(module) == ""
    module.restart()
    said(module)
    module.pins.drive(4, 1)
    assert said(module) == ""


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("GPIOC=4,sideways", 19),
        ("GPIOC=4", 2),
        ("GPIOC=4,in,x", 7),
        ("GPIOC=4,in,r,1", 6),
        ("GPIOC=21,in", 20),
        ("GPIOC=x,in", 20),
        ("GPIOR=-1", 20),
        ("GPIOC=7,in", 22),
        ("GPIOC=10,out", 23),
        ("GPIOC=20,in", 0),
        ("GPIOC=19,in", 0),
        ("GPIOC=6,in", 0),
        ("GPIOW=4,1", 19),
        ("GPIOW=4,2", 7),
        ("DAC=3300", 0),
        ("DAC=3301", 25),
        ("DAC=x", 7),
        ("ADC=3", 7),
        ("PWM=2,1000,50", 0),
        ("PWM=4,1000,50", 0),
        ("PWM=1,1000,50", 7),
        ("PWM=1000,50", 7),
        ("PWM=2,x,50", 26),
        ("PWM=2,99999999,50", 26),
        ("PWM=2,1000,101", 27),
        ("PWM=2,0,0", 28),
        ("PWM", 2),
    ],
)
def test_what_a_pin_cannot_is_refused(line, number):
    assert error(booted(), "AT+S." + line) == number


def test_pins_that_a_setting_takes():
    module = booted()
    ask(module, "AT+S.SCFG=sleep_enabled,1")
    assert error(module, "AT+S.GPIOC=6,in") == 21
    ask(module, "AT+S.SCFG=blink_led,0")
    assert error(module, "AT+S.GPIOC=10,out") == 0


def test_the_first_firmware_has_neither_gpio19_nor_gpio20():
    module = booted(firmware=OLD)
    assert error(module, "AT+S.GPIOC=18,in") == 0
    assert error(module, "AT+S.GPIOC=19,in") == 20
    assert error(module, "AT+S.GPIOC=20,in") == 20


def test_adc_reads_the_voltage_of_a_pin():
    module = booted()
    module.pins.apply(1, 1234)
    assert ask(module, "AT+S.ADC") == "AT-S.ADC:1234\r\nAT-S.OK\r\n"
    assert ask(module, "AT+S.ADC=0") == "AT-S.ADC:1234\r\nAT-S.OK\r\n"
    assert ask(module, "AT+S.ADC=2") == "AT-S.ADC:0\r\nAT-S.OK\r\n"
    module.pins.apply(1, 5000)
    assert error(module, "AT+S.ADC") == 47


def test_a_wire_changes_while_time_passes():
    module = booted()
    start = module.clock.now()
    module.pins.wire(1, lambda now: 100 * round(now - start))
    said(module, 3)
    assert "AT-S.ADC:300\r\n" in ask(module, "AT+S.ADC")
    said(module, 4)
    assert "AT-S.ADC:700\r\n" in ask(module, "AT+S.ADC")


def test_the_dac_puts_out_millivolts_and_0_ends_it():
    module = booted()
    ask(module, "AT+S.DAC=1500")
    assert module.pins.millivolts(15) == 1500
    module.pins.apply(15, 800)
    said(module)
    ask(module, "AT+S.DAC=0")
    assert module.pins.millivolts(15) == 800


def test_pwm_has_frequency_and_duty():
    module = booted()
    ask(module, "AT+S.PWM=2,10000,25")
    assert module.pins.pwm(2) == (10000, 25)
    assert module.pins.millivolts(2) == 825
    assert module.pins.pwm(4) is None
    assert error(module, "AT+S.PWM=2,0,0") == 0
    assert module.pins.pwm(2) is None


@pytest.mark.parametrize(("ids", "second"), [("2,4", 4), ("1,2", 2), ("0,1", 1)])
def test_ids_of_pwm_are_a_reading(ids, second):
    module = booted(pwm_ids=ids)
    assert error(module, f"AT+S.PWM={second},1000,10") == 0
    assert module.pins.pwm(4) == (1000, 10)
    assert error(module, "AT+S.PWM=9,1000,10") == 7


def test_the_first_firmware_has_one_pwm_without_an_id():
    module = booted(firmware=OLD)
    assert error(module, "AT+S.PWM=1000,30") == 0
    assert module.pins.pwm(2) == (1000, 30)
    assert error(module, "AT+S.PWM=2,1000,30") == 6


def test_a_pin_that_gpioc_has_cannot_have_pwm():
    module = booted()
    ask(module, "AT+S.GPIOC=2,out")
    assert error(module, "AT+S.PWM=2,1000,50") == 44


def test_gpio9_high_at_a_start_takes_the_console_off_the_uart():
    module = booted()
    module.pins.drive(9, 1)
    said(module)
    module.restart()
    assert said(module) == ""
    module.pins.drive(9, 0)
    said(module)
    module.restart()
    assert "+WIND:0:" in said(module)


def test_gpio0_high_at_a_start_restores_the_factorys_configuration():
    module = booted()
    ask(module, "AT+S.SCFG=ip_hostname,door")
    ask(module, "AT+S.WCFG")
    module.restart()
    assert "+WIND:65:" not in said(module)
    assert module.variables["ip_hostname"] == "door"
    module.pins.drive(0, 1)
    said(module)
    module.restart()
    assert "+WIND:65:Factory Reset:0\r\n" in said(module)
    assert module.variables["ip_hostname"] != "door"


def test_letters_of_a_direction_and_an_edge_may_be_upper_case():
    module = booted()
    assert ask(module, "AT+S.GPIOC=2,IN,R") == "AT-S.OK\r\n"
