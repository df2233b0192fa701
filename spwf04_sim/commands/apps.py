"""HTTPGET, MQTTCONN and WSOCKON, as far as somebody has shown their replies. [j]

The commands that move data over MQTT and WebSocket connections are missing.
"""

from .net import awaiting, connect
from .registry import command


def fetch(module, host, path, port, tls):
    """Get a page by HTTP/1.1; a generator that returns (head, body, error number or None)."""
    secure = tls not in ("", "0")
    number = int(port) if port.isdecimal() else 443 if secure else 80
    link, ip, error = yield from connect(module, host, number, host if secure else "t")
    if error:
        if error != 65:
            refused = module.world.target(ip, number) is None
            module.reply(f"AT-S.Http Client Error:{1 if refused else 2}")
            return b"", b"", 111
        return b"", b"", error
    link.send(f"GET /{path.lstrip('/')} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = bytearray()
    end = module.clock.now() + 3

    def ended():
        nonlocal end
        while (data := link.receive(4096)) is not None:
            if data == b"":
                return True
            answer.extend(data)
            end = module.clock.now() + 0.5
        return module.clock.now() > end

    yield from awaiting(module, link, ended)
    link.close()
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    return head, body, None


def show_status(module, head):
    """Send the lines about a server's answer; return its status code, 0 if it is not HTTP."""
    status = head.split(b" ", 2)[1].decode() if head.startswith(b"HTTP/") else ""
    if not status.isdecimal():
        module.reply("AT-S.Http Client Error:2")
        return 0
    module.reply("AT-S.Http Server Status Code:" + status)
    if int(status) >= 400:
        module.reply("AT-S.Http Server Error:" + status)
    return int(status)


@command("HTTPGET", 1, 8)
def httpget(module, host, path, port, tls, user, password, down, up):
    """Get a page: the status line, then the body as it comes, with its chunk sizes. [T2]"""
    if module.wifi.ip is None:
        return 44
    head, body, error = yield from fetch(module, host, path, port, tls)
    if error:
        return error
    if not show_status(module, head):
        return 111
    if down:
        key = module.flash.locate(down, 2)
        module.flash.files[key] = bytearray(body)
    else:
        module.emit(body)
    return None


def _answer(module, link, enough):
    """Collect what a server sends until enough(bytes), or for 5 s; a generator."""
    answer = bytearray()
    end = module.clock.now() + 5

    def ready():
        data = link.receive(4096)
        if data:
            answer.extend(data)
        return data == b"" or enough(answer) or module.clock.now() > end

    yield ready
    return bytes(answer)


@command("MQTTCONN", 2, 12)
def mqttconn(module, host, port, path, tls, user, password, client, *more):
    """Open an MQTT connection; the id is always 0."""
    if module.wifi.ip is None:
        return 44
    kind = host if tls not in ("", "0") else "t"
    link, _, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    name = (client or "SPWF04S").encode()
    body = b"\0\4MQTT\4\2\0\x3c" + len(name).to_bytes(2, "big") + name
    link.send(b"\x10" + bytes((len(body),)) + body)
    answer = yield from _answer(module, link, lambda a: len(a) >= 4)
    if answer[:2] != b"\x20\2" or answer[3:4] != b"\0":
        link.close()
        return 74
    module.socket_table.apps.append(link)
    module.reply("AT-S.On:0")
    return None


@command("WSOCKON", 2, 9)
def wsockon(module, host, port, path, tls, *more):
    """Open a WebSocket; the answer has the id only."""
    if module.wifi.ip is None:
        return 44
    kind = host if tls not in ("", "0") else "t"
    link, _, error = yield from connect(module, host, int(port), kind)
    if error:
        return error
    link.send(
        f"GET /{path.lstrip('/')} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = yield from _answer(module, link, lambda a: b"\r\n\r\n" in a)
    if not answer.startswith(b"HTTP/1.1 101"):
        link.close()
        return 74
    module.socket_table.apps.append(link)
    module.reply("AT-S.On:0")
    return None
