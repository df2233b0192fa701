"""Mail by the module's SMTP client."""

from spwf04 import ModuleError, SPWF04Error
from spwf04.services.mail import send_mail, sending_mail

ME, YOU = "door@a.example", "you@b.example"


def server(bench, *login):
    bench.join()
    bench.sim("mail_server", *login)


def send(bench, subject="Alarm", body="The door is open.", to=YOU, **more):
    send_mail(bench.radio, "mail.example", ME, to, subject, body, **more)


def head(bench):
    return bytes(bench.sim("mail_text")).split(b"\r\n\r\n")[0].split(b"\r\n")


def text(bench):
    mail = bytes(bench.sim("mail_text"))
    return mail[mail.find(b"\r\n\r\n") + 4 :]


def test_a_mail_is_sent(bench):
    server(bench)
    send(bench)
    assert bench.sim("mail_from") == ME
    assert list(bench.sim("mail_to")) == [YOU]
    assert b"Subject: Alarm" in head(bench)
    assert text(bench) == b"The door is open.\r\n"


def test_the_steps_do_the_same(bench):
    server(bench)
    steps = sending_mail(bench.radio, "mail.example", ME, YOU, "Alarm", "It is open.")
    bench.radio.channel.take(steps)
    assert bench.sim("mails_taken") == 1


def test_copies_and_secret_copies(bench):
    server(bench)
    send(bench, to=[YOU, "two@b.example"], cc="three@b.example", bcc=["four@b.example"])
    numbers = "two three four".split()
    assert list(bench.sim("mail_to")) == [YOU] + [n + "@b.example" for n in numbers]
    assert b"four" not in bytes(bench.sim("mail_text"))


def test_user_and_password(bench):
    server(bench, "door", "hunter2")
    send(bench, user="door", password="hunter2")
    e = bench.raises(ModuleError, send, bench, user="door", password="geheim")
    assert e.code == 111
    assert e.remedy == "check_mail"
    assert "geheim" not in str(e)
    bench.raises(ModuleError, send, bench)
    assert bench.sim("mails_taken") == 1


def test_a_password_may_hold_a_comma(bench):
    server(bench, "do,or", "hun,ter|a;2")
    send(bench, subject="a, b", user="do,or", password="hun,ter|a;2")
    assert bench.sim("mails_taken") == 1
    assert bench.radio.get("console_delimiter") in ("0x2C", ",")


def test_a_refusal_leaves_the_delimiter_as_it_was(bench):
    server(bench, "do,or", "hunter2")
    bench.raises(ModuleError, send, bench, user="do,or", password="hunter,3")
    assert bench.radio.get("console_delimiter") in ("0x2C", ",")
    send(bench, user="do,or", password="hunter2")


def test_a_subject_with_umlauts_and_commas_is_an_encoded_word(bench):
    server(bench)
    send(bench, subject="T\xfcr auf")
    assert b"Subject: =?UTF-8?B?VMO8ciBhdWY=?=" in head(bench)
    send(bench, subject="one, two")
    assert b"Subject: =?UTF-8?B?b25lLCB0d28=?=" in head(bench)
    send(bench, subject="=?x?=")
    assert b"Subject: =?UTF-8?B?PT94Pz0=?=" in head(bench)
    send(bench, subject="\u20ac" * 40)
    (line,) = [line for line in head(bench) if line.startswith(b"Subject")]
    words = line.split(b" ")[1:]
    assert len(words) == 3
    assert max([len(word) for word in words]) <= 75


def test_lines_end_in_cr_lf_whatever_they_ended_in(bench):
    server(bench)
    send(bench, body="one\ntwo\r\nthree\rf\xfcnf\n\n.six\n.\nseven")
    expected = "one\r\ntwo\r\nthree\r\nf\xfcnf\r\n\r\n.six\r\n. \r\nseven\r\n"
    if bench.sim("quirk", "smtp_dots") != "doubled":
        expected = expected.replace(".six", "six").replace(". ", " ")
    assert text(bench) == expected.encode()


def test_no_text_ends_a_mail_or_begins_another(bench):
    server(bench)
    send(bench, body="a\n.\nMAIL FROM:<evil@c.example>\nAT+S.RESET\r\n")
    assert bench.sim("mails_taken") == 1
    assert b"evil" in text(bench)
    assert bench.radio.isconnected()


def test_the_body_may_be_empty(bench):
    server(bench)
    send(bench, body="")
    assert text(bench) == b"\r\n"


def test_a_file_on_the_module_is_attached(bench):
    server(bench)
    bench.sim("put_file", "log.txt", b"12:00 open\n")
    send(bench, attachment="2:/log.txt")
    assert b"MTI6MDAgb3Blbgo=" in bytes(bench.sim("mail_text"))
    assert "log.txt" in bench.sim("files")


def test_bytes_are_attached_and_leave_no_file(bench):
    server(bench)
    send(bench, attachment=("log.txt", b"12:00 open\n"))
    assert b"MTI6MDAgb3Blbgo=" in bytes(bench.sim("mail_text"))
    assert bench.sim("files") == []
    bench.raises(ModuleError, send, bench, to="nobody@b.example", attachment=("log.txt", b"x"))
    assert bench.sim("files") == []


def test_a_file_that_is_there_is_not_overwritten_by_an_attachment(bench):
    server(bench)
    bench.sim("put_file", "log.txt", b"mine")
    e = bench.raises(SPWF04Error, send, bench, attachment=("log.txt", b"x"))
    assert "already" in str(e)
    assert bench.sim("module_file", 2, "log.txt") == b"mine"
    assert bench.sim("mails_taken") == 0


def test_an_attachment_that_does_not_fit_is_told_before_it_is_sent(bench):
    server(bench)
    bench.sim("fill_disk", 16000)
    e = bench.raises(SPWF04Error, send, bench, attachment=("log.txt", bytes(400)))
    assert e.remedy == "free_room"
    assert "log.txt" not in bench.sim("files")


def test_a_file_that_is_missing_is_an_error(bench):
    server(bench)
    assert bench.raises(ModuleError, send, bench, attachment="2:/log.txt").code == 51
    assert bench.sim("mails_taken") == 0
    send(bench)


def test_a_recipient_that_is_refused(bench):
    server(bench)
    e = bench.raises(ModuleError, send, bench, to=[YOU, "nobody@b.example"])
    assert e.code == 111
    assert "recipients" in str(e)
    assert bench.sim("mails_taken") == 0
    send(bench)


def test_nobody_answers(bench):
    bench.join()
    e = bench.raises(ModuleError, send_mail, bench.radio, "echo.example", ME, YOU, "a", "b")
    assert e.code in (74, 111)
    e = bench.raises(ModuleError, send_mail, bench.radio, "nowhere.example", ME, YOU, "a", "b")
    assert e.code == 65


def test_without_a_network_the_error_says_to_join(bench):
    bench.sim("mail_server")
    assert bench.raises(ModuleError, send, bench).code == 44


def test_a_module_that_restarts_in_the_middle(bench):
    server(bench)
    bench.sim("fault", "restart", ">", 60)
    bench.raises(SPWF04Error, send, bench)
    bench.join()
    send(bench)
    assert bench.sim("mails_taken") == 1


def test_arguments_that_would_be_another_command_are_refused_before_a_byte_is_sent(bench):
    before = bench.sim("bytes_in")
    for bad in ("a\rAT+S.RESET", "a\nb", "a\0b"):
        bench.raises(ValueError, send, bench, subject=bad)
        bench.raises(ValueError, send, bench, to=bad + "@b.example")
        bench.raises(ValueError, send, bench, to="you@b.example" + bad)
        bench.raises(ValueError, send, bench, user=bad, password="x")
        bench.raises(ValueError, send, bench, user="x", password=bad)
        bench.raises(ValueError, send, bench, name=bad)
        bench.raises(ValueError, send, bench, attachment="2:/" + bad)
        bench.raises(ValueError, send, bench, attachment=(bad, b"x"))
        bench.raises(ValueError, send_mail, bench.radio, bad, ME, YOU, "a", "b")
    for bad in ("you", "@b", "a@", "a b@c", "<a@b>", "a@b,c@d", "a@b;c@d", "a@b\r\nBcc: x@y", ""):
        bench.raises(ValueError, send, bench, to=bad)
        e = bench.raises(ValueError, send, bench, cc=[YOU, bad])
        assert "cc[1]" in str(e)
        assert YOU not in str(e)
    bench.raises(ValueError, send, bench, to=[])
    assert "a list" in str(bench.raises(ValueError, send, bench, to="a@b.example, c@d.example"))
    bench.raises(ValueError, send, bench, body="x" * 999)
    bench.raises(ValueError, send, bench, body="x\n" * 700)
    bench.raises(ValueError, send, bench, body="a\0b")
    bench.raises(ValueError, send, bench, user="x")
    bench.raises(ValueError, send, bench, to=["%s%d@b.example" % ("x" * 40, n) for n in range(9)])
    bench.raises(ValueError, send, bench, attachment=("x", b""))
    bench.raises(ValueError, send, bench, attachment=("1:/x", b"x"))
    bench.raises(TypeError, send, bench, context="yes")
    assert bench.sim("bytes_in") == before
