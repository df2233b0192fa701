"""Formats the flash of an STM32 board anew, so that more of it is for files. ERASES ALL FILES.

    mpremote run tools/format_flash.py

MicroPython's own format keeps 16 KB for 512 names in the root folder: a quarter of the flash that
a Nucleo-F401RE has for files. This format keeps 2 KB for 64 names. Other folders hold as many
names as before.
"""

import os

_NAMES = 64
_BLOCK = 512


def layout(blocks):
    """Return (blocks of the file allocation table, blocks for files)."""
    table = 1
    while True:
        free = blocks - 1 - table - 32 * _NAMES // _BLOCK
        entries = free + 2  # of 12 bits; the first two mark no block
        if entries * 3 // 2 + 1 <= table * _BLOCK:
            return table, free
        table += 1


def format_flash(device):
    """Write an empty FAT12 file system on a block device."""
    blocks = device.ioctl(4, 0)
    table, _ = layout(blocks)
    block = bytearray(_BLOCK)
    for n in range(1, 1 + table + 32 * _NAMES // _BLOCK):
        block[:3] = b"\xf8\xff\xff" if n == 1 else b"\0\0\0"
        device.writeblocks(n, block)
    # The first block comes last: an interrupted format is no file system
    block[:3] = b"\xeb\x3c\x90"
    block[3:11] = b"MSDOS5.0"
    # bytes in a block; blocks in a cluster; blocks before the table; tables
    block[11:17] = bytes((_BLOCK & 255, _BLOCK >> 8, 1, 1, 0, 1))
    # names in the root folder; blocks in all; a fixed disk; blocks of the table
    block[17:24] = bytes((_NAMES, 0, blocks & 255, blocks >> 8, 0xF8, table, 0))
    block[24:28] = bytes((63, 0, 255, 0))  # a geometry, which nothing uses
    block[36:39] = b"\x80\0\x29"
    block[43:62] = b"NO NAME    FAT12   "
    block[510:] = b"\x55\xaa"
    device.writeblocks(0, block)
    device.ioctl(3, 0)


if __name__ == "__main__":
    import pyb

    os.chdir("/")
    os.umount("/flash")
    flash = pyb.Flash(start=0)
    format_flash(flash)
    os.mount(flash, "/flash")
    os.chdir("/flash")
    found = os.statvfs("/flash")
    print(found[0] * found[3] >> 10, "KB are free")
