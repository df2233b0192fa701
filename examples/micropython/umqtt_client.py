"""Messages with umqtt, over verified TLS."""

import pico  # your board: boards/pico.py and others

import spwf04
from spwf04 import Bundle

radio = pico.radio()
radio.connect("network", "password")
spwf04.install(radio, roots=Bundle("roots.bin"))

from umqtt.robust import MQTTClient  # noqa: E402  (after install)

client = MQTTClient("our-board", "mqtt.example.com", ssl=True)
client.set_callback(print)
client.connect()
client.subscribe(b"greetings")
client.publish(b"greetings", b"hello")
client.wait_msg()
client.disconnect()
