"""What runs on MicroPython: libraries over what spwf04.install() puts in place.

Arguments: function, terminal, bundle, time, then those of the function. Each prints what it saw.
"""

import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

import spwf04
from spwf04 import SPWF04, Bundle

radio = SPWF04(PtyUART(sys.argv[2], 256), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time(int(sys.argv[4]))
spwf04.install(radio, ("socket", "ssl", "tls", "network"), roots=Bundle(sys.argv[3]))


def commands(function, *args):
    """Print how many AT commands a call took; return its result."""
    before = radio.channel.commands
    result = function(*args)
    print("commands", radio.channel.commands - before)
    return result


def requests(base):
    """A page, again, a large body, a POST, and what fails."""
    import requests

    def get():
        response = requests.get(base + "/page.html")
        content = response.content
        response.close()
        return content

    get()
    print(len(commands(get)))
    response = requests.get(base + "/megabyte")
    total = 0
    part = bytearray(4096)
    while True:
        n = response.raw.readinto(part)
        if not n:
            break
        total += n
    response.close()
    print(total)
    response = commands(lambda: requests.post(base + "/app/", data=bytes(2000)))
    print(response.json()["length"])
    response.close()
    response = requests.get(base + "/redirect")
    print(response.status_code, len(response.content))
    response.close()
    try:
        print(requests.get(base + "/early").status_code)
    except (OSError, ValueError) as e:
        print(type(e).__name__)


def mip(url, target):
    """Install a file."""
    import mip

    mip.install(url, target=target)
    sys.path.append(target)
    import greeting

    print(greeting.TEXT)


def umqtt(host, port, tls):
    """umqtt.simple and .robust."""
    from umqtt.robust import MQTTClient

    got = []
    options = {"ssl": True, "ssl_params": {"server_hostname": host}} if tls == "TLS" else {}
    client = MQTTClient(b"ours", host, int(port), **options)
    client.set_callback(lambda topic, message: got.append((topic, message)))
    client.set_last_will(b"testament", b"gone")
    commands(client.connect)
    client.subscribe(b"greetings", 1)
    commands(client.publish, b"greetings", b"hello")
    client.publish(b"greetings", b"again", qos=1)
    while len(got) < 2:
        client.wait_msg()
    client.publish(b"greetings", b"x" * 3000)
    while len(got) < 3:
        client.check_msg()
    print(got[:2], len(got[2][1]))
    client.disconnect()


def aiomqttc(host, port, tls):
    """aiomqttc over asyncio."""
    import asyncio
    import builtins

    class Machine:
        class RTC:  # the unix port has none
            def datetime(self):
                return (2026, 1, 1, 3, 0, 0, 0, 0)

    sys.modules["machine"] = Machine

    import aiomqttc

    builtins.TimeoutError = asyncio.TimeoutError  # the library takes this name for granted

    async def main():
        got = []

        async def on_message(client, topic, message, *more):
            got.append((topic, message))

        client = aiomqttc.MQTTClient("ours", host, int(port), ssl=tls == "TLS")
        client.on_message = on_message
        print(await client.connect(600))
        await client.subscribe("greetings")
        await client.publish("greetings", "hello")
        for _ in range(10000):
            if got:
                break
            await asyncio.sleep_ms(50)
        print(got)
        await client.disconnect()

    asyncio.run(main())
    pool = spwf04.SocketPool(radio)
    radio.channel.wait(lambda: not pool.jobs, 10000)  # what asyncio has left to be closed


def microdot(port):
    """A web server."""
    import asyncio

    from microdot import Microdot

    app = Microdot()

    @app.route("/")
    async def page(request):
        return "a page from the module"

    @app.route("/large")
    async def large(request):
        async def body():
            for _ in range(20):
                yield "0123456789" * 100

        return body()

    @app.post("/sum")
    async def total(request):
        return str(sum(request.body))

    @app.route("/stop")
    async def stop(request):
        request.app.shutdown()
        return "bye"

    async def main():
        server = asyncio.create_task(app.start_server(port=int(port)))
        await asyncio.sleep_ms(50)
        print("\x01" + '["serving", []]')
        sys.stdin.readline()
        await server
        await asyncio.sleep_ms(200)

    asyncio.run(main())


def chumicro(base):
    """chumicro_requests, which polls and never waits."""
    import ssl
    import time

    from chumicro_requests import HttpClient
    from chumicro_sockets.sockets_factory import connector_factory

    client = HttpClient(transport_factory=connector_factory(ssl_context=ssl.SSLContext(16)))
    handle = client.get(base + "/page.html")
    for _ in range(600000):
        now = time.ticks_ms()
        if client.check(now):
            client.handle(now)
        if handle.done:
            break
        time.sleep_ms(1)
    print(handle.error, handle.response.status_code, len(handle.response.body))


def ssl_over_tls(host, ca, cert, key):
    """micropython-lib's ssl, of the interpreter, when only tls is ours."""
    spwf04.uninstall()
    sys.modules.pop("ssl", None)
    spwf04.install(radio, ("socket", "tls"), roots=Bundle(sys.argv[3]))
    import socket
    import ssl

    import tls

    def get(wrap):
        sock = socket.socket()
        sock.settimeout(20)
        sock.connect(socket.getaddrinfo(host, 443)[0][-1])
        sock = wrap(sock)
        sock.write(b"GET /page.html HTTP/1.0\r\nHost: %s\r\n\r\n" % host.encode())
        page = sock.read()
        sock.close()
        return len(page.split(b"\r\n\r\n", 1)[1])

    print(ssl.__file__, ssl.SSLContext is not tls.SSLContext, tls.__name__)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    print(isinstance(context._context, tls.SSLContext), context.verify_mode)
    print(get(lambda sock: context.wrap_socket(sock, server_hostname=host)))
    print(get(lambda sock: ssl.wrap_socket(sock, server_hostname=host)))
    spwf04.install(radio, ("tls",))  # no roots: a context trusts only what it is given
    with open(ca) as f:
        pem = f.read()
    for cas in ({"cadata": pem}, {"cadata": pem.encode()}, {"cafile": ca}):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(**cas)
        print(get(lambda sock: context.wrap_socket(sock, server_hostname=host)))  # noqa: B023
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    print(context._context.identity is not None)
    try:
        get(lambda sock: ssl.wrap_socket(sock, server_hostname="other.example"))
    except OSError as e:
        print(type(e).__name__)


def wlan():
    """network.WLAN as libraries use it."""
    import network

    station = network.WLAN(network.STA_IF)
    station.active(True)
    station.config(pm=0xA11140)
    station.disconnect()
    station.connect("home", "correct horse")
    while not station.isconnected():
        if station.status() != network.STAT_CONNECTING:
            pass
    print(station.status() == network.STAT_GOT_IP, station.ifconfig()[0])


globals()[sys.argv[1]](*sys.argv[5:])
