"""Real servers of this computer for mail (aiosmtpd) and TFTP (tftpy)."""

import asyncio
import pathlib
import threading

import tftpy
from aiosmtpd.smtp import SMTP, AuthResult


class Mail:
    """A mail server; mails: (sender, recipients, bytes). user: (name, password) that it asks
    for. logins: those that it got. names: of its clients."""

    def __init__(self, context=None, user=None):
        self.mails = []
        self.logins = []
        self.names = []
        self._user = user
        self._loop = asyncio.new_event_loop()
        listening = self._loop.create_server(self._session, "127.0.0.1", 0, ssl=context)
        server = self._loop.run_until_complete(listening)
        self.address = server.sockets[0].getsockname()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _session(self):
        return SMTP(
            self,
            authenticator=self._login,
            auth_required=self._user is not None,
            auth_require_tls=False,
            loop=self._loop,
        )

    def stop(self):
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self):
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _login(self, server, session, envelope, mechanism, data):
        login = data.login.decode(), data.password.decode()
        self.logins.append((mechanism, *login))
        return AuthResult(success=login == self._user)

    async def handle_DATA(self, server, session, envelope):
        """Keep a mail."""
        self.names.append(session.host_name)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Take all recipients but one."""
        if address.startswith("nobody@"):
            return "550 unknown"
        envelope.rcpt_tos.append(address)
        return "250 known"


class Tftp:
    """A TFTP server of a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._server = tftpy.TftpServer(str(folder))
        self._thread = threading.Thread(
            target=self._server.listen, args=("127.0.0.1", 0, 0.05), daemon=True
        )
        self._thread.start()
        self._server.is_running.wait()
        self.address = "127.0.0.1", self._server.listenport

    def stop(self):
        """End it."""
        self._server.stop(now=True)
        self._thread.join()
