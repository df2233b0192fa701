"""MicroPython's own requests, unmodified, over our sockets. Arguments: terminal, bundle, time."""

import sys

from shims.mp_slow import Clock
from shims.mp_uart import PtyUART

import spwf04.compat
from spwf04 import SPWF04, Bundle

radio = SPWF04(PtyUART(sys.argv[1], 256), clock=Clock())
radio.connect("home", "correct horse")
radio.set_time(int(sys.argv[3]))
spwf04.compat.install(radio, roots=Bundle(sys.argv[2]))

import requests  # noqa: E402  (the frozen one, over what was installed above)

for url in sys.argv[4:]:
    try:
        response = requests.get(url)
        print(url, response.status_code, len(response.content))
        response.close()
    except OSError as e:
        print(url, type(e).__name__)
print(radio.channel.commands)
