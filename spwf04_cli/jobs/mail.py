"""What mail does on a module."""


def mail(radio, server, port, tls, sender, to, subject, body, how):
    """Have the module send a mail. tls: with the CAs on the module. how: other arguments of
    send_mail()."""
    from spwf04.services.mail import send_mail

    context = True if tls else None
    send_mail(radio, server, sender, to, subject, body, port=port, context=context, **how)
