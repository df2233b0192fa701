"""Variables, time: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Variables, time"

POINTS = [
    Point(
        "delimiter_format",
        {
            "0x2C": "`0x2C`",
            ",": "`,`",
        },
        "`AT+S.GCFG=console_delimiter`",
    ),
    Point(
        "gcfg_psk",
        {
            "masked": "masked",
            "shown": "shown",
        },
        "`AT+S.GCFG=wifi_wpa_psk_text` after setting it",
    ),
    Point(
        "sts_down_ip",
        {
            "0.0.0.0": "`0.0.0.0`",
            "": "empty, while not joined",
        },
        "`AT+S.WIFI=0`, `AT+S.STS=ip_ipaddr`. **If it shows the static address, "
        "`isconnected()` is wrong until the first indication if the driver starts "
        "while the module runs**",
    ),
    Point(
        "date_separator",
        {
            ".": "`.`",
            "-": "`-`",
            "/": "`/`",
        },
        "`AT+S.TIME`",
    ),
    Point(
        "date_weekday",
        {
            True: "a weekday after the date",
            False: "none",
        },
        "the same",
    ),
    Point(
        "ntp_command",
        {
            True: "exists",
            False: "error 1",
        },
        "`AT+S.NTP` once joined: is there a WIND 84?",
    ),
    Point(
        "boot_clock",
        {
            946684800: "2000-01-01",
            0: "1970-01-01",
            1510876800: "the firmware's date",
        },
        "`AT+S.TIME` after a boot without network",
    ),
    Point(
        "scan_first_index",
        {
            1: "1",
            0: "0",
        },
        "`AT+S.SCAN=s,`",
    ),
]
