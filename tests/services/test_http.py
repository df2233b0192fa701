"""The HTTP client of the module against nginx, plain and over TLS, on each interpreter."""

import pytest

from tests.libraries.site import MEGABYTE, web
from tests.shims.servers import PAGE, pattern

from .stage import Stage, example, stage  # noqa: F401
from .table import cell

HOST = "www.example.com"
PLAIN = (
    example("http").replace("https://", "http://").replace(", context=SSLContext(roots=roots)", "")
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with web(tmp_path_factory.mktemp("web")) as addresses:
        yield addresses


def lead(stage, site):  # noqa: F811
    stage.route(HOST, 80, site[0])
    stage.route(HOST, 443, site[1])


@pytest.mark.parametrize("link", ["plain", "TLS"])
def test_the_example_of_the_page(stage, site, link):  # noqa: F811
    lead(stage, site)
    printed = stage.run(example("http") if link == "TLS" else PLAIN)
    size = str(len(PAGE))
    assert printed == [f"200 {size}", PAGE[:15].decode(), f"{size} None", "200 16"]
    cell("HTTP", link, stage.interpreter)


def test_a_large_page_raw(site):
    """It is not compared by its size alone."""
    made = Stage()
    lead(made, site)
    made.run(
        "from spwf04.services.http import get\n"
        "global got\n"
        "got = bytearray()\n"
        "page = get(radio, 'http://www.example.com/megabyte', into=got.extend, timeout=600)\n"
        "assert page.size == len(got) == 1000000\n"
        "from tests.shims.servers import pattern\n"
        "assert got == pattern(1000000)\n"
    )
    assert pattern(MEGABYTE)[:3]


def test_chunks_redirects_and_a_server_that_says_nothing(site):
    made = Stage()
    lead(made, site)
    printed = made.run(
        "from spwf04.services.http import get\n"
        "from spwf04 import SPWF04Error\n"
        "url = 'http://www.example.com/'\n"
        "page = get(radio, url + 'chunked.html', chunked=True)\n"
        "print(page.size, page.complete)\n"
        "print(get(radio, url + 'redirect').status_code)\n"
        "print(get(radio, url + 'nothing').status_code)\n"
        "print(get(radio, url + 'page.html', to='2:/page.html').file)\n"
        "try:\n"
        "    get(radio, url + 'early')\n"
        "except SPWF04Error as e:\n"
        "    print(e.code)\n"
    )
    assert printed == ["3000 True", "302", "404", "2:/page.html", "111"]


def test_a_server_that_is_not_trusted(site, tmp_path):
    made = Stage()
    made.route("other.example", 443, site[1])
    printed = made.run(
        "from spwf04.services.http import get\n"
        "from spwf04 import CertificateError\n"
        "for into in (None, bytearray(9)):\n"
        "    try:\n"
        "        get(radio, 'https://other.example/page.html', into=into)\n"
        "    except CertificateError as e:\n"
        "        print('refused')\n"
    )
    assert printed == ["refused", "refused"]
