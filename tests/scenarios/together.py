"""Services of the module beside each other, as with asyncio: each was built for itself."""

from spwf04 import SPWF04Error
from spwf04.at.exchange import RUNNING, Exchange
from spwf04.at.task import Task, Wait
from spwf04.services.mqtt import MQTTClient
from spwf04.services.websocket import connect

HOST = "http://web.example"
BINARY, CLOSE = 2, 8


def beside(bench, *steps):
    """Run steps in turns, as tasks of asyncio, each once the line is free; return their results.

    So a command of one comes between two commands of another wherever that is possible.
    """
    channel = bench.radio.channel
    tasks = [Task(channel, one) for one in steps]
    waiting = list(tasks)

    def turn():
        if not channel.busy():
            waiting.append(waiting.pop(0))
            if waiting[0].poll():
                waiting.pop(0)
        return not waiting

    assert channel.wait(turn, 120000)
    return [task.result for task in tasks]


def client(bench, got):
    bench.join()
    bench.sim("link_servers")
    desk = MQTTClient(bench.radio, "door-1", "broker.example", 8080)
    desk.set_callback(lambda topic, message: got.append(message))
    desk.connect()
    desk.subscribe("a/b")
    return desk


def download(bench, during=None):
    """Have a page come raw, which masks all indications; during(): called while it comes."""
    from spwf04.services.http import get

    bench.sim("web", "200 OK", "length", bytes(bench.pattern(2000)))
    got = bytearray()

    def take(piece):
        if during is not None and not got:
            during()
        got.extend(piece)

    get(bench.radio, HOST, into=take)
    assert got == bench.pattern(2000)


def test_a_broker_that_goes_while_indications_are_masked_is_noticed(bench):
    desk = client(bench, [])
    download(bench, lambda: bench.sim("broker_breaks"))
    assert bench.raises(OSError, desk.wait_msg, 10).args[0] == 104


def test_a_poll_notices_it_too(bench):
    desk = client(bench, [])
    download(bench, lambda: bench.sim("broker_breaks"))
    bench.rest(2000)
    bench.raises(SPWF04Error, desk.check_msg)


def test_a_message_of_a_websocket_that_came_meanwhile_is_there(bench):
    bench.join()
    bench.sim("link_servers", False)
    ws = connect(bench.radio, "ws://ws.example/", last=int(bench.sim("quirk", "websocket_last")))
    download(bench, lambda: bench.sim("web_says", BINARY, b"masked"))
    bench.rest(1000)
    assert ws.readable()
    assert ws.recv(0) == b"masked"
    ws.close()


def test_arguments_with_a_comma_beside_other_commands(bench):
    desk = client(bench, [])

    def others():
        from spwf04.commands.filesystem import ask

        for _ in range(20):
            yield from ask(bench.radio.channel, b"AT+S.SCFG=ramdisk_memsize,8\r")

    def publish():
        for n in range(5):
            yield from desk.publishing("a,%d" % n, b"x")

    beside(bench, others(), publish())
    assert bench.radio.get("console_delimiter") in (",", "0x2C")


def test_a_setting_with_a_comma_beside_other_commands(bench):
    """What begins a command whenever the line is free gets none in between."""
    bench.radio.get("nv_model")
    channel = bench.radio.channel
    other = Exchange()

    def whenever_it_is_idle():
        if other.code != RUNNING:
            channel.start(other.prepare(b"AT+S.SCFG=ramdisk_memsize,8\r"))

    channel.when_idle(whenever_it_is_idle)
    bench.radio.set("user_desc", "a,b")
    channel.when_idle(None)
    assert bench.until(lambda: bench.poll() or other.code != RUNNING)
    assert other.code == 0 and other.command
    assert bench.radio.get("ramdisk_memsize") == "8"
    assert bench.radio.get("user_desc") == "a,b"


def test_two_pages_at_once(bench):
    """The second begins so many commands behind the first."""
    from spwf04.commands.filesystem import ask
    from spwf04.services.http import getting

    desk = client(bench, [])
    bench.sim("web", "200 OK", "length", bytes(bench.pattern(2000)))

    def page(got, after):
        def take(piece):
            bench.sim("broker_publishes", b"a/b", b"now")
            got.extend(piece)

        for _ in range(after):
            yield from ask(bench.radio.channel, b"AT\r")
        yield from getting(bench.radio, HOST, into=take)

    for after in range(10):
        got = bytearray(), bytearray()
        beside(bench, page(got[0], 0), page(got[1], after))
        assert got[0] == got[1] == bench.pattern(2000), after
        for name in ("low", "medium", "high"):
            assert int(bench.radio.get("console_wind_off_" + name), 16) == 0
    desk.disconnect()


def test_two_pages_through_files_at_once(bench):
    """Each gets its own page, and sends its own body."""
    from spwf04.commands.filesystem import ask
    from spwf04.services.http import getting, posting

    bench.join()
    bench.sim("web_mirror")
    there = bench.radio.files.list()
    url = "http://mirror.example/"

    def page(steps, after):
        for _ in range(after):
            yield from ask(bench.radio.channel, b"AT\r")
        return bytes((yield from steps).content)

    for after in range(9):
        first = page(getting(bench.radio, url + "a"), 0)
        second = page(getting(bench.radio, url + "b"), after)
        assert beside(bench, first, second) == [b"/a ", b"/b "], after
        first = page(posting(bench.radio, url + "a", "for a"), 0)
        second = page(posting(bench.radio, url + "b", json=["for", "b"]), after)
        assert beside(bench, first, second) == [b"/a for a", b'/b ["for", "b"]'], after
    assert bench.radio.files.list() == there


def test_two_mails_at_once_with_attachments_of_one_name(bench):
    from spwf04.commands.filesystem import ask
    from spwf04.services.mail import sending_mail

    bench.join()
    bench.sim("mail_server")

    def mail(data, after):
        for _ in range(after):
            yield from ask(bench.radio.channel, b"AT\r")
        arguments = "mail.example", "a@b.example", "c@d.example", "x", "y"
        yield from sending_mail(bench.radio, *arguments, attachment=("log.txt", data))

    for after in range(7):
        beside(bench, mail(b"first", 0), mail(b"second", after))
        assert bench.sim("mails_taken") == 2 * after + 2
    assert bench.radio.files.list() == []


def test_a_mail_waits_for_another_one_no_longer_than_its_timeout(bench):
    from spwf04.at.task import Task
    from spwf04.errors import errno
    from spwf04.services.mail import send_mail, sending_mail

    bench.join()
    bench.sim("mail_server")
    mail = bench.radio, "mail.example", "a@b.example", "c@d.example", "x", "y"
    first = Task(bench.radio.channel, sending_mail(*mail, attachment=("log.txt", b"first")))
    for _ in range(3):
        first.poll()
    late = bench.raises(
        OSError, lambda: send_mail(*mail, attachment=("log.txt", b"second"), timeout=2)
    )
    assert late.errno == errno.ETIMEDOUT, late
    bench.until(first.poll)
    assert bench.sim("mails_taken") == 1


def test_a_function_that_a_pin_calls_gets_its_own_page(bench):
    from spwf04.services.http import get
    from spwf04.services.pins import Pin

    bench.join()
    bench.sim("web_mirror")
    pages = []

    def pressed(pin):
        pages.append(bytes(get(bench.radio, "http://mirror.example/pressed").content))

    Pin(bench.radio, 5).irq(pressed)
    for n in range(20):
        bench.sim("drive", 5, 1 - n % 2, n)
        assert get(bench.radio, "http://mirror.example/%d" % n).content == b"/%d " % n
        bench.rest(200)
    assert pages == [b"/pressed "] * 20


def test_messages_of_two_tasks_on_one_websocket_stay_whole(bench):
    bench.join()
    bench.sim("link_servers", False)
    ws = connect(bench.radio, "ws://ws.example/", last=int(bench.sim("quirk", "websocket_last")))
    long, short = bytes(bench.pattern(2000)), b"short"
    beside(bench, ws.sending(long), ws.sending(short), ws.sending(long))
    bench.rest(200)
    got, message = [], b""
    for _, data, last in bench.sim("web_got"):
        message += data
        if last:
            got.append(message)
            message = b""
    assert sorted(got) == sorted([long, short, long])
    ws.close()


def test_two_tasks_that_receive_get_a_message_each(bench):
    bench.join()
    bench.sim("link_servers", False)
    ws = connect(bench.radio, "ws://ws.example/", last=int(bench.sim("quirk", "websocket_last")))
    messages = [b"a" * 900, b"b" * 901]

    def speak():
        yield Wait(lambda: False, 15000)
        for message in messages:
            bench.sim("web_says", BINARY, message)

    def receive(timeout):
        late = bench.radio.channel.deadline(timeout * 1000 + 1000)
        try:
            return (yield from ws.receiving(timeout))
        except OSError as e:
            return e.args[0], bench.radio.channel.expired(late)

    one, two, three, four, _ = beside(
        bench, receive(40), receive(40), receive(2), receive(0), speak()
    )
    assert sorted((one, two)) == messages
    assert three[0] not in (11, 104) and not three[1]
    assert four == (11, False)
    ws.close()


def test_a_supervisor_does_not_take_masked_indications_for_a_loss(bench):
    from spwf04.supervise import Supervisor

    keeper = Supervisor(bench.radio, bench.ssid, bench.password)
    assert bench.until(lambda: keeper.poll() == "up")
    for _ in range(2):
        download(bench)
        bench.until(lambda: keeper.poll() and False)
    assert (keeper.joins, keeper.losses, keeper.failures) == (1, 0, 0)


def test_a_supervisor_learns_of_a_loss_that_was_masked(bench):
    from spwf04.supervise import Supervisor

    keeper = Supervisor(bench.radio, bench.ssid, bench.password)
    assert bench.until(lambda: keeper.poll() == "up")
    try:
        download(bench, lambda: bench.sim("drop_link"))
    except (OSError, AssertionError):
        pass
    assert bench.until(lambda: keeper.poll() == "up" and keeper.joins == 2)
    assert keeper.losses == 1


def test_what_was_told_before_bytes_were_lost_is_asked_for_anew(bench):
    bench.join()
    bench.sim("lose_indication", 24, 2)
    bench.sim("drop_link")
    bench.rest(3000)
    bench.radio.channel.lose()
    assert bench.radio.get("nv_model") == "SPWF04SA"
    assert bench.radio.isconnected()


def test_a_connection_whose_caller_gave_up_is_nobodys(bench):
    """As with asyncio.wait_for(): the command goes on to its end."""
    desk = client(bench, [])
    desk.disconnect()
    task = Task(bench.radio.channel, desk.connecting())
    assert bench.until(lambda: task.poll() or bench.radio.channel.exchange is not None)
    while not bench.radio.channel.exchange.command.startswith(b"AT+S.MQTTCONN"):
        task.poll()
    task.close()
    assert bench.until(lambda: bench.poll() or not bench.radio.channel.busy())
    bench.rest(1000)
    bench.raises(SPWF04Error, desk.publish, "a/b", b"x")
    bench.raises(SPWF04Error, desk.check_msg)
    desk.connect()
    assert bench.sim("links_taken") == 1
    desk.disconnect()


def test_a_page_whose_caller_gave_up_is_nobodys(bench):
    from spwf04.services.http import getting

    bench.join()
    body = bytes(bench.pattern(3000))
    bench.sim("web", "200 OK", "length", body, 300, body[1500:1510])
    got = bytearray()
    task = Task(bench.radio.channel, getting(bench.radio, HOST, into=got.extend))
    assert bench.until(lambda: task.poll() or len(got) > 500)
    task.close()
    size = len(got)
    bench.rest(8000)
    assert len(got) == size
    assert bench.radio.get("nv_model") == "SPWF04SA"
    bench.rest(1000)
    for name in ("low", "medium", "high"):
        assert int(bench.radio.get("console_wind_off_" + name), 16) == 0
    download(bench)


def test_a_command_that_is_given_up_before_it_is_sent_stays_unsent(bench):
    desk = client(bench, [])
    channel = bench.radio.channel
    task = Task(channel, desk.publishing("a,b", b"x"))
    task.poll()
    assert channel.exchange.command.startswith(b"AT+S.SCFG=console_delimiter")
    task.close()
    assert bench.until(lambda: bench.poll() or not channel.busy())
    assert bench.sim("broker_got", 3) == []
    resyncs = channel.resyncs
    assert bench.radio.get("console_delimiter") in (",", "0x2C")
    assert channel.resyncs == resyncs


def test_what_an_earlier_program_has_left_is_closed_and_no_connection_of_another_task(bench):
    client(bench, []).disconnect()
    radio = bench.another_radio()
    radio.get("nv_model")
    channel = radio.channel
    desks = [MQTTClient(radio, "door-%d" % n, "broker.example", 8080) for n in (0, 1)]
    first, second = [Task(channel, desk.connecting()) for desk in desks]
    for task in (first, second):
        task.poll()
    assert channel.exchange.command == b"AT+S.WSOCKL\r"
    assert channel.wait(lambda: channel.exchange is None, 5000)
    for task in (second, first):  # the first closes what is left once the second has connected
        task.poll()
    assert channel.exchange.command.startswith(b"AT+S.MQTTCONN")
    assert channel.wait(lambda: first.poll() and second.poll(), 10000)
    for desk in desks:
        desk.publish("a/b", b"x")
    assert bench.sim("links_taken") == 2


def test_a_context_sees_no_ca_of_another_one(bench):
    """The second begins so many commands behind the first."""
    from spwf04 import CertificateError, SSLContext
    from spwf04.commands.filesystem import ask
    from spwf04.services.http import getting

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    contexts = SSLContext(engine="module"), SSLContext(engine="module")
    for context, name in zip(contexts, ("ca_pem", "other_ca_pem")):
        context.load_verify_locations(cadata=bench.sim(name))

    def page(context, after):
        for _ in range(after):
            yield from ask(bench.radio.channel, b"AT\r")
        try:
            where = "https://www.example.com/"
            return (yield from getting(bench.radio, where, context=context, into=len))
        except CertificateError as e:
            return e

    for after in range(12):
        trusted, other = beside(bench, page(contexts[0], after), page(contexts[1], 0))
        assert trusted.status_code == 200
        assert isinstance(other, CertificateError), after


def test_nor_does_a_socket(bench):
    """Sockets that do not wait, while the line is in use."""
    from spwf04 import CertificateError, SSLContext

    bench.join()
    bench.radio.set_time(bench.sim("now"))
    for after in range(3):
        socks = []
        for name in ("other_ca_pem", "ca_pem"):
            context = SSLContext(engine="module")
            context.load_verify_locations(cadata=bench.sim(name))
            sock = context.wrap_socket(bench.pool.socket())
            sock.settimeout(0)
            socks.append(sock)
        ends = [None, None]

        def turn(ends=ends, socks=socks, after=after):
            for n in (0, 1):
                if ends[n] is None:
                    for _ in range(after):
                        bench.radio.channel.start(Exchange().prepare(b"AT\r"))
                    try:
                        ends[n] = socks[n].connect(("www.example.com", 443)) or "open"
                    except OSError as e:
                        ends[n] = e if isinstance(e, CertificateError) else None
            return None not in ends

        assert bench.radio.channel.wait(turn, 60000)
        assert isinstance(ends[0], CertificateError) and ends[1] == "open", after
        for sock in socks:
            sock.close()


def test_connections_outlive_a_sleep(bench):
    assert bench.sim("power_state") == "active"
    got = []
    desk = client(bench, got)
    ws = connect(bench.radio, "ws://ws.example/", last=int(bench.sim("quirk", "websocket_last")))
    bench.radio.sleep()
    for call in (
        lambda: desk.publish("a/b", b"x"),
        lambda: desk.publish("a,b", b"x"),
        lambda: desk.wait_msg(40),
        lambda: ws.send(b"x"),
        lambda: ws.recv(3),
    ):
        e = bench.raises(OSError, call)
        assert "sleeps" in str(e), e
    bench.sim("drive", 6, 1)
    bench.radio.wake()
    desk.publish("a/b", b"awake")
    desk.wait_msg(5)
    assert got == [b"awake"]
    ws.send(b"awake")
    assert ws.recv(5) == b"awake"
    ws.close()
    desk.disconnect()
