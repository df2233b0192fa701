"""A library from the network with mip."""

import pico  # your board: boards/pico.py and others

import spwf04
from spwf04 import Bundle

radio = pico.radio()
radio.connect("network", "password")
spwf04.install(radio, roots=Bundle("roots.bin"))

import mip  # noqa: E402  (after install)

mip.install("https://www.example.com/greeting.py", target="lib")
