"""What ESP_ATcontrol imports of CircuitPython's digitalio; it uses it for pins we do not have."""


class DigitalInOut:
    pass


class Direction:
    OUTPUT = 1
