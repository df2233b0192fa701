"""The parts of a module: radio, sockets, TLS, flash; its texts; the readings that it plays."""
