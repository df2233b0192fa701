"""Every command of ST's table: what it answers to nothing, and what it answers to something."""

import pytest

from spwf04_sim import Peer, World
from spwf04_sim.commands import COMMANDS
from spwf04_sim.commands.manual import NAMES
from spwf04_sim.logs.forms import DATA
from tests.sim.console import OLD, ask, booted, error, joined

# RESET has no answer; that of WPS takes its walk time; AT has none of its own
_OTHERS = ("RESET", "WPS", "AT")

# What a factory-fresh module with an idle radio answers to the bare command: 0 is OK, 2 says that
# an argument is missing
BARE = {
    "AT": 0,
    "HELP": 0,
    "PMS": 2,
    "STS": 0,
    "RTOSSTS": 0,
    "SSXSTS": 0,
    "PYTHON": 51,
    "GCFG": 0,
    "SCFG": 2,
    "WCFG": 0,
    "FCFG": 0,
    "TIME": 0,
    "RANDOM": 0,
    "GPIOC": 2,
    "GPIOR": 2,
    "GPIOW": 2,
    "DAC": 2,
    "ADC": 0,
    "PWM": 2,
    "FSM": 2,
    "FSU": 2,
    "FSC": 2,
    "FSD": 2,
    "FSR": 2,
    "FSL": 0,
    "FSP": 2,
    "HASH": 2,
    "TLSCERT": 2,
    "WIFI": 2,
    "SCAN": 0,
    "SSIDTXT": 0,
    "PEERS": 44,
    "RENEW": 61,
    "NTP": 44,
    "PING": 2,
    "SOCKON": 2,
    "SOCKQ": 2,
    "SOCKC": 2,
    "SOCKW": 2,
    "SOCKR": 2,
    "SOCKL": 0,
    "SOCKDON": 2,
    "SOCKDQ": 2,
    "SOCKDC": 2,
    "SOCKDW": 2,
    "SOCKDR": 2,
    "SOCKDL": 0,
    "SELFTEST": 2,
    "HTTPGET": 2,
    "FWUPDATE": 2,
    "MQTTCONN": 2,
    "WSOCKON": 2,
    "NVW": 2,
    "MFGTEST": 110,
    "WPAECERT": 2,
    "TFTPGET": 2,
    "TFTPPUT": 2,
    "SMTP": 2,
    "HTTPPOST": 2,
    "FSUPDATE": 2,
    "INPUTSSI": 2,
    "MQTTSUB": 2,
    "MQTTPUB": 2,
    "MQTTUNSUB": 2,
    "MQTTDISC": 2,
    "WSOCKQ": 2,
    "WSOCKC": 2,
    "WSOCKW": 2,
    "WSOCKR": 2,
    "WSOCKL": 0,
}


@pytest.mark.parametrize("name", [n for n in NAMES if n not in _OTHERS])
def test_a_bare_command_gets_its_own_answer(name):
    answer = error(booted(), "AT+S." + name)
    assert answer == BARE[name]


def test_every_command_that_the_module_knows_is_in_the_table_of_st():
    assert set(COMMANDS) <= set(NAMES)


def test_the_reader_of_logs_knows_which_commands_have_data():
    assert {name: c.data for name, c in COMMANDS.items() if c.data is not None} == DATA


def test_only_fsm_is_missing_in_the_first_firmware():
    module = booted(firmware=OLD)
    names = [n for n in NAMES if n not in _OTHERS]
    assert [n for n in names if error(module, "AT+S." + n) == 1] == ["FSM"]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("RANDOM", "AT-S.Random:"),
        ("RTOSSTS", "AT-S.Heap:20123:20123"),
        ("SSXSTS", "AT-S.Sockets:0"),
        ("TIME", "AT-S.Date:"),
    ],
)
def test_what_a_command_tells(line, lines):
    assert ask(booted(), "AT+S." + line).startswith(lines)


def test_random_numbers_differ():
    module = booted()
    assert ask(module, "AT+S.RANDOM") != ask(module, "AT+S.RANDOM")


def test_factory_data_are_not_written():
    assert error(booted(), "AT+S.NVW=serial") == 7


class Sink(Peer):
    """Keeps what it gets."""

    def __init__(self):
        super().__init__()
        self.got = b""

    def on_data(self, data):
        self.got += data


def test_a_self_test_sends_packets_to_a_server():
    world = World()
    sinks = []
    world.route("10.0.0.9", 5000, lambda: sinks.append(Sink()) or sinks[-1])
    module = joined(world=world)
    assert error(module, "AT+S.SELFTEST=1,10.0.0.9,5000,3,100,t") == 0
    assert sinks[0].got == bytes(300)
    assert error(module, "AT+S.SELFTEST=1,10.0.0.9,5001,3,100,t") == 110
    assert error(module, "AT+S.SELFTEST=1,10.0.0.9,5000,3,100,x") == 7
    assert error(module, "AT+S.SELFTEST=1,10.0.0.9,5000,0,100,t") == 33
    assert error(booted(), "AT+S.SELFTEST=1,10.0.0.9,5000,3,100,t") == 44
