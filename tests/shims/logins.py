"""What a scenario can do to networks that are joined by WPS, or by users with a name."""

from tests.shims.servers import servers


class Logins:
    """Part of the Controller; its world and its module are those."""

    def press_button(self, ssid):
        """Press the WPS button of a network's access point."""
        for point in self.world.access_points:
            if point.ssid == ssid:
                point.press_button()

    def add_company(self, ssid, eap_types=(0, 1, 2, 3, 4)):
        """Add a network with the user alice, password "wonder,land". Its server's CA is that of
        ca_pem(); the certificate of client_files() is let in as well."""
        self.world.add_access_point(
            ssid,
            users={b"alice": b"wonder,land", b"alice@example.com": b"wonder,land"},
            eap_types=tuple(eap_types),
            ca=servers().ca.cert_pem.bytes(),
            client_ca=servers().client_ca.cert_pem.bytes(),
        )

    def logins(self):
        """The names of what is in the module's area for WPA-Enterprise, but for a key identifier
        that goes with a CA whose own the module cannot read."""
        return sorted(name for name in self.module.flash.eap if name != "auth")

    def login_writes(self):
        """How often one was written, or the area cleaned."""
        return len([line for line in self.module.log if "WPAECERT" in line])

    def setting(self, name):
        """A configuration variable of the module."""
        return self.module.variables[name]

    def unset_clock(self):
        """Set the module's clock to 1970."""
        self.module.set_clock(0)

    def stuck_random(self):
        """Have the module give the same random number for ever."""
        self.module.random_number = lambda: 4711

    def refuse_line(self, start, number, times):
        """Refuse commands that begin so (after "AT+S.") with an error, so many times."""
        runner = self.module.runner
        parse = runner.parse
        left = [times]

        def refusing(line):
            if line.upper().startswith(b"AT+S." + start.upper()) and left[0]:
                left[0] -= 1
                name = line[5:].partition(b"=")[0].strip().decode()
                self.module.faults.add("refuse", command=name, number=number, times=1)
            return parse(line)

        runner.parse = refusing
