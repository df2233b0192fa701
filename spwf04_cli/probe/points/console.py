"""Console, pins, power: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Console, pins, power"

POINTS = [
    Point(
        "verbose_0",
        {
            "keyword": "at `console_verbose` 0 an information line loses its keyword",
            "prefix": "`AT-S.` too",
            "line": "is not sent",
        },
        "`AT+S.SCFG=console_verbose,0`, then `AT+S.GCFG=console_echo`, "
        "`AT+S.STS=build`, a `SOCKON`. **The driver sets 1 as soon as it finds the "
        "module**",
    ),
    Point(
        "errs_1",
        {
            "number": "at `console_errs` 1 an error has its number",
            "text": "its text",
        },
        "`AT+S.SCFG=console_errs,1`, then `AT+S.SOCKQ=0`. **The driver sets 2 as soon"
        " as it finds the module**",
    ),
    Point(
        "winds_levels",
        {
            "number/none": "at `console_winds` 1 and 0: the number alone, and nothing",
            "text/number": "number and text without values, and the number alone",
        },
        "`AT+S.SCFG=console_winds,1`, join; the same with 0. **The driver sets 2 as "
        "soon as it finds the module**",
    ),
    Point(
        "repeater",
        {
            "line": "the last command comes again after `!` and CR",
            "at once": "at once, when `!` begins a line",
            "never": "never",
        },
        "`AT+S.STS=build`, then `!`, then CR",
    ),
    Point(
        "scfg_no_number",
        {
            7: "7",
            33: "33",
        },
        "`AT+S.SCFG=wifi_mode,x`",
    ),
    Point(
        "pms_ok",
        {
            "none": "no OK, only the indication (ST's middleware waits for none)",
            "before": "OK, then the indication",
            "after": "the indication, then OK",
        },
        "`AT+S.PMS=1`",
    ),
    Point(
        "pms_disabled",
        {
            "refused": "refused",
            "obeyed": "obeyed",
            "ignored": "OK, and nothing happens",
        },
        "`AT+S.PMS=3` with the factory's `standby_enabled` 0",
    ),
    Point(
        "wake_nuls",
        {
            "standby": "NULs after WIND 67, standby",
            "always": "before the WINDs of a wake-up from sleep too",
            "never": "none",
        },
        "log the bytes of `AT+S.PMS=3`, and of `PMS=2` with a wake-up by GPIO6",
    ),
    Point(
        "wake_wind",
        {
            53: "WIND 53",
            66: "66 before WIND 70",
        },
        "`sleep_enabled` 1, `AT+S.PMS=2`, GPIO6 low, then high",
    ),
    Point(
        "pwm_ids",
        {
            "2,4": "2 and 4, as the pins",
            "1,2": "1 and 2",
            "0,1": "0 and 1",
        },
        "`AT+S.PWM=0,1000,50` … `=4,1000,50`: which are refused, what is on GPIO2 and GPIO4?",
    ),
]
