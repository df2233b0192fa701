"""The servers in the simulated module: web pages, templates, forms, TFTP. [j.1, j.2]"""

import socket
import time
import urllib.parse
import urllib.request

import pytest

from spwf04_sim import PtyPort, Quirks, SimulatedModule, Timing, World
from tests import HANG
from tests.sim.joined import Browser, Joined

# The test vector of ST's application note [j.1]
BUFFER = b"|aName|y| |aValue|someText|y|aName|aValue|someText| |"
FILLED = {
    b"<!--|00|SelStart|0|||-->": b'<select name="aName" MULTIPLE>',
    b"<!--|01|Select|3|||-->": b'<option SELECTED value="aValue">someText',
    b"<!--|02|SelEnd||||-->": b"</select>",
    b"<!--|03|CheckBox|2|||-->": b'<input type="checkbox" name="" value="aValue" CHECKED>someText',
    b"<!--|03|CheckBox|6|||-->": b'<input type="checkbox" name="aName" value="aValue">someText',
    b"<!--|06|Input|4|||-->": b"someText",
    b"<!--|06|Input|9-->": b"",
    b"<!--|06|Input|99-->": b"",
    b"<!--|11|Password|3-->": b'<input type="password" name="aValue" value="someText" size="y">',
    b"<!--|77|Nothing|6-->": b"",
}


# pages -----------------------------------------------------------------------------------------
def test_it_runs_while_the_module_has_an_address():
    module = Joined()
    assert module.browse("/").status == 200
    module.module.drop_link(5000)
    assert 80 not in module.world.listening
    module.said(6)
    assert module.browse("/").status == 200
    module.module.restart()
    assert 80 not in module.world.listening


def test_it_can_be_switched_off():
    module = Joined({"ip_use_httpd": "0", "ip_use_tftpd": "0"})
    assert module.world.listening == {}


def test_an_access_point_has_it_too_and_leads_its_stations_to_the_first_page():
    module = Joined({"wifi_mode": "3"})
    assert module.browse("/firstset.html").status == 200
    answer = module.browse("/generate_204")
    assert (answer.status, answer.headers["Location"]) == (
        302,
        "http://captiveportal.net/firstset.html",
    )


def test_a_page_comes_from_any_volume_the_application_disk_first():
    module = Joined(sd_card=True)
    for volume in (0, 1, 2, 3):
        module.put(f"{volume}:/v{volume}.html", b"volume %d" % volume)
        module.put(f"{volume}:/same.html", b"volume %d" % volume)
    for volume in (0, 1, 2, 3):
        assert module.browse(f"/v{volume}.html").body == b"volume %d" % volume
    assert module.browse("/same.html").body == b"volume 3"


def test_the_page_of_no_name_is_index_html():
    module = Joined()
    module.put("1:/index.html", b"mine")
    assert module.browse("/").body == b"mine"
    assert module.browse("/?a=b").body == b"mine"


def test_what_is_not_there_is_404_but_for_an_icon():
    module = Joined()
    assert module.browse("/nothing.html").status == 404
    icon = module.browse("/favicon.ico")
    assert (icon.status, icon.body) == (200, b"")


def test_a_page_that_the_browser_has_is_not_sent_again():
    module = Joined()
    module.module.set_clock(1_700_000_000)
    module.ask("AT+S.FSC=2:/a.html,5", b"hello")
    first = module.browse("/a.html")
    changed = first.headers["Last-Modified"]
    assert module.browse("/a.html", If_Modified_Since=changed).status == 304
    module.module.set_clock(1_700_000_900)
    module.ask("AT+S.FSC=2:/a.html,1", b"!")
    again = module.browse("/a.html", If_Modified_Since=changed)
    assert (again.status, again.body) == (200, b"hello!")
    assert module.browse("/a.html", If_Modified_Since="yesterday").status == 200


def test_a_packed_page_is_found_before_the_last_dot():
    module = Joined()
    module.put("2:/large.txt", b"plain")
    module.put("2:/large.gz.txt", b"packed")
    packed = module.browse("/large.txt", Accept_Encoding="gzip, deflate")
    assert (packed.body, packed.headers["Content-Encoding"]) == (b"packed", "gzip")
    assert packed.headers["Content-Type"] == "text/plain"
    assert module.browse("/large.txt").body == b"plain"


def test_pictures_are_kept_and_pages_are_not():
    module = Joined()
    for name in ("a.png", "a.css", "a.html"):
        module.put("2:/" + name, b"x")
    years = [
        module.browse("/" + n).headers["Expires"][12:16] for n in ("a.png", "a.css", "a.html")
    ]
    assert years == ["2100", "2100", "2000"]


def test_methods():
    module = Joined()
    assert module.browse("/", "OPTIONS", version="1.1").headers["Allow"] == "GET, POST, OPTIONS"
    assert module.browse("/", "OPTIONS").status == 501
    assert module.browse("/", "DELETE").status == 501
    browser = Browser(module.world.listening[80])
    browser.sock.sendall(b"nonsense\r\n\r\n")
    module.said()
    assert browser.answer().status == 400
    assert browser.read()[1]


def test_a_connection_is_kept_for_the_next_request_until_a_time_out():
    module = Joined()
    browser = Browser(module.world.listening[80])
    for _ in range(2):
        browser.send("/", version="1.1")
        module.said(1)
        assert browser.answer().status == 200
        browser.got = b""
    assert not browser.read()[1]
    module.said(40)
    assert browser.read()[1]


def test_four_browsers_at_a_time():
    module = Joined()
    browsers = [Browser(module.world.listening[80]) for _ in range(5)]
    module.said(1)
    for browser in browsers:
        browser.send("/", version="1.1")
    module.said(2)
    assert [bool(browser.read()[0]) for browser in browsers] == [True] * 4 + [False]
    browsers[0].sock.close()
    module.said(2)
    assert browsers[4].answer().status == 200


def test_a_socket_of_the_host_cannot_have_its_port():
    module = Joined()
    assert "ERROR:73:" in module.ask("AT+S.SOCKDON=80,t")
    assert "AT-S.On:0" in module.ask("AT+S.SOCKDON=80,u")
    module = Joined(quirks=Quirks(web_port="taken"))
    assert "AT-S.On:0" in module.ask("AT+S.SOCKDON=80,t")
    module = Joined({"ip_use_httpd": "0", "ip_use_tftpd": "0"})
    assert "AT-S.On:0" in module.ask("AT+S.SOCKDON=80,t")
    assert "AT-S.On:1" in module.ask("AT+S.SOCKDON=69,u")


# a file that is served -------------------------------------------------------------------------
def served(**quirks):
    """A module in the middle of serving data.txt, and its browser."""
    module = Joined(timing=Timing(), quirks=Quirks(**quirks))
    module.said(10)
    module.put("2:/data.txt", bytes(60000))
    browser = Browser(module.world.listening[80])
    browser.send("/data.txt")
    module.said(0.05)
    return module, browser


def test_a_file_that_is_served_cannot_be_deleted_and_then_the_module_restarts():
    """As in a thread of 2018: 56 and 51, it is listed and printed, then a restart. [T10]"""
    module, _ = served()
    assert (
        module.ask("AT+S.FSD=data.txt", seconds=0.1) == "AT-S.ERROR:56:Unable to delete file\r\n"
    )
    said = module.ask("AT+S.FSC=data.txt,1", b"x", 0.1)
    assert said == "AT-S.ERROR:51:Unable to open file\r\n"
    assert "ERROR:55:" in module.ask("AT+S.FSR=data.txt,other", seconds=0.1)
    module.said(1)
    assert "ERROR:56:" in module.ask("AT+S.FSD=data.txt", seconds=0.1)
    assert "File:D\t60000\tdata.txt" in module.ask("AT+S.FSL", seconds=0.1)
    assert module.ask("AT+S.FSP=data.txt,0,2", seconds=0.1) == "\0\0AT-S.OK\r\n"
    said = module.said(4)
    assert "+WIND:1:Poweron" in said
    assert "+WIND:65:" not in said


def test_in_another_reading_it_can_be_deleted_once_it_was_served():
    module, browser = served(served_file="busy")
    assert "ERROR:56:" in module.ask("AT+S.FSD=data.txt", seconds=0.1)
    module.said(1)
    assert len(browser.answer().body) == 60000
    assert module.ask("AT+S.FSD=data.txt", seconds=0.1) == "AT-S.OK\r\n"
    assert "+WIND:1:" not in module.said(5)


# templates -------------------------------------------------------------------------------------
def test_a_template_asks_the_host_for_its_text():
    module = Joined()
    module.put("2:/a.fhtml", b"[" + b"]\n[".join(FILLED) + b"]")
    browser = Browser(module.world.listening[80])
    browser.send("/a.fhtml")
    assert module.said() == "+WIND:56:Input to remote\r\n"
    assert module.ask(f"AT+S.INPUTSSI={len(BUFFER)}", BUFFER) == "AT-S.OK\r\n"
    module.said(1)
    assert browser.answer().body == b"[" + b"]\n[".join(FILLED.values()) + b"]"


def test_without_a_text_the_page_comes_after_30_s():
    module = Joined()
    module.put("2:/a.fhtml", b"[<!--|06|Input|0-->]")
    browser = Browser(module.world.listening[80])
    browser.send("/a.fhtml", version="1.1")
    module.said(29)
    assert b"[" not in browser.read()[0]
    module.said(2)
    assert browser.answer().body == b"[]"


def test_variables_need_no_text():
    module = Joined()
    module.put("2:/a.fhtml", b"<!--|06|DevConf|nv_model|--> <!--|06|DevSts|ip_ipaddr|-->")
    assert module.browse("/a.fhtml").body == b"SPWF04SA 192.168.1.23"
    module.put(
        "2:/b.fhtml", b"<!--|06|Peers|rx_rssi|0|--><!--|06|DevConf|no_such--><!--|06|X|1-->"
    )
    assert module.browse("/b.fhtml").body == b"-47"
    assert "<p>" in module.browse("/status.fhtml", version="1.1").body.decode()


def test_text_that_no_page_has_asked_for():
    assert "ERROR:111:" in Joined().ask("AT+S.INPUTSSI=3", b"|a|")
    module = Joined(quirks=Quirks(ssi_unasked="kept"))
    assert module.ask("AT+S.INPUTSSI=3", b"|a|") == "AT-S.OK\r\n"


def test_how_long_a_text_may_be():
    for reading, answer in (("taken", "AT-S.OK\r\n"), ("refused", "AT-S.ERROR:32:")):
        module = Joined(quirks=Quirks(ssi_limit=reading, ssi_unasked="kept"))
        assert module.ask("AT+S.INPUTSSI=128", b"\n" * 128).startswith(answer)


def test_firmware_1_0_0_is_restarted_by_its_watchdog():
    module = Joined(firmware="170216-fd39c59")
    said = module.ask("AT+S.INPUTSSI=3", b"|a|", 1)
    assert "+WIND:6:" in said
    assert "+WIND:1:Poweron" in said


# forms -----------------------------------------------------------------------------------------
def post(module, seconds=2, **fields):
    body = urllib.parse.urlencode(fields).encode()
    kind = "application/x-www-form-urlencoded"
    answer = module.browse("/remote.html", "POST", body, seconds=seconds, Content_Type=kind)
    assert answer.status == 200
    return module.said(0)


def test_output_is_told_to_the_host():
    assert post(Joined(), Output="lamp on") == "+WIND:57:Output from remote:7:lamp on\r\n"


def test_nothing_is_set_before_the_right_key():
    module = Joined({"user_desc": "geheim"})
    assert post(module, Ssid="other") == ""
    assert post(module, Key="wrong", Ssid="other") == "+WIND:64:Remote configuration:Key:wrong\r\n"
    assert "wifi_ssid=home" in module.ask("AT+S.GCFG=wifi_ssid")
    assert post(module, Key="geheim", Ssid="other", Scfg_blink_led="0") == (
        "+WIND:64:Remote configuration:Ssid:other\r\n"
        "+WIND:64:Remote configuration:Scfg_blink_led:0\r\n"
    )
    assert "wifi_ssid=other" in module.ask("AT+S.GCFG=wifi_ssid")
    assert "blink_led=0" in module.ask("AT+S.GCFG=blink_led")


@pytest.mark.parametrize(("reading", "told"), [("boot", True), ("request", False)])
def test_how_long_the_key_is_valid(reading, told):
    module = Joined(quirks=Quirks(key_lasts=reading))
    post(module, Key="anonymous")
    assert ("+WIND:64:" in post(module, Gateway="10.0.0.1")) == told
    module.ask("AT+S.RESET", seconds=2)
    assert post(module, Gateway="10.0.0.2") == ""


def test_reboot_saves_and_restarts():
    module = Joined()
    said = post(module, Key="anonymous", Ip="10.0.0.9", Reboot="1") + module.said(2)
    assert "+WIND:1:Poweron" in said
    assert "ip_ipaddr=10.0.0.9" in module.ask("AT+S.GCFG=ip_ipaddr")


def test_what_is_not_played_is_kept():
    module = Joined()
    post(module, Key="anonymous", Colour="red")
    assert ("Colour", "red") in module.module.daemons.remote.kept


def multipart(name, data):
    head = f'--X\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n'
    return head.encode() + data + b"\r\n--X--\r\n"


def upload(module, data=bytes(range(256)), **headers):
    kind = "multipart/form-data; boundary=X"
    return module.browse("/", "POST", multipart("up.bin", data), Content_Type=kind, **headers)


def test_a_file_can_be_uploaded():
    module = Joined()
    assert upload(module).status == 200
    assert module.said(0) == "+WIND:90:File received:up.bin\r\n"
    assert module.module.flash.files[2, "up.bin"] == bytes(range(256))
    upload(module, b"shorter")
    assert module.module.flash.files[2, "up.bin"] == b"shorter"
    upload(module, bytes(20000))
    assert (2, "up.bin") not in module.module.flash.files


def test_who_cannot_upload():
    for module in (Joined(firmware="170216-fd39c59"), Joined(quirks=Quirks(upload_key="yes"))):
        assert upload(module).status == 200
        assert module.module.flash.files == {}


def test_a_chunked_body():
    module = Joined()
    browser = Browser(module.world.listening[80])
    browser.sock.sendall(
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n6\r\nOutput\r\n"
    )
    assert module.said() == ""
    browser.sock.sendall(b"3;x=y\r\n=hi\r\n0\r\n\r\n")
    assert module.said(1) == "+WIND:57:Output from remote:2:hi\r\n"


# TFTP ------------------------------------------------------------------------------------------
class Tftp:
    """A client of the module's TFTP server."""

    def __init__(self, module):
        self.module = module
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.to = module.world.listening[69]

    def exchange(self, packet):
        """Send a packet; return the one that comes back, or None."""
        self.sock.sendto(packet, self.to)
        self.module.clock.advance(0.1)
        try:
            return self.sock.recv(600)
        except BlockingIOError:
            return None

    def put(self, name, data):
        """Write a file; return the last answer."""
        answer = self.exchange(b"\0\2" + name.encode() + b"\0octet\0")
        for n in range(len(data) // 512 + 1):
            if answer[:2] != b"\0\4":
                break
            block = data[n * 512 : n * 512 + 512]
            answer = self.exchange(b"\0\3" + (n + 1).to_bytes(2, "big") + block)
        return answer

    def get(self, name):
        """Read a file."""
        data = b""
        answer = self.exchange(b"\0\1" + name.encode() + b"\0octet\0")
        while answer is not None and answer[:2] == b"\0\3":
            data += answer[4:]
            if len(answer) < 516:
                self.exchange(b"\0\4" + answer[2:4])
                break
            answer = self.exchange(b"\0\4" + answer[2:4])
        return data if answer[:2] == b"\0\3" else answer


@pytest.mark.parametrize("size", [0, 1, 512, 513, 3000])
def test_a_file_goes_there_and_back_by_tftp(size):
    module = Joined()
    data = bytes(i % 251 for i in range(size))
    assert Tftp(module).put("a.txt", data)[:2] == b"\0\4"
    assert module.said(0) == "+WIND:90:TFTP File received:a.txt\r\n"
    if size:
        assert Tftp(module).get("/a.txt") == data


def test_a_block_that_comes_twice_is_written_once():
    module = Joined()
    client = Tftp(module)
    client.exchange(b"\0\2a\0octet\0")
    block = b"\0\3\0\1" + b"x" * 512
    assert client.exchange(block) == client.exchange(block) == b"\0\4\0\1"
    assert client.exchange(b"\0\3\0\2end") == b"\0\4\0\2"
    assert module.module.flash.files[2, "a"] == b"x" * 512 + b"end"


def test_what_tftp_refuses():
    module = Joined({"ramdisk_memsize": "1"})
    client = Tftp(module)
    assert client.get("none") == b"\0\5\0\1File not found\0"
    assert client.put("0:/a", b"x") == b"\0\5\0\2Access violation\0"
    assert client.put("a", bytes(2000)) == b"\0\5\0\3Disk full\0"
    assert client.exchange(b"\0\5\0\0") is None


# in real time ----------------------------------------------------------------------------------
def test_a_browser_reaches_a_module_on_a_terminal():
    world = World()
    world.add_access_point("home", "correct horse")
    module = SimulatedModule(world, timing=Timing.fast())
    module.flash.saved = {"wifi_ssid": "home", "wifi_wpa_psk_text": "correct horse"}
    module.flash.files[3, "page.html"] = bytearray(b"<p>hello")
    module.power_on()
    with PtyPort(module):
        end = time.monotonic() + HANG
        while 80 not in world.listening and time.monotonic() < end:
            time.sleep(0.01)
        host, port = world.listening[80]
        with urllib.request.urlopen(f"http://{host}:{port}/page.html", timeout=HANG) as page:
            assert page.read() == b"<p>hello"
