"""MicroPython: heap in use after each stage. Arguments: driver, recording of a download.

Stages: a program has imported and made what ESP_ATcontrol has too; TLS and certificates, for our
driver; a download runs.
"""

import gc
import json
import sys

from memory_uart import BusioUART, MachineUART

result = {}


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def stage(name):
    result[name] = used() - start


driver, file = sys.argv[1:]
uart = (MachineUART if driver == "spwf04" else BusioUART)(file)
host = "stream.example"
buffer = bytearray(730)
for name in ("imported", "made", "with_tls", "downloading"):
    result[name] = 0
start = used()

if driver == "spwf04":
    from spwf04 import SPWF04, SocketPool

    stage("imported")
    radio = SPWF04(uart)
    sock = SocketPool(radio).socket()
    stage("made")
    radio.connect("home", "correct horse")
    sock.connect((host, 80))
    for _ in range(3):
        sock.recv_into(buffer)
    stage("downloading")
    from spwf04 import SSLContext

    context = SSLContext()
    store = radio.certs
    stage("with_tls")
else:
    from adafruit_espatcontrol import adafruit_espatcontrol as control
    from adafruit_espatcontrol import adafruit_espatcontrol_socket as sockets
    from drivers import Time

    stage("imported")
    control.time = Time
    radio = control.ESP_ATcontrol(uart, 115200)
    sockets.set_interface(radio)
    sock = sockets.socket()
    stage("made")
    radio.connect({"ssid": "home", "password": "correct horse"})
    sock.settimeout(5)
    sock.connect((host, 80), "TCP")
    for _ in range(3):
        sock.recv(730)
    stage("downloading")
    del result["with_tls"]

print(json.dumps(result))
