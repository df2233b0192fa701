"""The tables of commands, variables, indications and errors, against the simulated module's."""

import re

import pytest

import spwf04_sim.apps  # noqa: F401  (registers its commands)
from spwf04_cli.reference import (
    COMMANDS,
    INDICATIONS,
    VARIABLES,
    advice,
    explain,
    indication,
    parse,
    reply,
    variable,
)
from spwf04_cli.reference.indications import RESERVED
from spwf04_cli.reference.masking import keeps_secret, shown
from spwf04_cli.reference.variables import described
from spwf04_sim.commands import COMMANDS as SIMULATED
from spwf04_sim.parts.tables import ERRORS
from spwf04_sim.parts.variables import DEFAULTS, SECRET


@pytest.mark.parametrize("name", SIMULATED)
def test_each_command_of_the_simulated_module_is_described_as_it_is(name):
    simulated = SIMULATED[name]
    command = COMMANDS[name]
    assert command.data == simulated.data
    needed = [n for n in (command.arguments or "").split(",") if n and not n.startswith("[")]
    assert len(command.names) >= simulated.most
    assert len(needed) >= simulated.least


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_taken_apart_and_explained(name):
    line = ("AT" if name == "AT" else "AT+S." + name) + (
        "=" + ",".join("7" for _ in COMMANDS[name].names) if COMMANDS[name].names else ""
    )
    found = parse(line.lower())
    assert found.name == name
    assert explain(found)
    if COMMANDS[name].data is not None:
        assert found.data == 7


def test_no_line_of_the_module_is_a_command():
    for line in ("AT-S.OK", "+WIND:0:Console active", "ATE0", "AT+S.FCFG, AT+S.WCFG", ""):
        assert parse(line) is None


def test_the_short_forms_are_known():
    assert [parse(f"at&{c}").name for c in "vwf"] == ["GCFG", "WCFG", "FCFG"]


def test_the_list_of_variables_is_the_simulated_modules():
    assert list(VARIABLES) == list(DEFAULTS)
    for name in VARIABLES:
        assert described(name)


def test_values_of_variables_are_explained():
    assert variable("wifi_priv_mode", "2") == "encryption: WPA and WPA2"
    assert variable("wifi_priv_mode", "9") == "encryption"
    assert variable("nonsense") == ""


def test_every_indication_up_to_90_is_explained_or_reserved():
    assert sorted([*INDICATIONS, *RESERVED]) == list(range(91))
    assert indication(99) == ("a number that no source explains", "")


@pytest.mark.parametrize(
    ("number", "text", "words"),
    [
        (55, "Pending Data::0:31:31", "socket 0 has 31 bytes"),
        (55, "Pending Data:1:2:5:9", "client 2 of server 1 has 9 bytes"),
        (55, "Pending Data", "data wait"),
        (58, "Socket Closed:3:0", "socket 3"),
        (61, "Incoming Socket Client:192.168.0.2:64168:0:1", "client 1 of server 0"),
        (65, "Factory Reset:1", "damaged"),
        (24, "WiFi Up::fe80:0", "IPv6"),
        (7, "Configuration Failure:10", "a pin asks"),
    ],
)
def test_fields_of_an_indication_are_in_its_explanation(number, text, words):
    assert words in indication(number, text.split(":")[1:])[0]


@pytest.mark.parametrize("number", ERRORS)
def test_every_error_has_its_advice(number):
    assert advice(number)
    assert "please report" not in advice(number)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("AT+S.SOCKON=h,443,,s", "not checked"),
        ("AT+S.SOCKON=h,443,,h", "TLS, for the name h"),
        ("AT+S.SOCKON=h,53,5353,u", "from local port 5353: UDP"),
        ("AT+S.TLSCERT=content,2", "empties"),
        ("AT+S.TLSCERT=content,1", "asks what is in"),
        ("AT+S.TLSCERT=Ca,900", "a CA certificate into its flash slot, 900 bytes"),
        ("AT+S.FSC=/ab.CA,900", "found by this name"),
        ("AT+S.TIME=1453727657", "2016-01-25 13:14:17"),
        ("AT+S.SCFG=wifi_mode,3", "an access point"),
        ("AT+S.HTTPGET=h,,443,2,,,,", "h/, port 443, TLS"),
        ("AT+S.HTTPPOST=h,,80,,,,down,up", "answer into the file down, body from the file up"),
        ("AT+S.SMTP=h,25,,,,,me@a,you@b,,,Hi,log,9", "attachment log, 9 bytes"),
        ("AT+S.SOCKR=0,", "reads all"),
        ("AT+S.SOCKR=0,100", "at most 100"),
        ("AT+S.PMS=2", "power mode: sleep"),
        ("AT+S.GPIOC=4,in,b", "makes GPIO4 an input; it tells of rising and falling edges"),
        ("AT+S.GPIOC=4,out", "makes GPIO4 an output"),
        ("AT+S.GPIOW=4,1", "sets GPIO4 high"),
        ("AT+S.DAC=1500", "to 1500 mV"),
        ("AT+S.DAC=0", "off"),
        ("AT+S.PWM=2,1000,50", "id 2, frequency 1000, duty cycle 50"),
        ("AT+S.SCFG=console_verbose,2", "free memory and state behind OK"),
    ],
)
def test_what_a_command_does_is_told_in_words(line, words):
    assert words in explain(parse(line))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("AT-S.On:1.2.3.4:5", "socket 5, at 1.2.3.4"),
        ("AT-S.Query:31", "31 bytes wait"),
        ("AT-S.Query:1", "1 byte waits"),
        ("AT-S.Reading:1:1", "1 byte follows"),
        ("AT-S.Certificate Error:23", "no CA"),
        ("AT-S.Var:wifi_mode=1", "a station"),
        ("AT-S.Loading:3:2", "private key"),
        ("AT-S.Skip CA", "not an error"),
        ("AT-S.GPIO:4:1:0", "GPIO4 is high, an input"),
        ("AT-S.GPIO:4", ""),
        ("AT-S.ADC:1234", "1234 mV"),
        ("AT-S.Heap:20123:18000", "free memory"),
        ("AT-S.Var:min_heap=18000", "least"),
    ],
)
def test_what_a_reply_says_is_told_in_words(line, words):
    assert words in reply(line)


def test_what_an_id_belongs_to_is_told():
    assert reply("AT-S.On:1", "MQTTCONN") == "connection 1"
    assert reply("AT-S.On:1", "WSOCKON") == "socket 1"


SECRETS = [f"AT+S.SCFG={name},hunter2" for name in SECRET]
SECRETS += [f"AT-S.Var:{name}=hunter2" for name in SECRET]
SECRETS += [
    "AT+S.SCFG|wifi_wpa_psk_text|hunter2",
    "at+s.scfg=WIFI_WPA_PSK_TEXT,hunter2",
    "AT+S.HTTPGET=h,/,443,2,me,hunter2,,",
    "AT+S.HTTPGET=h,/?key=hunter2,443,2,,,,",
    "AT+S.HTTPPOST=h|/|443|2|me|hunter2",
    "AT+S.MQTTCONN=h,8883,,2,me,hunter2,,,,,,",
    "AT+S.WSOCKON=h,443,/,2,me,hunter2,,,",
    "AT+S.SMTP=h,25,0,me,hunter2,,,,,,,5",
    "AT+S.FWUPDATE=e,h,/f,80,0,me,hunter2",
    "AT+S.WPS=hunter2",
    "HTTPGET=h,/,80,0,me,hunter2,,",
    "the password is hunter2",
]


@pytest.mark.parametrize("line", SECRETS)
def test_no_secret_is_shown(line):
    assert "hunter2" not in shown(line)
    assert "hunter2" not in shown(line.encode())
    found = parse(shown(line))
    assert found is None or "hunter2" not in explain(found)


def test_a_line_without_a_secret_is_shown_as_it_is():
    for line in ("AT+S.HTTPGET=www.google.com,,443,1,,,,", "AT+S.SOCKW=0,18", "+WIND:25:x:Café"):
        assert shown(line) == line
    assert shown("+WIND:25:\x1b[2J") == "+WIND:25:\\x1b[2J"


def test_payloads_that_are_keys_are_known():
    assert keeps_secret(parse("AT+S.TLSCERT=key,900"))
    assert keeps_secret(parse("AT+S.FSC=tls.key,900"))
    assert not keeps_secret(parse("AT+S.SOCKW=0,5"))


def test_every_code_that_parse_finds_in_a_line_is_a_number():
    assert parse("AT+S.SOCKW=0,x").data == 0
    assert parse("AT+S.SOCKW=0").data == 0
    assert re.fullmatch(r"\d+", str(parse("AT+S.SOCKW=0,5").data))
