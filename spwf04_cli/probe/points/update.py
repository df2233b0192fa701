"""Ping, firmware update: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Ping, firmware update"

POINTS = [
    Point(
        "ping_result",
        {
            "words": "words",
            "time": "a time",
            "OK": (
                "`OK`, after the first colon. ST's middleware takes any line with OK "
                "in it for the last one"
            ),
        },
        "`AT+S.PING=1,56,<host>`, for a host that answers. **The driver knows `OK` "
        "and plain words; it returns other words as they are**",
    ),
    Point(
        "ping_failure",
        {
            "words": "words",
            "error": "an error",
        },
        "the same, for an address that nobody has",
    ),
    Point(
        "update_lines",
        {
            "none": "nothing before OK",
            "lines": "lines of the HTTP client",
            "wind17": "WIND 17",
            "percent": "lines with a percentage",
        },
        "`AT+S.FWUPDATE=e,<host>,/<path>,80,0,,`",
    ),
    Point(
        "update_ok",
        {
            "after": "OK after the download",
            "before": "at once",
        },
        "the same: is the server still sending when OK comes? **The driver then asks whether the "
        "HTTP client is busy (81), and waits for a minute of silence after an early OK**",
    ),
    Point(
        "update_boots",
        {
            "one": "the new firmware boots",
            "two": "the old one boots first",
        },
        "then `AT+S.RESET`: which builds do the WIND 1 name?",
    ),
    Point(
        "update_settings",
        {
            "kept": "kept",
            "factory": "back to the factory's",
        },
        "`AT+S.GCFG` before and after",
    ),
]
