"""Configuration, status, and the levels of the console."""

import pytest

from spwf04_sim import EchoPeer, World, firmware_image
from spwf04_sim.commands.manual import NAMES
from spwf04_sim.parts.variables import DEFAULTS
from tests.sim.console import OLD, ask, booted, error, joined, said, value


# configuration -------------------------------------------------------------------------------
def test_gcfg_lists_every_variable_in_the_order_of_its_web_page():
    lines = ask(booted(), "AT+S.GCFG", 0.5).strip().split("\r\n")
    names = [line.removeprefix("AT-S.Var:").split("=")[0] for line in lines[:-1]]
    assert len(names) == 102  # 101, and ip_use_v6
    assert names == list(DEFAULTS)
    assert lines[-1] == "AT-S.OK"


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("wifi_operational_mode", "11", "0x00000011"),
        ("wifi_operational_mode", "12", "0x00000012"),
        ("wifi_opr_rate_mask", "0x003FFFCF", "0x003FFFCF"),
        ("console_wind_off_high", "0x100000", "0x00100000"),
        ("console_wind_off_low", "ffffffff", "0xFFFFFFFF"),
        ("console_delimiter", ";", "0x3B"),
        ("console_repeater", "0x40", "0x40"),
        ("wifi_mode", "03", "3"),
        ("wifi_rssi_thresh", "-70", "-70"),
        ("ip_ipaddr", "10.0.0.7", "10.0.0.7"),
        ("wifi_wep_key_lens", "05", "05"),
        ("ip_hostname", "Door-1", "Door-1"),
        ("ip_macfilter", "whatever", "whatever"),
    ],
)
def test_a_value_is_shown_in_the_modules_own_form(name, text, shown):
    module = booted()
    assert error(module, f"AT+S.SCFG={name},{text}") == 0
    assert module.variables[name] == shown


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("SCFG=wifi_mode,4", 7),
        ("SCFG=wifi_mode,-1", 7),
        ("SCFG=wifi_mode,x", 7),
        ("SCFG=wifi_mode,", 7),
        ("SCFG=console_verbose,3", 7),
        ("SCFG=standby_time,0", 33),
        ("SCFG=console_wind_off_low,0x1FFFFFFFF", 7),
        ("SCFG=wifi_bas_rate_mask,0xZZ", 7),
        ("SCFG=ip_gw,192.168.0.300", 7),
        ("SCFG=ip_dns1,dns.example", 7),
        ("SCFG=wifi_ssid," + "x" * 33, 32),
        ("SCFG=wifi_wpa_psk_text," + "x" * 65, 32),
        ("SCFG=wifi_wps_pin,1234567", 39),
        ("SCFG=nv_serial,1", 7),
        ("SCFG=wifi_reg_country,1", 4),
        ("SCFG=wifi_eap_skip_datechecks,1", 4),
        ("SCFG=ip_http_get_recv_timeout,1", 4),
        ("SCFG=a,b,c", 6),
        ("GCFG=wifi_state", 4),
        ("STS=wifi_mode", 4),
        ("STS=a,b", 6),
    ],
)
def test_what_a_variable_does_not_take_is_refused(line, number):
    module = booted()
    before = dict(module.variables)
    assert error(module, "AT+S." + line) == number
    assert module.variables == before


def test_a_text_instead_of_a_number_is_33_in_another_reading():
    assert error(booted(scfg_no_number=33), "AT+S.SCFG=wifi_mode,x") == 33


def test_the_first_firmware_has_no_ramdisk_memsize():
    module = booted(firmware=OLD)
    assert error(module, "AT+S.GCFG=ramdisk_memsize") == 4
    assert error(module, "AT+S.SCFG=ramdisk_memsize,8") == 4
    assert "ramdisk" not in ask(module, "AT+S.GCFG", 0.5)
    assert "ramdisk_memsize=16" in ask(booted(), "AT+S.GCFG", 0.5)


def test_an_update_from_the_first_firmware_updates_the_configuration():
    module = booted(firmware=OLD)
    module.flash.image = firmware_image("171117-0328fe3")
    module.receive(b"AT+S.RESET\r")
    text = said(module, 2)
    assert text.index("+WIND:1:Poweron:171117") < text.index("+WIND:73:") < text.index("+WIND:0:")
    assert value(module, "ramdisk_memsize") == "16"
    module.restart()
    assert "+WIND:73:" not in said(module, 2)
    again = booted()
    again.flash.image = firmware_image("180101-1234567")
    again.restart()
    assert "+WIND:73:" not in said(again, 2)


# status --------------------------------------------------------------------------------------
STATUS = """
build fw_version boot_version var_version free_heap min_heap system_time system_uptime
system_sleeptime reset_reason startup random_number gpio_enable user_fs extvol_fs ram_fs
nv_power_cycles nv_wdog_resets nv_reset_cycles
wifi_state wifi_own_macaddr wifi_bssid wifi_aid wifi_channelnum wifi_sup_rate_mask
wifi_bas_rate_mask wifi_chan_activity wifi_max_tx_power wifi_gf_mode wifi_reg_country
wifi_dtim_period wifi_num_assoc
ip_from_AutoIP ip_ipaddr ip_netmask ip_gw ip_dns1 ip_dns2 ip_linklocal ip_local ip_dns1v6
ip_dns2v6
""".split()


def test_sts_lists_every_status_variable():
    lines = ask(booted(), "AT+S.STS").strip().split("\r\n")
    assert [line.removeprefix("AT-S.Var:").split("=")[0] for line in lines[:-1]] == STATUS
    assert len(STATUS) == 42  # 41, and ram_fs


def test_the_status_tells_of_the_network():
    module = joined()
    point = module.world.access_points[0]
    assert value(module, "wifi_state", "STS") == "10"
    assert value(module, "wifi_bssid", "STS") == point.bssid
    assert value(module, "wifi_channelnum", "STS") == "11"
    assert value(module, "ip_ipaddr", "STS") == "192.168.1.23"
    assert value(module, "ip_dns1", "STS") == point.dns
    assert value(module, "ip_linklocal", "STS") == "fe80:0:0:0:280:e1ff:febd:39"
    ask(module, "AT+S.WIFI=0")
    assert value(module, "wifi_bssid", "STS") == "00:00:00:00:00:00"
    assert value(module, "ip_ipaddr", "STS") == "0.0.0.0"


def test_uptime_and_clock_go_on():
    module = booted()
    ask(module, "AT+S.TIME=1453727657")
    before = int(value(module, "system_uptime", "STS"))
    said(module, 60)
    assert int(value(module, "system_uptime", "STS")) - before == 60
    assert int(value(module, "system_time", "STS")) - 1453727657 == 60
    module.restart()
    said(module)
    assert int(value(module, "system_uptime", "STS")) < 2


def test_counts_of_starts_survive():
    module = booted()

    def counts():
        names = ("nv_power_cycles", "nv_wdog_resets", "nv_reset_cycles", "reset_reason")
        return [int(value(module, name, "STS")) for name in names]

    assert counts() == [1, 0, 0, 0]
    module.restart("watchdog")
    said(module)
    assert counts() == [1, 1, 1, 1]
    ask(module, "AT+S.RESET", 0.5)
    assert counts() == [1, 1, 2, 3]
    module.power_off()
    module.power_on()
    said(module)
    assert counts() == [2, 1, 2, 0]


def test_free_memory_falls_with_sockets_and_files_and_min_heap_remembers():
    world = World()
    world.route("echo.example", 7, EchoPeer)
    module = joined(world=world)

    def free(name="free_heap"):
        return int(value(module, name, "STS"))

    whole = free()
    assert "AT-S.On:" in ask(module, "AT+S.SOCKON=echo.example,7,,t")
    with_socket = free()
    assert with_socket < whole
    module.receive(b"AT+S.FSC=x,1000\r" + bytes(1000))
    said(module)
    assert free() < with_socket
    assert free("min_heap") == free()
    least = free()
    ask(module, "AT+S.FSD=x")
    ask(module, "AT+S.SOCKC=0")
    assert free() == whole
    assert free("min_heap") == least
    module.restart()
    said(module)
    assert free("min_heap") == whole


# the levels of the console -------------------------------------------------------------------
def test_console_verbose_2_shows_heap_and_state_behind_ok():
    module = booted()
    assert ask(module, "AT") == "AT-S.OK\r\n"
    ask(module, "AT+S.SCFG=console_verbose,2")
    assert ask(module, "AT") == "AT-S.OK:20123:3\r\n"
    for suffix in (":", ":heap", ":heap:state"):
        again = booted({"console_verbose": "2"}, ok_suffix=suffix)
        assert ask(again, "AT") == "AT-S.OK:20123:3\r\n"


@pytest.mark.parametrize(
    ("reading", "line"),
    [("keyword", "AT-S.console_echo=0\r\n"), ("prefix", "console_echo=0\r\n"), ("line", "")],
)
def test_console_verbose_0_strips_keywords(reading, line):
    module = booted({"console_verbose": "0"}, verbose_0=reading, ok_suffix=":heap:state")
    assert ask(module, "AT+S.GCFG=console_echo") == line + "AT-S.OK\r\n"
    assert ask(module, "AT+S.GCFG=nonsense") == "AT-S.ERROR:4:Variable not found\r\n"


def test_console_errs_says_how_much_of_an_error_is_shown():
    shown = [
        ask(booted({"console_errs": level}, errs_1=reading), "AT+S.SOCKQ=0")
        for level, reading in (("2", "text"), ("1", "number"), ("1", "text"), ("0", "text"))
    ]
    assert shown == [
        "AT-S.ERROR:76:Illegal Socket ID\r\n",
        "AT-S.ERROR:76\r\n",
        "AT-S.ERROR:Illegal Socket ID\r\n",
        "AT-S.ERROR\r\n",
    ]


@pytest.mark.parametrize(
    ("level", "reading", "line"),
    [
        ("2", "number/none", "+WIND:38:WiFi Powered Down\r\n"),
        ("1", "number/none", "+WIND:38\r\n"),
        ("0", "number/none", ""),
        ("1", "text/number", "+WIND:38:WiFi Powered Down\r\n"),
        ("0", "text/number", "+WIND:38\r\n"),
    ],
)
def test_console_winds_says_how_much_of_an_indication_is_shown(level, reading, line):
    module = booted({"console_winds": level}, winds_levels=reading)
    assert ask(module, "AT+S.WIFI=0") == "AT-S.OK\r\n" + line


def test_the_values_of_an_indication_are_not_part_of_its_text():
    module = booted({"console_winds": "1"}, winds_levels="text/number")
    module.wind(55, "Pending Data::0:31:31")
    assert said(module).endswith("+WIND:55:Pending Data\r\n")


def test_an_exclamation_mark_repeats_the_last_command():
    module = booted()
    assert "console_echo=0" in ask(module, "AT+S.GCFG=console_echo")
    assert "console_echo=0" in ask(module, "!")
    assert "console_echo=0" in ask(module, "!")
    ask(module, "AT+S.SCFG=console_repeater,0x40")
    assert "AT-S.ERROR:1:" in ask(module, "!")
    assert ask(module, "@") == "AT-S.ERROR:1:Command not found\r\n"  # "!" was the last one


def test_the_repeater_needs_no_cr_in_another_reading():
    module = booted(repeater="at once")
    ask(module, "AT+S.GCFG=console_echo")
    module.receive(b"!")
    assert "console_echo=0" in said(module)
    assert "a!b" in ask(module, "AT+S.SSIDTXT=a!b") + ask(module, "AT+S.SSIDTXT")


def test_the_repeater_does_nothing_at_the_first_line_or_in_a_third_reading():
    assert "AT-S.ERROR:1:" in ask(booted(), "!")
    module = booted(repeater="never")
    ask(module, "AT")
    assert "AT-S.ERROR:1:" in ask(module, "!")


def test_the_short_forms_do_what_the_long_ones_do():
    module = booted()
    ask(module, "AT+S.SCFG=ip_hostname,door")
    ask(module, "at&w")
    assert module.flash.saved["ip_hostname"] == "door"
    assert "ip_hostname=door" in ask(module, "AT&V", 0.5)
    ask(module, "AT&F")
    assert module.variables["ip_hostname"] != "door"


@pytest.mark.parametrize("console", ["0", "3"])
def test_a_console_that_is_not_on_the_uart_is_silent_there(console):
    module = booted()
    ask(module, f"AT+S.SCFG=console_enabled,{console}")
    assert ask(module, "AT") == "AT-S.OK\r\n"
    ask(module, "AT+S.WCFG")
    module.restart()
    assert said(module) == ""
    assert ask(module, "AT") == ""
    module.pins.drive(0, 1)
    said(module)
    module.restart()
    assert "+WIND:65:Factory Reset:0" in said(module)


# help ----------------------------------------------------------------------------------------
def test_help_lists_every_command():
    lines = ask(booted(), "AT+S.HELP", 0.5).strip().split("\r\n")[:-1]
    found = [line.removeprefix("AT-S.Command:").removeprefix("AT+S.") for line in lines]
    assert [line.split(" ")[0].split("=")[0].rstrip("[") for line in found] == list(NAMES)


def test_help_tells_of_one_command():
    assert ask(booted(), "AT+S.HELP=pms") == (
        "AT-S.Command:AT+S.PMS=<0|1|2|3> -- Enable active/powersave/stop/standby power modes\r\n"
        "AT-S.OK\r\n"
    )
    assert error(booted(), "AT+S.HELP=nonsense") == 1
    assert error(booted(firmware=OLD), "AT+S.HELP=FSM") == 1
    assert "PWM=<frequency>" in ask(booted(firmware=OLD), "AT+S.HELP=PWM")
    assert "PWM=<id>,<frequency>" in ask(booted(), "AT+S.HELP=PWM")


# the first firmware --------------------------------------------------------------------------
def test_the_first_firmware_has_no_fsm():
    assert error(booted(firmware=OLD), "AT+S.FSM=2") == 1
    assert error(booted(), "AT+S.FSM=2") == 0


def test_the_first_firmware_loses_memory_with_each_fsp_until_it_has_none():
    module = booted(firmware=OLD)
    module.receive(b"AT+S.FSC=x,3\rabc")
    said(module)
    before = int(value(module, "free_heap", "STS"))
    assert error(module, "AT+S.FSP=x") == 0
    assert int(value(module, "free_heap", "STS")) < before
    answers = [error(module, "AT+S.FSP=x") for _ in range(60)]
    assert 0 < answers.index(91) and set(answers[answers.index(91) :]) == {91}
    module.restart()
    said(module)
    assert int(value(module, "free_heap", "STS")) > before - 10
    newer = booted()
    newer.receive(b"AT+S.FSC=x,3\rabc")
    said(newer)
    assert {error(newer, "AT+S.FSP=x") for _ in range(60)} == {0}
