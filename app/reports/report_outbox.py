"""Delivery of reports to a folder, by mail or to a webhook, with retries."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import shutil
import smtplib
import socket
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from analytics.domain.errors import OutputError, StoreError
from app.core.credentials import CredentialStore
from app.core.outgoing_connection import create_connection
from app.core.signed_post import make_webhook_key, post_signed
from app.error_reporting import convert_error, describe_error, pack_error, unpack_error
from app.reports.schedule_file import MailServer, Schedule, Target
from resources.atomic_file import replace_file, write_text_atomically


class PartialDeliveryError(OutputError):
    """An error after which some recipients have the report; ``taken_by`` lists them for the next attempt."""

    def __init__(
        self, problem: str, remedy: str, *, taken_by: tuple[str, ...] = (), **details: object
    ) -> None:
        super().__init__(problem, remedy, **details)
        self.taken_by = taken_by


def explain_refusal(error: OSError | smtplib.SMTPException, mail: MailServer) -> OutputError:  # noqa: PLR0911 - one for each reason
    """Return the error for a message that the mail server accepted for no recipient."""
    host, reason = mail.host, format_answer(error)
    match error:
        case smtplib.SMTPRecipientsRefused():
            return explain_refused_recipients(error.recipients, (), mail)
        case smtplib.SMTPAuthenticationError():
            return OutputError(
                "The mail server {host} refused the login of '{user}': {reason}.",
                "Enter the user name and password again; some providers require an app password.",
                host=host,
                user=mail.user,
                reason=reason,
            )
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            return OutputError(
                "The mail server {host} offers no encryption on port {port}, so nothing was sent.",
                "Choose implicit TLS and port 465, or ask the server's administrator for STARTTLS.",
                host=host,
                port=mail.port,
            )
        case smtplib.SMTPNotSupportedError():
            return OutputError(
                "The mail server {host} does not support logins.",
                "Leave the user name of the mail server empty, or use another port.",
                host=host,
            )
        case smtplib.SMTPSenderRefused():
            return OutputError(
                "The mail server {host} does not accept mail from {sender}: {reason}.",
                "Enter a sender address that this user may use.",
                host=host,
                sender=mail.sender,
                reason=reason,
            )
        case ssl.SSLCertVerificationError():
            return OutputError(
                "The certificate of the mail server {host} is not valid: {reason}.",
                "Enter the host name in the certificate, or ask the server's administrator for a valid "
                "certificate.",
                host=host,
                reason=reason,
            )
        case ssl.SSLError():
            return OutputError(
                "No encrypted connection to the mail server {host} on port {port} was possible: {reason}.",
                "Use implicit TLS with port 465, and STARTTLS with port 587.",
                host=host,
                port=mail.port,
                reason=reason,
            )
        case socket.gaierror():
            return OutputError(
                "The mail server {host} was not found.",
                "Check the server's name and this computer's network connection.",
                host=host,
            )
        case ConnectionRefusedError() | TimeoutError():
            return OutputError(
                "The mail server {host} does not answer on port {port}.",
                "Check the port, and that no firewall blocks the connection.",
                host=host,
                port=mail.port,
            )
        case _:
            return OutputError(
                "The mail server {host} did not accept the report: {reason}.",
                "Check the server's name, port and password, and that it accepts mail from {sender}.",
                host=host,
                reason=reason,
                sender=mail.sender,
            )


def explain_refused_recipients(
    refused: Mapping[str, tuple[int, bytes]], taken_by: tuple[str, ...], mail: MailServer
) -> PartialDeliveryError:
    """Return the error for refused recipients; the others have received the report."""
    code, answer = next(iter(refused.values()))
    return PartialDeliveryError(
        "The mail server {host} does not accept mail for {recipients}: {reason}.",
        "Check these addresses in the schedule; all other recipients have received the report.",
        host=mail.host,
        recipients=", ".join(refused),
        reason=f"{code} {answer.decode(errors='replace')}",
        taken_by=taken_by,
    )


def format_answer(error: BaseException) -> str:
    """Return the server's answer."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return f"{error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    return str(error) or type(error).__name__


FOLDER_NAME = "outbox"
STATE_FILE = "outbox.json"
LOCK_NAME = ".outbox.lock"
FORMAT = 1
RETRY_AFTER_S = (60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 6 * 3600.0)
"""Delays after the first failures; later ones come every six hours."""
MAX_TRIES = 40
"""Attempts before a delivery is given up, after about a week."""
MAX_SENT = 200
"""Sent deliveries that are kept in the state file."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One report and the state of its delivery.

    Attributes:
        files: their names in the outbox, one of each format; empty once the report was sent and deleted.
        made_s, next_try_s, sent_s: seconds since the epoch; None if not yet.
        problem: error of the last attempt as packed by `pack_words`; empty if it succeeded.
        taken_by: recipients who have the report although others were refused.
    """

    schedule: str
    due_s: float
    files: tuple[str, ...]
    title: str
    made_s: float
    tries: int = 0
    next_try_s: float | None = None
    sent_s: float | None = None
    problem: dict[str, Any] = field(default_factory=dict)
    taken_by: tuple[str, ...] = ()

    def describe_problem(self, translate: Callable[[str], str] = lambda text: text) -> str:
        """Return why the last attempt failed and what to do; ``translate`` as in `describe_error`."""
        if not self.problem:
            return ""
        report = describe_error(unpack_error(StoreError, self.problem), translate=translate)
        return f"{report.problem} {report.remedy}"

    @property
    def is_given_up(self) -> bool:
        """Return whether no further attempt is made."""
        return self.sent_s is None and self.tries >= MAX_TRIES


@dataclass(frozen=True, slots=True)
class Outbox:
    """The state of a venue's deliveries.

    Attributes:
        looked_s: end of the last check for due reports, by schedule.
    """

    looked_s: dict[str, float]
    deliveries: tuple[Delivery, ...] = ()

    def list_waiting(self, now_utc_s: float) -> tuple[Delivery, ...]:
        """Return the deliveries to try now."""
        return tuple(
            one
            for one in self.deliveries
            if one.sent_s is None
            and not one.is_given_up
            and (one.next_try_s is None or one.next_try_s <= now_utc_s)
        )


@contextlib.contextmanager
def lock_outbox(folder: Path) -> Iterator[None]:
    """Hold the lock that lets only one process make and send reports.

    Raises:
        filelock.Timeout: another program holds it.
        StoreError: the folder cannot be written to.
    """
    place = folder / FOLDER_NAME
    try:
        place.mkdir(exist_ok=True)
        with FileLock(place / LOCK_NAME, timeout=0):
            yield
    except OSError as error:
        if isinstance(error, Timeout):
            raise
        raise convert_error(StoreError, error, file=place) from error


def read_outbox(folder: Path) -> Outbox:
    """Read a venue's outbox; it is empty if there is no file.

    Raises:
        StoreError: the file cannot be read; waiting reports stay in the folder.
    """
    file = folder / FOLDER_NAME / STATE_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return Outbox(
            {str(name): float(at_s) for name, at_s in document["looked_s"].items()},
            tuple(_read_delivery(**entry) for entry in document["deliveries"]),
        )
    except FileNotFoundError:
        return Outbox({})
    except OSError as error:
        raise convert_error(StoreError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "{file} cannot be read: its content is invalid.",
            "Remove the file; reports that were not sent are in the same folder.",
            file=file,
        ) from error


def _read_delivery(
    *, file: str = "", files: Collection[str] = (), taken_by: Collection[str] = (), **entry: Any
) -> Delivery:
    # earlier versions wrote one file
    return Delivery(files=tuple(files or filter(None, (file,))), taken_by=tuple(taken_by), **entry)


def write_outbox(folder: Path, outbox: Outbox) -> None:
    """Write the outbox atomically.

    Raises:
        StoreError: it cannot be written.
    """
    file = folder / FOLDER_NAME / STATE_FILE
    sent = [one for one in outbox.deliveries if one.sent_s is not None][-MAX_SENT:]
    waiting = [one for one in outbox.deliveries if one.sent_s is None]
    document = {
        "format": FORMAT,
        "looked_s": outbox.looked_s,
        "deliveries": [asdict(one) for one in (*sent, *waiting)],
    }
    try:
        file.parent.mkdir(exist_ok=True)
        write_text_atomically(file, json.dumps(document, ensure_ascii=False, indent=1))
    except OSError as error:
        raise convert_error(StoreError, error, file=file) from error


def try_delivery(delivery: Delivery, send: Callable[[Delivery], object], *, now_utc_s: float) -> Delivery:
    """Try to send a report; return the delivery with the result, including any error."""
    try:
        send(delivery)
    except Exception as error:
        taken_by = error.taken_by if isinstance(error, PartialDeliveryError) else ()
        wait_s = RETRY_AFTER_S[min(delivery.tries, len(RETRY_AFTER_S) - 1)]
        return replace(
            delivery,
            tries=delivery.tries + 1,
            next_try_s=now_utc_s + wait_s,
            problem=pack_error(error),
            taken_by=(*delivery.taken_by, *taken_by),
        )
    return replace(
        delivery, tries=delivery.tries + 1, next_try_s=None, sent_s=now_utc_s, problem={}, files=()
    )


TIMEOUT_S = 20.0
TITLE_HEADER = "X-ExpoFlow-Report"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def send_report(
    files: Sequence[Path],
    schedule: Schedule,
    *,
    title: str,
    mail: MailServer | None,
    credentials: CredentialStore,
    taken_by: Collection[str] = (),
) -> None:
    """Send files to their schedule's target: in one mail, or one after the other.

    Args:
        taken_by: recipients who have the report already.

    Raises:
        PartialDeliveryError: the mail server refused some of the recipients.
        OutputError: the report was not accepted, or the address is link-local; with the reason.
        CredentialError: the keyring is not available.
    """
    if schedule.target is Target.FOLDER:
        for file in files:
            _copy_to_folder(file, Path(schedule.to))
    elif schedule.target is Target.MAIL:
        _mail(files, schedule, title=title, mail=mail, credentials=credentials, taken_by=taken_by)
    else:
        for file in files:
            _post(file, schedule.to, title=title, credentials=credentials)


def make_mail_key(mail: MailServer) -> str:
    """Return the key of a mail server's password in the keyring."""
    return f"mail:{mail.user}@{mail.host}"


def _copy_to_folder(file: Path, folder: Path) -> None:
    try:
        with replace_file(folder / file.name) as temporary:
            shutil.copyfile(file, temporary)
    except OSError as error:
        raise convert_error(OutputError, error, file=folder) from error


class _MailClient(smtplib.SMTP):
    """An SMTP client that connects only to permitted addresses."""

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return create_connection((host, port), timeout)


class _TlsMailClient(smtplib.SMTP_SSL):
    """An SMTP client with implicit TLS that connects only to permitted addresses."""

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return self.context.wrap_socket(create_connection((host, port), timeout), server_hostname=host)


def _mail(
    files: Sequence[Path],
    schedule: Schedule,
    *,
    title: str,
    mail: MailServer | None,
    credentials: CredentialStore,
    taken_by: Collection[str],
) -> None:
    if mail is None:
        raise OutputError(
            "'{name}' cannot be sent because no mail server is set up.",
            "Set one up on the Reports page, under 'Scheduled reports'.",
            name=schedule.name,
        )
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = title, mail.sender, schedule.to
    message.set_content(title)
    for file in files:
        main, sub = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").split("/")
        message.add_attachment(file.read_bytes(), maintype=main, subtype=sub, filename=file.name)
    pending = [address for _, address in getaddresses([schedule.to]) if address not in taken_by]
    found = credentials.find(make_mail_key(mail))
    context = ssl.create_default_context()
    try:
        if mail.uses_tls_at_once:
            server: smtplib.SMTP = _TlsMailClient(mail.host, mail.port, timeout=TIMEOUT_S, context=context)
        else:
            server = _MailClient(mail.host, mail.port, timeout=TIMEOUT_S)
        with server:
            # only to this computer may a password and a report be sent unencrypted
            if not mail.uses_tls_at_once and mail.host not in _LOOPBACK:
                server.starttls(context=context)
            if found is not None:
                server.login(found.user or mail.user, found.password)
            refused = server.send_message(message, to_addrs=pending)
    except (OSError, smtplib.SMTPException) as error:
        raise explain_refusal(error, mail) from error
    if refused:
        raise explain_refused_recipients(refused, tuple(one for one in pending if one not in refused), mail)


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
            "{host} did not accept the report: {reason}.",
            "Check the address and that the service is running.",
            host=urlsplit(url).netloc,
            reason=format_answer(error),
        ) from error
