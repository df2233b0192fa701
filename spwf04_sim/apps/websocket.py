"""The WebSocket client: WSOCKON and what follows it. [j, j.2]"""

from ..commands.net import connect
from ..commands.registry import command


def answer_of(module, link, enough):
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
    answer = yield from answer_of(module, link, lambda a: b"\r\n\r\n" in a)
    if not answer.startswith(b"HTTP/1.1 101"):
        link.close()
        return 74
    module.connections.links.append(link)
    module.reply("AT-S.On:0")
    return None
