"""A device shadow of AWS IoT: TLS with a certificate at both ends."""

import json

import adafruit_minimqtt.adafruit_minimqtt as minimqtt
import circuitpython  # your board: boards/circuitpython.py and others
from adafruit_aws_iot import MQTT_CLIENT

from spwf04 import Bundle, SocketPool, SSLContext

radio = circuitpython.radio()
radio.connect("network", "password")
context = SSLContext(roots=Bundle("roots.bin"))
context.load_cert_chain("device.pem", "device.key")
client = minimqtt.MQTT(
    broker="account-ats.iot.eu-central-1.amazonaws.com",
    port=8883,
    is_ssl=True,
    client_id="device-17",
    socket_pool=SocketPool(radio),
    ssl_context=context,
)
aws = MQTT_CLIENT(client)
aws.on_message = lambda client, topic, message: print(topic, message)
aws.connect()
client.subscribe("$aws/things/device-17/shadow/update")
aws.shadow_update(json.dumps({"state": {"reported": {"on": True}}}))
client.loop(timeout=2)
