"""Tools for the desk: what prepares files for the driver on an MCU."""
