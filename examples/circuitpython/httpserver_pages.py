"""Pages from the board with adafruit_httpserver."""

import circuitpython  # your board: boards/circuitpython.py and others
from adafruit_httpserver import Request, Response, Server

from spwf04 import SocketPool

radio = circuitpython.radio()
radio.connect("network", "password")
server = Server(SocketPool(radio))


@server.route("/")
def page(request: Request):
    return Response(request, "hello from the board")


print(f"http://{radio.ipv4_address}:8080/")
server.start("0.0.0.0", 8080)
while True:
    server.poll()
