"""JSON from an HTTPS service, and a reading to it, with MicroPython's requests."""

import pico  # your board: boards/pico.py and others

import spwf04
from spwf04 import Bundle

radio = pico.radio()
radio.connect("network", "password")
spwf04.install(radio, roots=Bundle("roots.bin"))

import requests  # noqa: E402  (after install)

response = requests.get("https://www.example.com/weather.json")
print(response.status_code, response.json()["temperature"])
response.close()

response = requests.post("https://www.example.com/app/", json={"temperature": 21.5})
print(response.status_code, response.json()["length"])
response.close()
