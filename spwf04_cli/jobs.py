"""What is done on a module: functions of a radio and plain values, that return plain values.

On the desk they are called; with --via-mcu the text of a function, and of those of this file
that it uses, is sent to the MCU and runs there. So they are written in the language that CPython,
MicroPython and CircuitPython share, import only spwf04, inside themselves, and take and return
what JSON has: numbers, str, bytes, lists, and dictionaries with str keys.
"""


def info(radio):
    """What the module says of itself."""
    return {
        "model": radio.get("nv_model"),
        "serial": radio.get("nv_serial"),
        "mac": radio.get("nv_wifi_macaddr"),
        "fw_version": radio.get("fw_version", "STS"),
        "build": radio.get("build", "STS"),
        "joined": radio.isconnected(),
        "ssid": radio.get("wifi_ssid"),
        "address": radio.ipv4_address,
        "hostname": radio.hostname,
        "clock": radio.time(),
        "clock_set": radio.time_is_set(),
    }
