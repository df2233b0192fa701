"""A page with MicroPython's requests, over verified TLS."""

import pico  # your board: boards/pico.py and others

import spwf04
from spwf04 import Bundle

radio = pico.radio()
radio.connect("network", "password")
spwf04.install(radio, roots=Bundle("roots.bin"))

import requests  # noqa: E402  (after install)

response = requests.get("https://www.example.com/")
print(response.status_code, len(response.content))
response.close()
