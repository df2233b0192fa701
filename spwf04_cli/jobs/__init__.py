"""What is done on a module: functions of a radio and plain values that return plain values.

At the desk they are called. With --via-mcu, the text of a function, and of those of its file that
it uses, is sent to the MCU and runs there. So they are written in the language that CPython,
MicroPython and CircuitPython share. They import only spwf04, and that inside themselves. They take
and return what JSON has: numbers, str, bytes, lists, and dictionaries with str keys.
"""
