"""Pages from the board with Microdot."""

import pico  # your board: boards/pico.py and others

import spwf04

radio = pico.radio()
radio.connect("network", "password")
spwf04.install(radio)

from microdot import Microdot  # noqa: E402  (after install)

app = Microdot()


@app.route("/")
async def page(request):
    return "hello from the board"


print(f"http://{radio.ipv4_address}:8080/")
app.run(port=8080)
