"""In place of what the recipes use of a board, for MicroPython on a PC: a sensor and an LED."""


class ADC:
    def __init__(self, number):
        pass

    def read_u16(self):
        return 14120  # 24.1 °C of the Pico's sensor


class Pin:
    OUT = 1

    def __init__(self, name, mode):
        self._on = False

    def value(self, on):
        self._on = on

    def toggle(self):
        self._on = not self._on
