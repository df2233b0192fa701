"""Packages for MicroPython, as released: fetched by pip, checked, unpacked, never kept here."""

import hashlib
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile

# name -> (version, SHA-256 of the file)
PACKAGES = {
    "micropython-umqtt.simple": (
        "1.3.4",
        "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f",
    ),
    "micropython-umqtt.robust": (
        "1.0",
        "22a1b8c8e1128281efb13b3020927d07e33c5b747869da2cd77d37983a9ea002",
    ),
    "microdot": ("2.7.0", "1e9b7b825372e1ba8ebd4c59b6180e15c71f4b5200ec4bcbf8c9f9b5652db379"),
    "aiomqttc": ("1.0.7", "edced4a29120d00e116732eb8e1e22ac3804ff18c14981d14816f9987b2f33ea"),
    "chumicro-sockets": (
        "0.21.3",
        "ade59b6045db5bdb03b7992748a8b1111efdda482c165d09bd6e7eb25b34f3b6",
    ),
    "chumicro-timing": (
        "0.8.4",
        "f637c0331a30659a77d98828cf3fb9608402204059934e73c916b0f82b33703c",
    ),
    "chumicro-requests": (
        "0.21.3",
        "aacddc2e8f847d82965f82f2737b3e9b76b8b5d76cffacee076499c0793320b2",
    ),
}


def version(name):
    """The pinned version."""
    return PACKAGES[name][0]


def together(folder, *names):
    """Copy these packages into one folder, to import them from."""
    for name in names:
        shutil.copytree(_unpacked(name), folder, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    return folder


def _unpacked(name):
    number, digest = PACKAGES[name]
    place = pathlib.Path(tempfile.gettempdir()) / f"spwf04-packages-{os.getuid()}"
    target = place / f"{name}-{number}"
    if not target.exists():
        data, file = _fetch(name, number)
        seen = hashlib.sha256(data).hexdigest()
        assert seen == digest, f"{file} has the SHA-256 {seen}"
        place.mkdir(exist_ok=True)
        fresh = tempfile.mkdtemp(dir=place)
        if file.endswith(".whl"):
            zipfile.ZipFile(io.BytesIO(data)).extractall(fresh)
            root = pathlib.Path(fresh)
        else:
            # only the later versions of Python 3.9 to 3.11 have the filter
            more = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tarfile.open(fileobj=io.BytesIO(data)).extractall(fresh, **more)
            root = next(pathlib.Path(fresh).iterdir())
        try:
            root.rename(target)
        except OSError:
            assert target.exists()  # another process was faster
    return target


def _fetch(name, number):
    """The bytes and the name of a package's file: a wheel if there is one.

    Some of these packages cannot be built, so pip is only asked where the files are.
    """
    command = [sys.executable, "-m", "pip", "download", "-vvv", "--no-deps", f"{name}=={number}"]
    with tempfile.TemporaryDirectory() as nowhere:
        done = subprocess.run(
            [*command, "-d", nowhere], capture_output=True, text=True, check=False
        )
    links = re.findall(r"Found link (\S+)", done.stdout)
    wanted = re.compile(rf"{name.replace('-', '[-_]')}-{re.escape(number)}(\.tar\.gz|-py3.*\.whl)")
    found = sorted((url.split("#")[0] for url in links if wanted.search(url)), key=_is_source)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    with urllib.request.urlopen(found[0], timeout=60) as response:
        return response.read(), found[0].split("/")[-1]


def _is_source(url):
    return url.endswith(".tar.gz")
