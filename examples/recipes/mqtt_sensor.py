"""A sensor on MQTT over verified TLS: it tells its temperature, takes orders, and comes back."""

import time

import pico  # your board: boards/pico.py and others
from machine import ADC, Pin

import spwf04
from spwf04 import Bundle

radio = pico.radio()
spwf04.install(radio, roots=Bundle("roots.bin"))

from umqtt.simple import MQTTClient  # noqa: E402  (after install)

lamp = Pin("LED", Pin.OUT)
sensor = ADC(4)  # the Pico's own


def temperature():
    return 27 - (sensor.read_u16() * 3.3 / 65535 - 0.706) / 0.001721


def order(topic, message):
    lamp.value(message == b"on")
    print("lamp", message.decode())


def work():
    """From joining to the first failure."""
    radio.connect("network", "password")  # returns at once while it is joined
    client = MQTTClient("our-board", "mqtt.example.com", keepalive=60, ssl=True)
    client.set_callback(order)
    client.connect()
    client.subscribe(b"lamp")
    while True:
        client.publish(b"temperature", b"%.1f" % temperature())
        for _ in range(100):  # ten seconds
            client.check_msg()
            time.sleep(0.1)


while True:
    try:
        work()
    except OSError as e:
        print("again in 5 s:", e)
        time.sleep(5)
