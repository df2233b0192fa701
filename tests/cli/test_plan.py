"""Plans: what they mean, and what the command says of mistakes in them."""

import re
import ssl

import pytest

from spwf04_cli.provisioning import plan as plans
from spwf04_cli.provisioning.plan import PlanError, load, places
from tests.cli.benches import der
from tests.shims import shapes
from tests.shims.micropython import ROOT
from tests.shims.servers import servers

NETWORK = '[network]\nssid = "bench"\n'


@pytest.fixture
def write(tmp_path):
    """write(text) -> the Plan of a file with this text; ca.pem is beside the file."""
    (tmp_path / "ca.pem").write_bytes(servers().ca.cert_pem.bytes())
    (tmp_path / "leaf.pem").write_bytes(servers().leaf.cert_chain_pems[0].bytes())
    (tmp_path / "page.html").write_text("<p>")
    (tmp_path / "empty").write_text("")

    def write(text):
        (tmp_path / "plan.toml").write_text(text)
        return load(tmp_path / "plan.toml")

    return write


def mistakes(write, text):
    with pytest.raises(PlanError) as caught:
        write(text)
    return [m.partition("plan.toml:")[2] for m in caught.value.mistakes]


# what it says --------------------------------------------------------------------------------
def test_an_empty_plan_sets_the_clock_and_switches_the_modules_own_servers_off(write):
    made = write("")
    assert made.settings == {"ip_use_httpd": "0", "ip_use_tftpd": "0"}
    made = write('[module]\nservers = "unchanged"\n')
    assert (made.settings, made.network, made.hosts, made.files, made.clock) == (
        {},
        None,
        [],
        [],
        "pc",
    )


def test_the_example_is_in_order_and_has_every_key(write, tmp_path):
    text = (ROOT / "examples" / "plan.toml").read_text()
    made = write(text)
    assert made.firmware == (1, 1, 0)
    assert made.network.env == "BENCH_PASSWORD"
    assert [str(h) for h in made.hosts] == ["www.example.com:443"]
    said = mistakes(
        write,
        "zz = 1\n[[host]]\nzz = 1\n[[file]]\nzz = 1\n[bench]\nzz = 1\n[module]\nzz = 1\n"
        "[network]\nzz = 1\n[roots]\nzz = 1\n",
    )
    keys = {key for m in said for key in re.findall(r"\w+", m.partition("There are: ")[2])}
    assert {"other_settings", "server_hostname", "install", "keep", "password_prompt"} <= keys
    for key in keys:
        assert re.search(rf"\b{key}\b", text), key


def test_values_may_name_the_module_they_are_for(write):
    made = write('[settings]\nuser_desc = "{serial} {mac} {tail} {{}}"\nblink_led = 0\n')
    made.settings = {n: v for n, v in made.settings.items() if n not in made.implied}
    assert made.wanted(places("4711", "00:80:E1:BD:00:39")) == {
        "user_desc": "4711 0080E1BD0039 BD-00-39 {}",
        "blink_led": "0",
    }


def test_roots_are_those_of_the_files_and_of_certifi(write):
    host = NETWORK + '[[host]]\nname = "a.example"\n[roots]\nfiles = ["ca.pem"]\n'
    made = write(host)
    assert made.roots.ders[0] == der(servers().ca)
    assert len(made.roots.ders) > 50
    assert len(write(host + "certifi = false\n").roots.ders) == 1
    assert write('[roots]\ninstall = ["ca.pem"]\n').install == [der(servers().ca)]


def test_a_certificate_that_is_no_cas_is_taken_if_the_plan_says_so(write, tmp_path):
    own = shapes.der(shapes.Node("own.example", hosts=["own.example"], constraints=False).cert)
    (tmp_path / "own.pem").write_text(ssl.DER_cert_to_PEM_cert(own))
    text = '[roots]\ninstall = ["own.pem"]\n'
    with pytest.raises(PlanError, match="self_signed = true takes it"):
        write(text)
    assert write(text + "self_signed = true\n").install == [own]


def test_two_plans_that_ask_the_same_have_one_digest(write, tmp_path):
    text = NETWORK + 'password_env = "A"\n[[file]]\nname = "1:/a"\npath = "page.html"\n'
    first = write(text).digest
    assert write('[bench]\nports = ["sim"]\njobs = 2\n' + text).digest == first
    assert write(text.replace('"A"', '"B"')).digest == first  # where the secret comes from
    assert write(text + "[settings]\nblink_led = 0\n").digest != first
    assert write(text.replace("bench", "other")).digest != first
    (tmp_path / "page.html").write_text("<p>!")
    assert write(text).digest != first


@pytest.mark.parametrize("password", ["12345678", "x" * 63, "0" * 64])
def test_the_password_comes_from_the_environment_or_a_question(write, password):
    made = write(NETWORK + 'password_env = "PSK"\n')
    made.ask({"PSK": password}, None)
    assert made.network.password == password
    assert password not in repr(made)
    asked = []
    made = write(NETWORK + "password_prompt = true\n")
    made.ask({}, lambda network: asked.append(network) or password)
    assert (made.network.password, asked) == (password, ["bench"])
    made = write(NETWORK)
    made.ask({}, None)
    assert made.network.password is None


@pytest.mark.parametrize("password", ["hunter2", "x" * 65, "hunter22\rAT+S.FCFG", "é" * 33])
def test_a_password_that_cannot_be_one_is_refused_and_not_shown(write, password):
    made = write(NETWORK + 'password_env = "PSK"\n')
    with pytest.raises(PlanError, match="password_env: ") as caught:
        made.ask({"PSK": password}, None)
    assert password[:7] not in str(caught.value)


# mistakes ------------------------------------------------------------------------------------
SERVED = (
    "1: settings: ip_use_httpd = 1 lets everybody in the network configure the module: its Key is "
    "user_desc, which needs a value of your own"
)
CASES = [
    ("[setting]\n", "1: setting: no such key; do you mean settings? There are: bench, "
     "module, settings, other_settings, network, host, roots, file"),
    ("[bench]\njobs = 0\n", "2: bench, jobs: 0: must be a number from 1 to 64"),
    ('[bench]\nports = "sim"\n', "2: bench, ports: must be a list: [...]"),
    ("[module]\nfirmware = 1.1\n", "2: module, firmware: 1.1: must be a version in "
     'quotation marks, "1.1.0"'),
    ('[module]\nclock = "gps"\n', "2: module, clock: 'gps': must be one of 'pc', 'ntp', "
     "False"),
    ("[settings]\nuser_desk = 1\n", "2: settings, user_desk: no variable of that name is "
     "known; do you mean user_desc? AT+S.GCFG lists the variables of a module; those that are not "
     "known here stand in [other_settings]"),
    ("[settings]\nblink_led = true\n", "2: settings, blink_led: must be text or a whole "
     "number (0 and 1 for no and yes)"),
    ("[settings]\nip_use_httpd = 1\n", SERVED),
    ('[settings]\nip_use_httpd = 1\nuser_desc = "Anonymous"\n', SERVED),
    ('[module]\nservers = "on"\n', "2: module, servers: 'on': must be one of 'off', 'unchanged'"),
    ('[settings]\nuser_desc = "a\\rb"\n', "2: settings, user_desc: the value must not "
     "contain CR, LF or NUL"),
    ('[settings]\nuser_desc = "{name}"\n', "2: settings, user_desc: {name}: there are "
     "{serial}, {mac}, {tail}"),
    ('[settings]\nuser_desc = "{serial!r:>99999999}"\n', "2: settings, user_desc: "
     "{serial}: there are {serial}, {mac}, {tail}"),
    ('[settings]\nuser_desc = "{"\n', "2: settings, user_desc: single { or }: write {{ "
     "or }}"),
    ('[settings]\nnv_serial = "1"\n', "2: settings, nv_serial: cannot be changed on this "
     "module"),
    ('[settings]\nwifi_ssid = "a"\n', "2: settings, wifi_ssid: this belongs to "
     "[network]"),
    ('[settings]\nwifi_wpa_psk_text = "hunter22"\n', "2: settings, wifi_wpa_psk_text: a "
     "plan holds no secret; a WPA password belongs to [network]"),
    ("[other_settings]\nconsole_speed = 9600\n", "2: other_settings, console_speed: this "
     "would change the UART that the bench uses"),
    ('[other_settings]\n"a,b" = 1\n', "2: other_settings, a,b: the name of a variable "
     "has letters, digits and _"),
    ('[network]\npassword_env = "A"\n', "1: network: ssid is missing"),
    (NETWORK + 'password = "hunter22"\n', "3: network, password: a plan holds no "
     'password: password_env = "NAME" takes it from the environment, password_prompt = '
     "true asks for it"),
    (NETWORK + 'password_env = "A"\npassword_prompt = true\n', "4: network, "
     "password_prompt: take either this or password_env"),
    ('[[host]]\nname = "a.example"\n', "1: host: a server can only be reached with a "
     "[network]"),
    (NETWORK + '[module]\nclock = false\n[[host]]\nname = "a.example"\n', "3: module: "
     "clock = false: [[host]] needs it, because certificates have dates"),
    (NETWORK + '[[host]]\nname = "s"\n', "4: host 1, name: 's': "),
    (NETWORK + '[[host]]\nname = "a"\nport = 0\n', "5: host 1, port: 0: must be a number "
     "from 1 to 65535"),
    (NETWORK + '[[host]]\nname = "a.example"\n[roots]\ncertifi = false\n', "5: roots: no "
     "roots for the hosts: certifi = true, or files = [...]"),
    ('[roots]\nfiles = ["none.pem"]\n', "2: roots, files 1: 'none.pem': "),
    ('[roots]\nfiles = ["page.html"]\n', "2: roots, files 1: 'page.html': "),
    ('[roots]\ninstall = ["leaf.pem"]\n', "2: roots, install 1: 'leaf.pem': it says "
     "that it is not a CA's, so it is not trusted as one. If it is a server's, name the root that "
     "signed it"),
    ('[[file]]\nname = "page.html"\npath = "page.html"\n', "2: file 1, name: "
     "'page.html': must be VOLUME:/NAME with volume 1 (flash), 3 (application) or 0 (SD "
     "card); the RAM disk, 2, loses its files at a restart"),
    ('[[file]]\nname = "2:/page.html"\npath = "page.html"\n', "2: file 1, name: "),
    ('[[file]]\nname = "1:/a,b"\npath = "page.html"\n', "2: file 1, name: "),
    ('[[file]]\nname = "1:/a"\npath = "none"\n', "3: file 1, path: 'none': "),
    ('[[file]]\nname = "1:/a"\npath = "empty"\n', "3: file 1, path: 'empty': the file "
     "is empty, and the module takes no empty file"),
    ('[[file]]\nname = "1:/a"\npath = "{x}"\n', "3: file 1, path: '{x}': {x}: there "),
    ('[[file]]\nname = "1:/a"\npath = "page.html"\n' * 2, "1: file: 1:/a is there twice"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), CASES, ids=[said[:50] for _, said in CASES])
def test_a_mistake_is_named_with_its_line_and_what_is_allowed(write, text, said):
    found = mistakes(write, text)
    assert len(found) == 1
    assert found[0].startswith(said)
    assert "hunter" not in found[0]
    if not said.endswith((": ", "there ")):
        assert found[0] == said


def test_a_value_with_a_format_of_its_own_cannot_exhaust_memory(write):
    assert mistakes(write, '[settings]\nuser_desc = "{serial:99999999999}"\n')


def test_every_known_variable_is_a_setting_or_says_why_not(write):
    for name in plans.DEFAULTS:
        try:
            plans._setting(name, 1)
        except ValueError as e:
            assert "cannot be changed" in str(e) or "[network]" in str(e) or "the UART" in str(e)
