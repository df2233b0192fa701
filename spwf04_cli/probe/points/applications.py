"""Applications: the open points, their readings, and what a person types to find out."""

from . import Point

TITLE = "Applications"

POINTS = [
    Point(
        "http_version",
        {
            "1.1": "a request says HTTP/1.1",
            "1.0": "1.0",
        },
        "`AT+S.HTTPGET=<host>,/,80,0,,,,` to a server that shows what it gets",
    ),
    Point(
        "http_end",
        {
            "length": "`Content-Length` ends a body, else the server's close or silence",
            "close": "only those two, and the request has `Connection: close`",
        },
        "a page with its length from a server that keeps the connection; how long until OK?",
    ),
    Point(
        "http_timeout",
        {
            10: "10 s",
            3: "3 s of silence end a page",
        },
        "a server that sends half a page and waits",
    ),
    Point(
        "http_cut",
        {
            "error": "error 111 behind a body that is shorter than its `Content-Length`",
            "ok": "OK",
        },
        "a server that closes in the middle",
    ),
    Point(
        "http_refused",
        {
            "ok": "OK",
            "error": "error 111 after a status of 400 and above",
        },
        "`AT+S.HTTPGET=<host>,/nothing,80,0,,,,`",
    ),
    Point(
        "http_content_type",
        {
            "form": "`application/x-www-form-urlencoded`",
            "name": "by the file's name",
            "none": "none, in an HTTPPOST",
        },
        "post a file to a server that shows what it gets",
    ),
    Point(
        "http_answer_file",
        {
            "replaced": "the file in field 7 is replaced",
            "appended": "appended to, as FSC does",
        },
        "the same HTTPGET twice with a file, `AT+S.FSL`",
    ),
    Point(
        "http_file_holds",
        {
            "body": "body only",
            "answer": "head and body in that file",
        },
        "`AT+S.FSP` of it",
    ),
    Point(
        "client_file_full",
        {
            50: "error 50",
            111: "111, with as much in the file as fits",
        },
        "HTTPGET or TFTPGET of 20 KB into a file of the RAM disk",
    ),
    Point(
        "websocket_error",
        {
            74: "74",
            111: "111 if a server refuses a WebSocket, or a broker MQTT",
        },
        "`AT+S.WSOCKON=<a web server>,80,,0,,,,,`; MQTTCONN with a wrong password",
    ),
    Point(
        "websocket_last",
        {
            "0": "the last piece of a message has 0, which ST always sends",
            "1": "1, in the second and third field of WSOCKW",
        },
        "`AT+S.WSOCKW=0,0,0,0,3` CR and 3 bytes, twice, to a server that shows "
        "frames: has the second the FIN bit?",
    ),
    Point(
        "websocket_pending",
        {
            "refused": "error 77 as SOCKC",
            "closed": "closed, in WSOCKC with unread data",
        },
        "let a server send, `AT+S.WSOCKC=0,0`",
    ),
    Point(
        "websocket_gone",
        {
            "kept": "the id stays taken until WSOCKC or MQTTDISC, and data can be read",
            "freed": "all is gone with WIND 89 or 87",
        },
        "let a server send and close, `AT+S.WSOCKQ=0`",
    ),
    Point(
        "websocket_reason",
        {
            False: "no field",
            True: "a reason after the id in WIND 87 and 89",
        },
        "`AT+S.WSOCKON=<server>,80,,0,,,,,`, have the server close: how many fields has WIND 89?",
    ),
    Point(
        "mqtt_path",
        {
            "/mqtt": "`/mqtt`",
            "/": "`/` if MQTTCONN has no path",
        },
        "`AT+S.MQTTCONN=<host>,8080,,,,,,,,,,`",
    ),
    Point(
        "mqtt_id",
        {
            "pool": "one numbering for WebSocket and MQTT",
            "own": "each its own",
        },
        "WSOCKON, then MQTTCONN",
    ),
    Point(
        "mqtt_fields",
        {
            "dup,qos,retained": "dup, QoS, retained",
            "qos,retained,dup": "QoS, retained, dup",
            "retained,qos,dup": "retained, QoS, dup in WIND 86",
        },
        "`AT+S.MQTTSUB=0,x,2`, publish on `x` from a PC with QoS 2 (`mosquitto_pub -t"
        " x -m a -q 2`), and retained (`-r`): which fields of WIND 86 change?",
    ),
    Point(
        "mqtt_piece",
        {
            512: "512",
            128: "128 bytes of a message at most in one WIND 86",
        },
        "`AT+S.MQTTSUB=0,x,0`, publish 2000 bytes on `x` from a PC: how many WIND 86,"
        " with which lengths?",
    ),
    Point(
        "mqtt_keepalive",
        {
            "s": "seconds",
            "ms": "ms in MQTTCONN's eighth field",
        },
        "`AT+S.MQTTCONN=<PC>,8080,,,,,,60,,,,`: the two bytes after the flags in the "
        "CONNECT packet (Wireshark) are 0, 60 with seconds",
    ),
    Point(
        "mqtt_retry",
        {
            "nothing": "nothing",
            "attempts": (
                "so many further attempts, a second apart, if MQTTCONN's broker is not reached"
            ),
        },
        "MQTTCONN with 3 in the ninth field to a port that nobody listens on; how "
        "long until the error?",
    ),
    Point(
        "mqtt_ok",
        {
            "acknowledged": "MQTTPUB with QoS 1 or 2 is OK when acknowledged",
            "at once": "when sent",
        },
        "connect, stop the broker by Ctrl-Z, `AT+S.MQTTPUB=0,x,1,0,1` CR and a byte: "
        "is there an OK?",
    ),
    Point(
        "tftp_get",
        {
            "file": "TFTPGET writes a file",
            "printed": "prints it",
        },
        "`AT+S.TFTPGET=<host>,69,<file>,`, then `AT+S.FSL`",
    ),
    Point(
        "smtp_auth",
        {
            "LOGIN": "AUTH LOGIN",
            "PLAIN": "PLAIN",
        },
        "`AT+S.SMTP` (arguments: `AT+S.HELP=SMTP`) with user and password to `nc -l "
        "25`, and the answers typed: which AUTH comes?",
    ),
    Point(
        "smtp_dots",
        {
            "doubled": "a dot at the beginning of a mail's line is sent twice",
            "as they are": "as it is, so that a line of one dot ends the mail",
        },
        "the same, with a body of a line that begins with a dot",
    ),
    Point(
        "python_output",
        {
            "before OK": "what a script prints comes before the OK of PYTHON",
            "after OK": "behind it, while the script runs",
            "nowhere": "not at all",
        },
        "`AT+S.FSC=2:/probe.py,12` CR `print('abc')`, then `AT+S.PYTHON=2:/probe.py`",
    ),
]
