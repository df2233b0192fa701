"""What ESP_ATcontrol imports of CircuitPython's digitalio, for pins that are not here."""


class DigitalInOut:
    pass


class Direction:
    OUTPUT = 1
