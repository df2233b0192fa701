"""When no module answers: what is heard instead, and what is said of it."""

import contextlib
import json
import types

import pytest

from spwf04 import SPWF04
from spwf04_cli import output, ports
from spwf04_cli.line import heard
from spwf04_cli.line.search import RATES, look_for
from spwf04_cli.output import NO_MODULE, USAGE
from spwf04_cli.session import Direct
from spwf04_sim import VirtualClock
from tests.cli import at_port, spwf04
from tests.cli.benches import PASSWORD, Bench, says
from tests.cli.everywhere import ARGUMENTS, PORT
from tests.cli.everywhere import desk as everything
from tests.shims.desk import simulated

GPS = b"$GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*62\r\n"
BOARD = (
    b'>>> AT\r\nTraceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n'
    b"NameError: name 'AT' isn't defined\r\n>>> "
)
MODEM = b"AT\r\r\nOK\r\n"
BOOT = b"+WIND:1:Poweron:171117-0328fe3-SPWF04S\r\n+WIND:0:Console active\r\n"
NOISE = bytes.fromhex("00f880fe78e6069ef8001898")

# What such devices send, as logs of them show it; and an excerpt of what is said
SAMPLES = [
    (heard.SILENCE, b"", "nothing comes"),
    (heard.LOW, b"\0" * 40, "only zeros"),
    (heard.ECHO, b"\rAT\r\n", "what is sent comes back"),
    (heard.ECHO, b"AT", "what is sent comes back"),
    (heard.ECHO, b"\rAT\r\n\rAT\r\n", "what is sent comes back"),
    (heard.ANSWERS, b"\r\nAT\r\nAT-S.OK\r\n", "AT is answered"),
    (heard.DEAF, b"+WIND:21:WiFi Scanning\r\n", "does not hear"),
    (heard.DEAF, NOISE[:3] + b"\r\n+WIND:24:WiFi Up:0:192.168.1.23\r\n", "does not hear"),
    (heard.RESTARTS, b"+WIND:1:Poweron:x\r\n+WIND:0:Console active\r\n" * 2, "again and again"),
    (heard.OLDER, b"+WIND:0:Console active\r\n\r\nOK\r\n", "an SPWF01"),
    # GPS receivers; the first bytes of a sentence may be missing
    (heard.GPS, GPS, "sends: $GPRMC,081836"),
    (heard.GPS, b"4,,*7A\r\n$GNGGA,,,,,,0,00,99.99,,,,,,*56\r\n", "$GNGGA"),
    (heard.GPS, b"$GNTXT,01,01,02,u-blox AG - www.u-blox.com*4E\r\n", "$GNTXT"),
    (heard.GPS, b"$PMTK011,MTKGPS*08\r\n$PMTK010,001*2E\r\n", "$PMTK011"),
    (heard.GPS, b"$BDGSA,A,1,,,,,,,,,,,,,,,*0F\r\n", "$BDGSA"),
    (heard.GPS, b"!AIVDM,1,1,,A,13aEOK?P00PD2wVMdLDRhgvL289?,0*26\r\n", "!AIVDM"),
    (heard.GPS, bytes.fromhex("b56201075c00e8a1b40de607") * 2, "messages of u-blox"),
    # boards
    (heard.REPL, b"\r\n>>> " + BOARD, "NameError"),
    (heard.REPL, b">>> \r\n>>> ", ">>>"),
    (
        heard.REPL,
        b"\r\nMicroPython v1.24.1 on 2024-11-29; Raspberry Pi Pico with RP2040\r\n"
        b'Type "help()" for more information.\r\n>>> ',
        "MicroPython v1.24.1",
    ),
    (
        heard.REPL,
        b"\r\nAdafruit CircuitPython 9.2.1 on 2024-11-20; Adafruit Feather RP2040 with rp2040\r\n"
        b">>> ",
        "Adafruit CircuitPython 9.2.1",
    ),
    (heard.REPL, b"Press any key to enter the REPL. Use CTRL-D to reload.\r\n", "Press any key"),
    (heard.REPL, b"\r\nraw REPL; CTRL-B to exit\r\n>", "raw REPL"),
    (heard.REPL, b"\r\nMPY: soft reboot\r\n", "soft reboot"),
    (heard.REPL, b"\x1b]0;\xf0\x9f\x90\x8dcode.py | 9.2.1\x1b\\code.py output:\r\n", "code.py"),
    # modems
    (heard.MODEM, MODEM, "another modem answers: AT OK"),
    (heard.MODEM, b"AT\r\n\r\nOK\r\n", "AT OK"),
    (heard.MODEM, b"\r\nERROR\r\n", "ERROR"),
    (heard.MODEM, b"OK\n", "OK"),
    (heard.MODEM, b"ERROR:(0)\r\n", "ERROR:(0)"),
    (heard.MODEM, b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n", "RDY"),
    (heard.MODEM, b"\r\n+CPIN: NOT INSERTED\r\n", "+CPIN: NOT INSERTED"),
    (heard.MODEM, b"AT\r\r\n+CME ERROR: SIM not inserted\r\n", "+CME ERROR"),
    (heard.MODEM, b"\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n", "ready"),
    (heard.MODEM, b"AT\r\nbusy p...\r\n\r\nOK\r\n", "busy"),
    (heard.MODEM, b"\r\n\r\nOK\r\n> ", "OK"),
    (heard.MODEM, b"+AT: OK\r\n", "+AT: OK"),
    # what boots, or waits for a login
    (
        heard.CONSOLE,
        b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\n",
        "ets Jul 29 2019",
    ),
    (heard.CONSOLE, b"ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n", "ESP-ROM"),
    (heard.CONSOLE, b"\r\nU-Boot 2022.07 (Jul 11 2022 - 14:30:03 +0000)\r\n", "U-Boot"),
    (heard.CONSOLE, b"[    0.000000] Booting Linux on physical CPU 0x0\r\n", "Booting Linux"),
    (heard.CONSOLE, b"\r\nraspberrypi login: AT\r\n\r\nPassword: ", "raspberrypi login"),
    (heard.CONSOLE, b"AT\r\nbash: AT: command not found\r\npi@pi:~$ ", "command not found"),
    # other text, and none
    (heard.TEXT, b'start\r\necho:Marlin 2.0.9\r\necho:Unknown command: "AT"\r\nok\r\n', "Marlin"),
    (heard.TEXT, b"Grbl 1.1h ['$' for help]\r\nerror:2\r\n", "Grbl"),
    (heard.TEXT, "Luft: 21,5 °C\r\nLuft: 21,6 °C\r\n".encode(), "Luft: 21,5 °C"),
    (heard.GARBAGE, NOISE, "make no sense"),
    (heard.GARBAGE, b"\xff", "make no sense"),
    (heard.GARBAGE, b"x", "make no sense"),
    (heard.GARBAGE, bytes([c * 37 % 256 | 0x80 for c in GPS]), "make no sense"),
]


@pytest.mark.parametrize(("kind", "came", "words"), SAMPLES)
def test_what_is_heard_is_told_apart(kind, came, words):
    found = heard.explained(came, "/dev/ttyACM0", 115200)
    assert found.kind == kind
    assert words in found.what
    assert found.todo[0].isupper() and not found.todo.endswith(".")


def test_what_is_shown_of_it_cannot_harm_a_terminal_and_is_short():
    what = heard.explained(b"\x1b[2Jsomething \x07 else" + b" and more" * 99).what
    assert "\x1b" not in what and "\x07" not in what
    assert len(what) < 120


def test_a_board_is_sent_to_the_option_for_boards():
    assert "--via-mcu /dev/ttyACM0" in heard.explained(BOARD, "/dev/ttyACM0").todo


def test_a_wrong_rate_is_suspected_only_if_the_others_have_not_been_tried():
    assert "--baud" in heard.explained(NOISE, rate=115200).todo
    assert "--baud" not in heard.explained(NOISE).todo


# devices at a port ---------------------------------------------------------------------------
class Other:
    """Something else than a module at a port: a UART that is its own stand-in.

    answer: what it sends whenever it gets something. rate: its rate; at another one it is rubbish
    in both directions; None: it has any. every: seconds after which it sends `answer` by itself.
    """

    def __init__(self, answer=b"", rate=115200, every=None):
        self.clock = VirtualClock(longest=20)
        self.baudrate = 115200
        self.rates = []
        self._answer, self._rate, self._every = answer, rate, every
        self._next = self.clock.now()
        self._waiting = b""

    def uart(self, face):
        return self

    def _send(self, data):
        if self._rate not in (None, self.baudrate):
            data = bytes([b * 37 % 256 | 0x80 for b in data])
        self._waiting += data

    def write(self, data):
        if not self.rates or self.rates[-1] != self.baudrate:
            self.rates.append(self.baudrate)
        if data and self._every is None and self._rate in (None, self.baudrate):
            self._send(data if self._rate is None else self._answer)
        return len(data)

    @property
    def in_waiting(self):
        while self._every and self.clock.now() >= self._next:
            self._next += self._every
            self._send(self._answer)
        return len(self._waiting)

    def readinto(self, buffer):
        n = min(len(buffer), self.in_waiting)
        buffer[:n], self._waiting = self._waiting[:n], self._waiting[n:]
        return n


DEVICES = [
    ("nothing", Other, (), "nothing comes", len(RATES)),
    ("a joint of TX and RX", Other, (b"", None), "what is sent comes back", 1),
    ("a board", Other, (BOARD,), "--via-mcu /dev/ttyUSB0", 1),
    ("a GPS receiver at this rate", Other, (GPS, 115200, 1), "a GPS receiver sends", 1),
    ("a GPS receiver", Other, (GPS, 9600, 1), "at 9600 bit/s, a GPS receiver", 2),
    ("a modem", Other, (MODEM,), "another modem", 1),
    ("a modem at another rate", Other, (MODEM, 9600), "at 9600 bit/s, another modem", 2),
    ("a module without power for more", Other, (BOOT, 115200, 1.5), "again and again", 1),
    ("noise", Other, (NOISE, 31250, 0.3), "make no sense at any usual rate", len(RATES)),
]


@pytest.mark.parametrize(
    ("make", "given", "words", "rates"), [d[1:] for d in DEVICES], ids=[d[0] for d in DEVICES]
)
def test_doctor_says_what_is_there_within_15_seconds(make, given, words, rates):
    device = make(*given)
    begin = device.clock.now()
    with at_port(device) as port:
        done = spwf04("doctor", "--port", port)
    assert done.code == NO_MODULE
    assert says(done.out, words)
    assert device.clock.now() - begin <= 15
    tried = list(dict.fromkeys(device.rates))
    assert tried == list(RATES)[:rates]  # likely ones first, and none after it is clear
    assert device.baudrate == 115200


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate != 115200])
def test_a_module_at_another_rate_is_found_within_15_seconds(rate):
    controller = at_rate(rate)
    uart, clock = controller.module.uart("pyserial"), controller.module.clock
    begin = clock.now()
    found = look_for(Direct(SPWF04(uart, clock=clock), "/dev/ttyUSB0"), "/dev/ttyUSB0")
    assert found.rate == uart.baudrate == rate
    assert clock.now() - begin <= 15


def at_rate(rate):
    """A Controller whose module has another rate than the UART to it."""
    controller = simulated()
    controller.module.flash.saved["console_speed"] = str(rate)
    controller.restart("reset")
    made = controller.module.uart("pyserial")
    made.baudrate = 115200
    controller.module.uart = lambda face: made
    return controller


def test_a_module_at_another_rate_that_waits_for_data_is_found_too():
    controller = at_rate(921600)
    module = controller.module
    module.receive(b"AT+S.FSC=1:/a.txt,1000\r")
    module.clock.advance(20)
    with at_port(module) as port:
        done = spwf04("doctor", "--port", port, "--json")
    assert json.loads(done.out)["checks"][0]["todo"] == "--baud 921600"


def test_a_rate_that_the_port_cannot_have_is_left_out():
    class Slow(Other):
        _now = 115200

        @property
        def baudrate(self):
            return self._now

        @baudrate.setter
        def baudrate(self, rate):
            if rate > 115200:
                raise ValueError(f"Invalid baud rate: {rate}")
            self._now = rate

    device = Slow()
    with at_port(device) as port:
        done = spwf04("doctor", "--port", port)
    assert done.code == NO_MODULE
    assert list(dict.fromkeys(device.rates)) == [115200, 9600, 57600, 38400, 19200]


def test_a_terminal_shows_which_rate_of_how_many_is_tried(monkeypatch):
    shown = []

    def doing(what, quiet=False):
        shown.append(what)
        return contextlib.nullcontext()

    monkeypatch.setattr(output, "doing", doing)
    with at_port(Other()) as port:
        spwf04("doctor", "--port", port)
    assert shown[:3] == [
        "listening at 115200 bit/s…",
        "trying 9600 bit/s (1 of 7)…",
        "trying 921600 bit/s (2 of 7)…",
    ]


def test_json_has_the_facts_of_the_text():
    with at_port(Other(GPS, 9600, 1)) as port:
        told = json.loads(spwf04("doctor", "--port", port, "--json").out)
    with at_port(Other(GPS, 9600, 1)) as port:
        text = spwf04("doctor", "--port", port).out
    for check in told["checks"]:
        for fact in ("check", "said", "todo"):
            assert says(text, check[fact])
    assert says(text, told["verdict"]) and told["ok"] is False


# every command -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with everything(tmp_path_factory.mktemp("desk")) as made:
        yield made


COMMANDS = [
    path
    for path, (arguments, _) in ARGUMENTS.items()
    if PORT in arguments and path not in (("doctor",), ("provision",))
]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_says_what_answers_instead_of_a_module(bench, path):
    arguments, typed = bench.arguments(path)
    with at_port(Other(BOARD), PORT):
        done = spwf04(*arguments, stdin=typed)
    assert done.code == NO_MODULE
    assert says(done.err, f"no SPWF04 answers on {PORT}: the prompt of MicroPython")
    assert says(done.err, f"use --via-mcu {PORT}")
    assert says(done.err, f"spwf04 doctor -p {PORT} tests the line")


def test_provision_says_it_of_each_port(tmp_path, monkeypatch):
    monkeypatch.setenv("BENCH_PASSWORD", PASSWORD)
    bench = Bench(tmp_path, "[[module]]\n[[module]]\n")
    bench.modules["port-2"] = Other(GPS, every=1)
    bench.run()
    assert bench.told("port-2")["result"] == "no answer"
    assert bench.told("port-2")["error"].startswith("no SPWF04 answers: a GPS receiver sends")
    assert bench.told("port-1")["result"] == "done"


def test_a_port_that_is_a_board_by_its_usb_name_is_told_to_be_one(monkeypatch):
    pico = types.SimpleNamespace(
        device=PORT, vid=0x2E8A, pid=5, description="Board in FS mode", manufacturer="", product=""
    )
    monkeypatch.setattr(ports, "serial_ports", lambda: [pico])
    with at_port(Other(), PORT):  # it runs a program, and does not listen
        done = spwf04("info", "--port", PORT)
    assert says(done.err, f"--via-mcu {PORT}")


def test_a_module_that_answers_by_now_is_told_to_be_asked_again():
    class Late(Other):
        def write(self, data):
            return super().write(data) if data.endswith(b"AT\r\n") else len(data)

    device = Late(b"AT-S.OK\r\n")
    with at_port(device, PORT):
        done = spwf04("info", "--port", PORT)
    assert done.code == NO_MODULE
    assert says(done.err, "Try again in a moment")


def test_a_port_with_a_blank_is_quoted_in_what_can_be_pasted():
    with at_port(Other(), "/dev/my port"):
        done = spwf04("info", "--port", "/dev/my port")
    assert says(done.err, "spwf04 doctor -p '/dev/my port' tries the other rates")


def test_a_port_that_vanishes_meanwhile_is_told():
    class Pulled(Other):
        @property
        def in_waiting(self):
            if len(set(self.rates)) > 2:
                raise OSError(5, "Input/output error")
            return 0

    with at_port(Pulled(), PORT):
        done = spwf04("doctor", "--port", PORT)
    assert done.code == NO_MODULE
    assert says(done.err, "the line was lost")


# wrong arguments -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--port", "sim", "--bundle", "/no/such/roots.bin"], USAGE, "does not exist"),
        (["--port", "sim", "--bundle", "/tmp"], USAGE, "is a directory"),
        (["--port", "/tmp"], NO_MODULE, "/tmp cannot be opened"),
        (["--port", "sim", "--baud", "300"], USAGE, "--baud"),
        (["--port", "sim", "--baud", "1000000"], USAGE, "--baud"),
        (["--port", "sim", "--baud", "fast"], USAGE, "--baud"),
    ],
)
def test_what_doctor_cannot_use_is_told(arguments, code, words):
    done = spwf04("doctor", *arguments)
    assert done.code == code
    assert says(done.err, words) and "Traceback" not in done.err
