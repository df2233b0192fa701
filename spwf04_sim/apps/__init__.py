"""The services in the module, each a client or a server of the network. [j]

Their commands register themselves as those of commands/ do.
"""

from . import http, mqtt, smtp, ssi, tftp, update, websocket  # noqa: F401
