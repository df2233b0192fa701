# Freezes the whole driver into a firmware of MicroPython: docs/boards.md says how. Parts of it:
# build/mpy/*/manifest.py, by `make mpy`
package("spwf04", opt=3)
