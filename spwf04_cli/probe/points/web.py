"""Its own servers: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Its own servers"

POINTS = [
    Point(
        "web_port",
        {
            "refused": (
                "`AT+S.SOCKDON=80,t` gets error 73 while the module's own web server runs"
            ),
            "taken": "takes its port",
        },
        "join with `ip_use_httpd` 1, `AT+S.SOCKDON=80,t`; the same with port 69, `u` "
        "and `ip_use_tftpd`",
    ),
    Point(
        "served_file",
        {
            "stuck": (
                "a file that is deleted while the web server reads it stays, and the "
                "module restarts"
            ),
            "busy": "error 56 until it has been read",
        },
        "load a page again and again, and `AT+S.FSD`, `AT+S.FSC` it meanwhile",
    ),
    Point(
        "key_lasts",
        {
            "boot": "a web page's right Key is valid until a restart",
            "request": "for that request",
        },
        "post `Key`, then `Ssid` alone: is there a second WIND 64?",
    ),
    Point(
        "upload_key",
        {
            "no": "a file can be uploaded to the web server without Key",
            "yes": "with it only",
        },
        "post a file from a browser, `AT+S.FSL`",
    ),
    Point(
        "ssi_limit",
        {
            "taken": "more than 127 bytes for `INPUTSSI` are taken",
            "refused": "error 32",
        },
        "`AT+S.INPUTSSI=200` and 200 bytes after WIND 56",
    ),
    Point(
        "ssi_unasked",
        {
            "error": "`INPUTSSI` that no page has asked for: an error",
            "kept": "it is kept",
        },
        "`AT+S.INPUTSSI=3` and three bytes",
    ),
    Point(
        "fs_update",
        {
            "at once": "the files of `FSUPDATE` are there at once",
            "restart": "after a restart",
        },
        "`AT+S.FSUPDATE=i,<host>,/<path>,,,,`, `AT+S.FSL`, a restart, `AT+S.FSL`",
    ),
    Point(
        "update_disk",
        {
            "yes": "FWUPDATE and FSUPDATE take `i`",
            "no": "`e` only",
        },
        "the same",
    ),
]
