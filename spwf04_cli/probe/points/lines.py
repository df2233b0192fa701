"""Lines and replies: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Lines and replies"

POINTS = [
    Point(
        "reset_ok",
        {
            False: "no OK after `AT+S.RESET`",
            True: "an OK",
        },
        "`AT+S.RESET`; is there an `AT-S.OK` before the boot text?",
    ),
    Point(
        "reset_wind2",
        {
            False: "no WIND 2",
            True: "WIND 2",
        },
        "the same: is there a `+WIND:2:`?",
    ),
    Point(
        "ok_suffix",
        {
            "": "`AT-S.OK`",
            ":": "`:`",
            ":heap": "`:heap`",
            ":heap:state": "`:heap:state`",
        },
        "`AT+S.SCFG=console_verbose,0`, then 1, then 2, an `AT` after each",
    ),
    Point(
        "error_text",
        {
            "full": "number and text",
            "empty": "no text",
            "number": "no text and no colon",
        },
        "`AT+S.SCFG=console_errs,0`, then 1, 2, a wrong command after each",
    ),
    Point(
        "speed_applies",
        {
            "restart": "`console_speed` takes effect at a restart",
            "at once": "at once",
        },
        "`AT+S.SCFG=console_speed,9600`: at which rate does an `AT` get an answer?",
    ),
    Point(
        "empty_line",
        {
            "silent": "nothing",
            "ok": "OK",
            "error": "error 1",
        },
        "a lone CR",
    ),
    Point(
        "winds",
        {
            "free": "free between lines",
            "held": "held until the command ends",
            "everywhere": "everywhere",
        },
        "`AT+S.SCAN=s,` while another host sends data to an open socket: where does "
        "`+WIND:55` come?",
    ),
    Point(
        "nul_bytes",
        {
            False: "none",
            True: "at line starts, but none between a payload and the OK behind it",
        },
        "log the UART over a wake-up from standby. **The driver takes a NUL right "
        "behind a payload for one byte of it too many, and ends the socket**",
    ),
    Point(
        "boot_order",
        {
            "0,3": "WIND 0 then 3",
            "3,0": "3 then 0",
        },
        "look at a boot",
    ),
    Point(
        "factory_wind73",
        {
            False: "no WIND 73 after WIND 65",
            True: "WIND 73",
        },
        "GPIO0 high at power-on, look at the boot",
    ),
    Point(
        "wifi_state_saved",
        {
            True: "`WIFI=0` is saved by WCFG",
            False: "is not",
        },
        "`AT+S.WIFI=0`, `AT+S.WCFG`, reset: is there a WIND 32?",
    ),
    Point(
        "wind24_v6",
        {
            True: "two WIND 24",
            False: "one",
        },
        "join a network",
    ),
    Point(
        "wind46_colon",
        {
            False: "no colon at its end",
            True: "a colon",
        },
        "join a WPA2 network, look at WIND 46",
    ),
    Point(
        "refused_payload",
        {
            "console": "a refused SOCKW's data are taken as commands",
            "swallowed": "are swallowed",
        },
        "`AT+S.SOCKW=7,4` CR `AT` CR CR CR with no socket 7 open: is there an OK?",
    ),
]
