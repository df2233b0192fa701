"""A page with adafruit_requests, over verified TLS."""

import adafruit_requests
import circuitpython  # your board: boards/circuitpython.py and others

from spwf04 import Bundle, SocketPool, SSLContext

radio = circuitpython.radio()
radio.connect("network", "password")
session = adafruit_requests.Session(SocketPool(radio), SSLContext(roots=Bundle("roots.bin")))

with session.get("https://www.example.com/") as response:
    print(response.status_code, len(response.content))
