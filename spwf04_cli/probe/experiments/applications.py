"""Applications."""

import contextlib
import re
import socket

from .. import brokers, peers, websites
from ..experiment import DISK, SERVER, Untried, experiment

_BODY = b"0123456789" * 5
_FILE = "probe-test.txt"
_OTHER_FILE = "probe-test.xml"
_TOPIC = b"probe"
_MAIL = b"hello\r\n.dot\r\n"
_SCRIPT = "2:/probe.py"
_PRINTS = b"print('abc')"
_FLAGS = 0x0C  # of a message: sent again, QoS 2, not retained


# HTTP --------------------------------------------------------------------------------------------
def _get(bench, port, path, file="", limit_s=60):
    """What is Said to HTTPGET, and how many seconds it took."""
    here = peers.here(bench)
    start = bench.line.now()
    said = bench.line.say(f"HTTPGET={here},{path},{port},0,,,{file},", limit_s=limit_s)
    return said, (bench.line.now() - start) / 1000


@experiment(
    "http_version", "http_end", "http_timeout", "http_cut", "http_refused", needs=(SERVER,)
)
def pages(bench):
    """Get a page, half a page and no page from servers that keep and close the connection."""
    answers = {
        "/kept": (websites.page(_BODY), True),
        "/half": (websites.page(_BODY, length=100), True),
        "/cut": (websites.page(_BODY, length=100), False),
    }
    with websites.website(bench, answers) as (port, heads):
        kept, seconds = _get(bench, port, "/kept")
        _, silence = _get(bench, port, "/half")
        cut, usual = _get(bench, port, "/cut")
        refused, _ = _get(bench, port, "/nothing")
    if not heads or not kept.ok or _BODY not in kept.raw:
        raise Untried(f"HTTPGET: {peers.ending(kept)}")
    version = re.search(r"HTTP/([\d.]+)$", heads[0].partition("\r\n")[0])
    silence -= usual
    timeout = 3 if 2 < silence < 5 else 10 if 7 < silence < 15 else f"{silence:.0f} s"
    end = "length" if seconds < usual + 1.5 else "close"
    found = {
        "http_version": (version and version[1], {"1.1": "1.1", "1.0": "1.0"}),
        "http_timeout": (timeout, {3: 3, 10: 10}),
        "http_refused": (peers.ending(refused), {"ok": "ok", 111: "error"}),
    }
    if end == "length":
        found["http_cut"] = peers.ending(cut), {"ok": "ok", 111: "error"}
    else:
        bench.note("it looks at no length, so no page is too short for it")
    known = {name: peers.fitting(bench, name, *seen) for name, seen in found.items()}
    return peers.told(http_end=end, **known)


@contextlib.contextmanager
def _clean(bench, *files):
    """Without these files before and after."""
    for name in files:
        bench.line.say("FSD=" + name)
    try:
        yield
    finally:
        for name in files:
            bench.line.say("FSD=" + name)


def _size(bench, name):
    """How many bytes a file has; None if the list does not have it."""
    name = re.escape(name.rpartition("/")[2])
    size = bench.done("FSL").value(rf"File:\w\t(\d+)\t/?{name}[\r\n]")
    return None if size is None else int(size)


@experiment("http_content_type", needs=(SERVER, DISK))
def post(bench):
    """Post two files with other kinds of names."""
    types = []
    with _clean(bench, _FILE, _OTHER_FILE), websites.website(bench, {}) as (port, heads):
        here = peers.here(bench)
        for name in (_FILE, _OTHER_FILE):
            bench.done(f"FSC={name},{len(_BODY)}", _BODY)
            bench.line.say(f"HTTPPOST={here},/post,{port},0,,,,{name}", limit_s=60)
            types.append(websites.field(heads[-1], "Content-Type") if heads else "no request")
    if types[0] != types[1]:
        return {"http_content_type": "name"}
    how = {None: "none", "application/x-www-form-urlencoded": "form"}
    return peers.told(
        http_content_type=peers.fitting(bench, "http_content_type", types[0], how),
    )


@experiment("http_answer_file", "http_file_holds", needs=(SERVER, DISK))
def answer_file(bench):
    """Get a page into a file, twice."""
    sizes = []
    answers = {"/": (websites.page(_BODY), False)}
    with _clean(bench, _FILE), websites.website(bench, answers) as (port, _):
        for _ in range(2):
            said, _ = _get(bench, port, "/", _FILE)
            if not said.ok:
                raise Untried(f"HTTPGET into a file: {peers.ending(said)}")
            sizes.append(_size(bench, _FILE) or 0)
        printed = bench.line.say("FSP=" + _FILE)
    holds = "answer" if "HTTP/1" in printed.text else "body" if sizes[0] == len(_BODY) else None
    if holds is None:
        bench.note(f"http_file_holds: {sizes[0]} bytes of a body of {len(_BODY)}")
    how = {sizes[0]: "replaced", 2 * sizes[0]: "appended"}
    return peers.told(
        http_file_holds=holds,
        http_answer_file=peers.fitting(bench, "http_answer_file", sizes[1], how),
    )


@experiment("client_file_full", needs=(SERVER, DISK))
def full(bench):
    """Get a page that is larger than the RAM disk into a file there."""
    size = int(bench.get("ramdisk_memsize")) * 1024 + 4096
    name = "2:/" + _FILE
    answers = {"/": (websites.page(b"0123456789abcdef" * (size // 16)), False)}
    with _clean(bench, name), websites.website(bench, answers) as (port, _):
        said, _ = _get(bench, port, "/", name)
        if not _size(bench, name):
            raise Untried(f"HTTPGET into {name}: {peers.ending(said)}")
    how = {50: 50, 111: 111}
    return peers.told(
        client_file_full=peers.fitting(bench, "client_file_full", peers.ending(said), how),
    )


# WebSocket ---------------------------------------------------------------------------------------
def _open(bench, port, command="WSOCKON", rest=",0,,,,,"):
    """Open a WebSocket, or connect to a broker; return its id."""
    said = bench.line.say(f"{command}={peers.here(bench)},{port},{rest}", limit_s=60)
    number = said.value(r"AT-S\.On:(\d+)")
    if number is None:
        raise Untried(f"{command}: {peers.ending(said)}")
    return number


def _leave(bench, number):
    """Close a WebSocket, whatever waits in it."""
    if bench.line.say(f"WSOCKC={number},0").error == 77:
        bench.line.say(f"WSOCKR={number},0")
        bench.line.say(f"WSOCKC={number},0")


@experiment("websocket_error", needs=(SERVER,))
def not_a_websocket(bench):
    """Open a WebSocket to a web server that refuses it."""
    with websites.website(bench, {}) as (port, _):
        said = bench.line.say(f"WSOCKON={peers.here(bench)},{port},,0,,,,,", limit_s=60)
        number = said.value(r"AT-S\.On:(\d+)")
        if number is not None:
            _leave(bench, number)
    how = {74: 74, 111: 111}
    return peers.told(
        websocket_error=peers.fitting(bench, "websocket_error", peers.ending(said), how),
    )


@experiment("websocket_last", "websocket_pending", needs=(SERVER,))
def frames(bench):
    """Send two pieces with the flags that ST sends, and close with unread data."""
    with brokers.websockets(bench) as (port, arrived):
        number = _open(bench, port)
        peer = arrived()
        ends = []
        for _ in range(2):
            bench.done(f"WSOCKW={number},0,0,0,3", b"abc")
            ends.append(peer.read()[1])
        peer.send(brokers.TEXT, b"0123456789")
        peers.arrived(bench, number, 10, "WSOCKQ")
        closed = bench.line.say(f"WSOCKC={number},0")
        if not closed.ok:
            _leave(bench, number)
    how = {(True, True): "0", (False, False): "1"}
    return peers.told(
        websocket_last=peers.fitting(bench, "websocket_last", tuple(ends), how),
        websocket_pending=peers.fitting(
            bench, "websocket_pending", peers.ending(closed), {77: "refused", "ok": "closed"}
        ),
    )


@experiment("websocket_gone", "websocket_reason", needs=(SERVER,))
def server_closes(bench):
    """Let a server send and close."""
    with brokers.websockets(bench) as (port, arrived):
        number = _open(bench, port)
        peer = arrived()
        peer.send(brokers.TEXT, b"0123456789")
        peers.arrived(bench, number, 10, "WSOCKQ")
        heard = bench.line.hear()
        peer.send(brokers.CLOSE, b"\x03\xe8")
        bench.line.wait_wind(89, 3)
        peer.finish()
        if heard().wind(89) is None:
            bench.line.wait_wind(89, 12)
        asked = bench.line.say(f"WSOCKQ={number}")
        _leave(bench, number)
    text = heard().wind(89)
    if text is None:
        raise Untried("no WIND 89 came")
    how = "kept" if "Query:10" in asked.text else peers.ending(asked)
    return peers.told(
        websocket_reason=text.strip().count(":") > 1,
        websocket_gone=peers.fitting(bench, "websocket_gone", how, {"kept": "kept", 76: "freed"}),
    )


# MQTT --------------------------------------------------------------------------------------------
def _connect(bench, port, keep_alive=""):
    return _open(bench, port, "MQTTCONN", f",,,,,{keep_alive},,,,")


@experiment("mqtt_path", "mqtt_keepalive", "mqtt_ok", needs=(SERVER,))
def broker_asked(bench):
    """Connect to a broker, which looks at what it gets and does not acknowledge."""
    with brokers.broker(bench) as (port, clients):
        number = _connect(bench, port, "60")
        client = clients[-1]
        client.acknowledges = False
        bench.line.drain()
        bench.line.send(f"AT+S.MQTTPUB={number},probe,1,0,1\rx".encode())
        said = bench.line.until(lambda raw: b"AT-S.OK" in raw or b"AT-S.ERROR" in raw, 4, 60)
        client.acknowledge()
        if not said.end:
            bench.line.until(lambda raw: b"AT-S." in raw, 30, 100)
        bench.line.say(f"MQTTDISC={number}")
    if said.error:
        bench.note(f"mqtt_ok: {said.end}")
    return peers.told(
        mqtt_path=peers.fitting(bench, "mqtt_path", client.path, {"/mqtt": "/mqtt", "/": "/"}),
        mqtt_keepalive=peers.fitting(
            bench, "mqtt_keepalive", client.keep_alive, {60: "s", 0: "ms", 1: "ms"}
        ),
        mqtt_ok="at once" if said.ok else None if said.error else "acknowledged",
    )


@experiment("mqtt_fields", "mqtt_piece", needs=(SERVER,))
def messages(bench):
    """Let a broker send a message with QoS 2, and one of 2000 bytes."""
    heard = bench.line.hear()
    with brokers.broker(bench) as (port, clients):
        number = _connect(bench, port)
        bench.done(f"MQTTSUB={number},probe,2", limit_s=20)
        clients[-1].publish(_TOPIC, b"a", _FLAGS)
        bench.line.wait_wind(86, 10)
        bench.line.listen(1)
        clients[-1].publish(_TOPIC, b"0123456789" * 200, 0)
        bench.line.listen(3)
        bench.line.say(f"MQTTDISC={number}")
    found = re.findall(r"\+WIND:86:[^:\r\n]*:\d+:[^:]*:(\d):(\d):(\d):(\d+):(\d+):", heard().text)
    flags = next((tuple(map(int, seen[:3])) for seen in found if seen[4] == "1"), None)
    sizes = [int(seen[3]) for seen in found if seen[4] == "2000"]
    how = {
        (1, 2, 0): "dup,qos,retained",
        (2, 0, 1): "qos,retained,dup",
        (0, 2, 1): "retained,qos,dup",
    }
    largest = max(sizes, default=None)
    return peers.told(
        mqtt_fields=peers.fitting(bench, "mqtt_fields", flags, how),
        mqtt_piece=peers.fitting(bench, "mqtt_piece", largest, {512: 512, 128: 128}),
    )


@experiment("mqtt_id", needs=(SERVER,))
def numbering(bench):
    """Open a WebSocket, then connect to a broker."""
    with brokers.websockets(bench) as (port, _), brokers.broker(bench) as (other, _):
        first = _open(bench, port)
        second = _connect(bench, other)
        bench.line.say(f"MQTTDISC={second}")
        _leave(bench, first)
    return {"mqtt_id": "own" if first == second else "pool"}


@experiment("mqtt_retry", needs=(SERVER,))
def attempts(bench):
    """Connect to a broker that is not there, with further attempts and without."""
    with socket.create_server(("", 0)) as nobody:
        port = nobody.getsockname()[1]
    bench.around.reach(port)
    here = peers.here(bench)
    seconds = []
    for more in (0, 3):
        start = bench.line.now()
        line = f"MQTTCONN={here},{port},,,,,,,{more},,,"
        said = bench.line.say(line, limit_s=200)
        if said.ok or not said.end:
            raise Untried(f"MQTTCONN without a broker: {peers.ending(said)}")
        seconds.append((bench.line.now() - start) / 1000)
    return {"mqtt_retry": "attempts" if seconds[1] - seconds[0] > 2 else "nothing"}


# TFTP, mail --------------------------------------------------------------------------------------
@experiment("tftp_get", needs=(SERVER, DISK))
def tftp(bench):
    """Get a file by TFTP."""
    with _clean(bench, _FILE), websites.tftp(bench, _BODY) as port:
        said = bench.line.say(f"TFTPGET={peers.here(bench)},{port},{_FILE},", limit_s=60)
        size = _size(bench, _FILE)
    if size == len(_BODY):
        return {"tftp_get": "file"}
    if _BODY in said.raw:
        return {"tftp_get": "printed"}
    raise Untried(f"TFTPGET: {peers.ending(said)}, and no file")


@experiment("smtp_auth", "smtp_dots", needs=(SERVER,))
def mail(bench):
    """Send a mail with user and password to a server that takes both ways."""
    with websites.mail(bench) as (port, lines):
        line = (
            f"SMTP={peers.here(bench)},{port},0,probe,secret,probe,a@example.com,b@example.com,,"
        )
        said = bench.line.say(line + f",probe,,{len(_MAIL)}", _MAIL, limit_s=60)
        if not said.ok:
            peers.resynchronise(bench)
    which = next((text.upper().split()[1] for text in lines if text[:5].upper() == "AUTH "), None)
    words = {"LOGIN": "LOGIN", "PLAIN": "PLAIN"}
    dots = next((text for text in lines if text.endswith(".dot")), None)
    how = {"..dot": "doubled", ".dot": "as they are"}
    return peers.told(
        smtp_auth=peers.fitting(bench, "smtp_auth", which, words),
        smtp_dots=peers.fitting(bench, "smtp_dots", dots, how),
    )


# scripts -----------------------------------------------------------------------------------------
@experiment("python_output", needs=(DISK,))
def script(bench):
    """Run a script that prints a word."""
    with _clean(bench, _SCRIPT):
        bench.done(f"FSC={_SCRIPT},{len(_PRINTS)}", _PRINTS)
        said = bench.line.say(f"PYTHON={_SCRIPT}", limit_s=30)
        late = bench.line.listen(3)
    if "abc" in said.text.partition("AT-S.OK")[0]:
        return {"python_output": "before OK"}
    if not said.ok:
        raise Untried(f"PYTHON: {peers.ending(said)}")
    return {"python_output": "after OK" if "abc" in said.text + late.text else "nowhere"}
