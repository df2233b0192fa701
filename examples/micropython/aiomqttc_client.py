"""Messages with aiomqttc, over verified TLS, while other tasks run."""

import asyncio

import pico  # your board: boards/pico.py and others

import spwf04
import spwf04.aio
from spwf04 import Bundle

radio = pico.radio()


async def show(client, topic, message, retain):
    print(topic, message)


async def main():
    await spwf04.aio.connect(radio, "network", "password")
    client = aiomqttc.MQTTClient("our-board", "mqtt.example.com", 8883, ssl=True)
    client.on_message = show
    await client.connect(30)
    await client.subscribe("greetings")
    await client.publish("greetings", "hello")
    await asyncio.sleep(1)
    await client.disconnect()


spwf04.install(radio, roots=Bundle("roots.bin"))

import aiomqttc  # noqa: E402  (after install)

asyncio.run(main())
