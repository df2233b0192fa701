"""Volumes: mounted, unmounted, and all files of one at once."""

from spwf04_sim import Peer
from spwf04_sim.parts.fat import disk_image


class _Image(Peer):
    """Sends an image of a file system."""

    def on_data(self, data):
        body = disk_image({"a.txt": b"the file"}, 24576)
        self.send(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self.close()


def _ready(stage):
    stage.module.flash.sd_card = True
    stage.radio.connect("home", "correct horse", timeout=20)
    stage.world.route("files.example", 80, _Image)


def _mount(stage):
    stage.radio.mount(0)
    stage.radio.volumes()
    stage.radio.unmount(0)


def _fetch(stage):
    stage.radio.fetch_files("files.example", 80, "/files.img", erase=True, timeout=30)


EXCHANGES = {
    "volumes, plain: mount, look and unmount": (_ready, _mount, b""),
    "volumes, plain: fetch files": (_ready, _fetch, b""),
}
