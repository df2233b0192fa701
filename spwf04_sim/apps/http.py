"""The HTTP client: HTTPGET and HTTPPOST. [j, j.1]"""

from ..commands.net import awaiting, connect
from ..commands.registry import command


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
