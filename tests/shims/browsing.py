"""Visitors of the module's own web server, and images of file systems, for scenarios."""

from spwf04_sim.parts.fat import disk_image
from tests.shims.images import Server
from tests.sim.joined import Browser


class Browsers:
    """Visitors of the module's pages. address_of(port): where a server of the module is."""

    def browse(self, path, form=b""):
        """Have a browser ask for a page, or send a form there."""
        self.browser = Browser(self.address_of(80))
        kind = {"Content_Type": "application/x-www-form-urlencoded"} if form else {}
        self.browser.send(path, "POST" if form else "GET", form, **kind)

    def browsed(self):
        """Return the page, b"" until all of it has come."""
        _, ended = self.browser.read()
        return self.browser.answer().body if ended else b""

    def browse_too(self, path):
        """Have another browser ask for a page at the same time."""
        self.other = Browser(self.address_of(80))
        self.other.send(path)

    def browsed_too(self):
        """Return that one's page, b"" until all of it has come."""
        _, ended = self.other.read()
        return self.other.answer().body if ended else b""


class Browsing(Browsers):
    """The part of a Controller that has these visitors, and what they find."""

    def serves(self, port):
        """True if a server of the module's own runs on that port."""
        return port in self.module.daemons.servers

    def saved(self, name):
        """Return what the module's flash has of a variable, "" if it is the factory's."""
        return self.module.flash.saved.get(name, "")

    def tokens(self):
        """Return the tokens that the host has given last."""
        return list(self.module.daemons.input.tokens)

    def becomes_old(self):
        """Have the firmware be 1.0.0 from now on."""
        self.module.version = "1.0.0"

    # volumes
    def insert_card(self):
        """Put an SD card into its slot, where it is not mounted."""
        self.module.flash.sd_card = True

    def offer_files(self, kind):
        """Have files.example send an image of a file system, at port 80: "good", with a.txt and
        "a page.html"; "bad", which is none."""
        image = disk_image({"a.txt": b"the file", "a page.html": b"<p>" * 300})
        body = image if kind == "good" else bytes(3000)
        self.world.route("files.example", 80, lambda: Server("200 OK", body, 0, self.module.clock))

    def asked(self):
        """Return the last FSUPDATE or FSU that the module got, as its log shows it."""
        found = [c for c in self.module.log if "FSUPDATE" in c or "FSU=" in c]
        return found[-1] if found else ""

    def put_on(self, volume, name, data):
        """Put a file on a volume."""
        self.module.flash.files[volume, name] = bytearray(data)
