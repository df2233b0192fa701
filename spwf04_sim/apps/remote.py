"""What a POST to the module's web server does: names with a meaning, and files. [j.1, d]"""

import email
import email.policy
import urllib.parse

from ..commands.files import default_volume, replace_file
from .ssi import ask

# Names of a form: the variable that they set. Dhcp, Auth and IbssAuth are a GUESS
_VARIABLES = {
    "Ssid": "wifi_ssid",
    "Pwd": "wifi_wpa_psk_text",
    "WpaeId": "wifi_eap_identity",
    "WpaeAnonId": "wifi_eap_anon_identity",
    "WpaeType": "wifi_eap_type",
    "Ip": "ip_ipaddr",
    "Netmask": "ip_netmask",
    "Gateway": "ip_gw",
    "Dns1": "ip_dns1",
    "Dns2": "ip_dns2",
    "Dhcp": "ip_use_dhcpc",
    "IbssAuth": "wifi_auth_type",
    "Auth": "wifi_priv_mode",
    "Mode": "wifi_mode",
}
_REBOOT_MS = 500  # the answer to the browser comes first. GUESS


class Remote:
    """The remote configuration of a SimulatedModule. accepted: the right Key was given. kept:
    [(name, value)] of what was accepted but is not played."""

    def __init__(self, module):
        self._module = module
        self.accepted = False
        self.kept = []

    def take(self, kind, body):
        """Do what a POST says; a generator. kind: its Content-Type. body: bytes."""
        if self._module.quirks.key_lasts == "request":
            self.accepted = False
        for name, value, file in _parts(kind, body):
            if file is not None:
                self._upload(file, value)
            else:
                yield from self._field(name, value.decode("utf-8", "surrogateescape"))

    def _field(self, name, value):
        module = self._module
        if name == "Output":
            module.wind(57, f"Output from remote:{len(value)}:{value}".encode("utf-8", "replace"))
            return
        if name == "Key":
            self.accepted = value == module.variables["user_desc"]
            if not self.accepted:
                self._tell(name, value)
            return
        if not self.accepted:
            return
        self._tell(name, value)
        command = _command(name, value)
        if command is None:
            self.kept.append((name, value))
            return
        _, error = yield from ask(module, *command)
        if error:
            self.kept.append((name, value))
        if name == "Reboot":
            module.after(_REBOOT_MS, module.software_reset)

    def _tell(self, name, value):
        text = f"Remote configuration:{name}:{value}"
        self._module.wind(64, text.encode("utf-8", "replace"))

    def _upload(self, name, data):
        """Keep a file; firmware 1.0.0 cannot."""
        module = self._module
        if not module.is_since("1.1.0"):
            return
        if module.quirks.upload_key == "yes" and not self.accepted:
            return
        name = name.encode("utf-8", "replace").decode()
        key = module.flash.locate(name, default_volume(module))
        if key is None or key[0] not in module.flash.mounted:
            return
        if replace_file(module, key, data) is None:
            module.wind(90, f"File received:{name}")  # GUESS


def _command(name, value):
    """The command that a name of a form stands for, or None."""
    if name in _VARIABLES:
        return ("SSIDTXT", value) if name == "Ssid" else ("SCFG", _VARIABLES[name], value)
    if name == "Reboot":
        return ("WCFG",)
    if name == "DAC":
        return "DAC", value
    if name == "Sleep":
        return "PMS", "2" if value == "1" else "0"
    head, _, rest = name.partition("_")
    commands = {
        "Scfg": ("SCFG", rest, value),
        "GpioC": ("GPIOC", rest, *value.split("_")),
        "GpioW": ("GPIOW", rest, value),
        "PWM": ("PWM", rest, *value.split("_")),
    }
    return commands.get(head)


def _parts(kind, body):
    """[(name, value in bytes, name of a file or None)] of a POST."""
    if not kind.lower().startswith("multipart/form-data"):
        pairs = urllib.parse.parse_qsl(
            body.decode("utf-8", "surrogateescape"), True, errors="surrogateescape"
        )
        return [(n, v.encode("utf-8", "surrogateescape"), None) for n, v in pairs]
    head = b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n"
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    try:
        return _files_and_fields(message)
    except Exception:  # the library raises exceptions of many classes for what it cannot read
        return []


def _files_and_fields(message):
    found = []
    for part in message.walk():
        data = part.get_payload(decode=True)
        if part is not message and isinstance(data, bytes):
            name = part.get_param("name", "", "content-disposition")
            found.append((str(name), data, part.get_filename()))
    return found
