"""Sends a report that was made: into a folder, by mail, or to a webhook."""

from __future__ import annotations

import mimetypes
import shutil
import smtplib
import ssl
from collections.abc import Collection
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.errors import OutputError
from app.core.credential_store import CredentialStore
from app.core.signed_post import make_webhook_key, post_signed
from app.error_reporting import explain_error
from app.reports.mail_refusals import explain_refusal, refuse_recipients, tell_answer
from app.reports.schedule_file import MailServer, Schedule, Target
from resources.atomic_file import replace_file

TIMEOUT_S = 20.0
TITLE_HEADER = "X-ExpoFlow-Report"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def send_report(
    file: Path,
    schedule: Schedule,
    *,
    title: str,
    mail: MailServer | None,
    credentials: CredentialStore,
    taken_by: Collection[str] = (),
) -> None:
    """Send a file where its schedule says.

    Args:
        taken_by: who has got it already, of those that mail is sent to.

    Raises:
        PartlyTakenError: a mail server refused some of those it is for.
        OutputError: it was not taken; says by whom and why.
        CredentialError: the keyring cannot be asked.
    """
    if schedule.target is Target.FOLDER:
        _put_into_folder(file, Path(schedule.to))
    elif schedule.target is Target.MAIL:
        _mail(file, schedule, title=title, mail=mail, credentials=credentials, taken_by=taken_by)
    else:
        _post(file, schedule.to, title=title, credentials=credentials)


def make_mail_key(mail: MailServer) -> str:
    """Under which the password of a mail server is kept."""
    return f"mail:{mail.user}@{mail.host}"


def _put_into_folder(file: Path, folder: Path) -> None:
    try:
        with replace_file(folder / file.name) as temporary:
            shutil.copyfile(file, temporary)
    except OSError as error:
        raise explain_error(OutputError, error, file=folder) from error


def _mail(
    file: Path,
    schedule: Schedule,
    *,
    title: str,
    mail: MailServer | None,
    credentials: CredentialStore,
    taken_by: Collection[str],
) -> None:
    if mail is None:
        raise OutputError(
            "No mail server is entered, so that '{name}' cannot be sent.",
            "Enter one on the page of reports, or with: python -m app schedule mail-server.",
            name=schedule.name,
        )
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = title, mail.sender, schedule.to
    message.set_content(title)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    main, sub = kind.split("/")
    message.add_attachment(file.read_bytes(), maintype=main, subtype=sub, filename=file.name)
    wanted = [address for _, address in getaddresses([schedule.to]) if address not in taken_by]
    found = credentials.find(make_mail_key(mail))
    context = ssl.create_default_context()
    try:
        if mail.uses_tls_at_once:
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_S)
        with server:
            # a password and a report go unencrypted to this very machine alone
            if not mail.uses_tls_at_once and mail.host not in _LOOPBACK:
                server.starttls(context=context)
            if found is not None:
                server.login(found.user or mail.user, found.password)
            refused = server.send_message(message, to_addrs=wanted)
    except (OSError, smtplib.SMTPException) as error:
        raise explain_refusal(error, mail) from error
    if refused:
        raise refuse_recipients(refused, tuple(one for one in wanted if one not in refused), mail)


def _post(file: Path, url: str, *, title: str, credentials: CredentialStore) -> None:
    content = file.read_bytes()
    headers = {
        "Content-Type": mimetypes.guess_type(file.name)[0] or "application/octet-stream",
        "Content-Disposition": f'attachment; filename="report{file.suffix}"',
        TITLE_HEADER: title.encode("utf-8").hex(),
    }
    secret = credentials.find(make_webhook_key(url))
    try:
        post_signed(
            url,
            content,
            headers=headers,
            secret=None if secret is None else secret.password,
            timeout_s=TIMEOUT_S,
        )
    except OSError as error:
        raise OutputError(
            "{host} did not take the report: {reason}.",
            "Look whether the address is right and the service runs.",
            host=urlsplit(url).netloc,
            reason=tell_answer(error),
        ) from error
