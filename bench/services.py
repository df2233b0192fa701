"""What a service costs a program that has sockets with TLS already, on MicroPython of 32 bit."""

from bench import board

# What a program imports, or what a method of the radio imports when it is called
OF_SERVICES = {
    "HTTP": "services.http",
    "MQTT": "services.mqtt",
    "WebSocket": "services.websocket",
    "mail": "services.mail",
    "TFTP": "services.tftp",
    "pins": "services.pins",
    "web pages": "services.web",
    "scripts": "services.python",
    "access point": "commands.accesspoint",
    "WPS": "commands.wps",
    "WPA-Enterprise": "commands.enterprise",
    "power": "commands.power",
    "volumes": "commands.volumes",
    "random numbers": "commands.random",
}


def cost(module):
    """Return {"mpy": bytes of the files loaded for it, "heap": bytes in use more, "files": n}."""
    seen = board.run("service", "spwf04." + module, heap="1m", bits=32)
    sizes = board.sizes()
    files = [board.file_of(name) for name in seen["files"] if name.startswith("spwf04.")]
    return {"mpy": sum(sizes[f] for f in files), "heap": seen["heap"], "files": len(files)}


def measure():
    """Return {service: its cost()}."""
    return {name: cost(module) for name, module in OF_SERVICES.items()}
