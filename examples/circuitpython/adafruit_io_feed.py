"""A feed of Adafruit IO."""

import adafruit_minimqtt.adafruit_minimqtt as minimqtt
import circuitpython  # your board: boards/circuitpython.py and others
from adafruit_io.adafruit_io import IO_MQTT

from spwf04 import Bundle, SocketPool, SSLContext

radio = circuitpython.radio()
radio.connect("network", "password")
client = minimqtt.MQTT(
    broker="io.adafruit.com",
    port=8883,
    is_ssl=True,
    username="somebody",
    password="a-key",
    socket_pool=SocketPool(radio),
    ssl_context=SSLContext(roots=Bundle("roots.bin")),
)
io = IO_MQTT(client)
io.on_message = lambda client, feed, value: print(feed, value)
io.connect()
io.subscribe("temperature")
io.publish("temperature", "21.5")
io.loop(timeout=2)
io.disconnect()
