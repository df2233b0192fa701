"""Certificates and the first flight of TLS as data. Knows no module and no socket."""
