"""The parts of a module: pins, power, sockets, TLS, flash, images; its texts and variables; the
readings that it plays."""
