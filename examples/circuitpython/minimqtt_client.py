"""Messages with adafruit_minimqtt, over verified TLS."""

import adafruit_minimqtt.adafruit_minimqtt as minimqtt
import circuitpython  # your board: boards/circuitpython.py and others

from spwf04 import Bundle, SocketPool, SSLContext

radio = circuitpython.radio()
radio.connect("network", "password")
client = minimqtt.MQTT(
    broker="mqtt.example.com",
    port=8883,
    is_ssl=True,
    socket_pool=SocketPool(radio),
    ssl_context=SSLContext(roots=Bundle("roots.bin")),
)
client.on_message = lambda client, topic, message: print(topic, message)
client.connect()
client.subscribe("greetings", qos=1)
client.publish("greetings", "hello", qos=1)
client.loop(timeout=2)
client.disconnect()
