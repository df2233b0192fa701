"""The time with adafruit_ntp, over UDP."""

import adafruit_ntp
import circuitpython  # your board: boards/circuitpython.py and others

from spwf04 import SocketPool

radio = circuitpython.radio()
radio.connect("network", "password")
ntp = adafruit_ntp.NTP(SocketPool(radio), server="pool.ntp.org", tz_offset=0)
print(ntp.datetime)
