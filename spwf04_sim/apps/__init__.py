"""The services in the module, each a client or a server of the network. [j]

Their commands register themselves as those of commands/ do.
"""

from . import http, mqtt, scripts, smtp, ssi, tftp, update, websocket  # noqa: F401
