"""Reports on their way: to a folder, by mail or to a webhook, tried again until they have arrived."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import shutil
import smtplib
import socket
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from analytics.domain.errors import OutputError, StoreError
from app.core.credentials import CredentialStore
from app.core.signed_post import make_webhook_key, post_signed
from app.error_reporting import describe_error, explain_error, pack_words, unpack_words
from app.reports.schedule_file import MailServer, Schedule, Target
from resources.atomic_file import replace_file, write_text_atomically


class PartlyTakenError(OutputError):
    """Some of those who were to get a report did; ``taken_by`` names them, so that they get it once."""

    def __init__(
        self, problem: str, remedy: str, *, taken_by: tuple[str, ...] = (), **details: object
    ) -> None:
        super().__init__(problem, remedy, **details)
        self.taken_by = taken_by


def explain_refusal(error: OSError | smtplib.SMTPException, mail: MailServer) -> OutputError:  # noqa: PLR0911 - one for each reason
    """The error of a mail server that did not take a message from anybody for anybody."""
    host, reason = mail.host, tell_answer(error)
    match error:
        case smtplib.SMTPRecipientsRefused():
            return refuse_recipients(error.recipients, (), mail)
        case smtplib.SMTPAuthenticationError():
            return OutputError(
                "The mail server {host} refused the login of '{user}': {reason}.",
                "Enter the user name and the password again; some providers want one for programs alone.",
                host=host,
                user=mail.user,
                reason=reason,
            )
        case smtplib.SMTPNotSupportedError() if "STARTTLS" in str(error):
            return OutputError(
                "The mail server {host} offers no encryption on port {port}, so that nothing was sent.",
                "Choose TLS at once and port 465, or ask who runs the server for STARTTLS.",
                host=host,
                port=mail.port,
            )
        case smtplib.SMTPNotSupportedError():
            return OutputError(
                "The mail server {host} takes no login.",
                "Leave the user name of the mail server empty, or use another port.",
                host=host,
            )
        case smtplib.SMTPSenderRefused():
            return OutputError(
                "The mail server {host} takes no mail from {sender}: {reason}.",
                "Enter an address that this login may send from.",
                host=host,
                sender=mail.sender,
                reason=reason,
            )
        case ssl.SSLCertVerificationError():
            return OutputError(
                "The mail server {host} could not prove who it is: {reason}.",
                "Enter its name as its certificate has it, or ask who runs it for a valid certificate.",
                host=host,
                reason=reason,
            )
        case ssl.SSLError():
            return OutputError(
                "No encrypted connection to the mail server {host} came about on port {port}: {reason}.",
                "Port 465 needs TLS at once; port 587 needs it switched off, for STARTTLS.",
                host=host,
                port=mail.port,
                reason=reason,
            )
        case socket.gaierror():
            return OutputError(
                "There is no mail server {host}, or no network.",
                "Look at its name and at the network of this machine.",
                host=host,
            )
        case ConnectionRefusedError() | TimeoutError():
            return OutputError(
                "The mail server {host} does not answer on port {port}.",
                "Look at the port, and whether a firewall keeps this machine from it.",
                host=host,
                port=mail.port,
            )
        case _:
            return OutputError(
                "The mail server {host} did not take the report: {reason}.",
                "Look at its name, port and password, and whether it takes mail from {sender}.",
                host=host,
                reason=reason,
                sender=mail.sender,
            )


def refuse_recipients(
    refused: Mapping[str, tuple[int, bytes]], taken_by: tuple[str, ...], mail: MailServer
) -> PartlyTakenError:
    """The error of some recipients that a server does not know; the others have got the report."""
    code, answer = next(iter(refused.values()))
    return PartlyTakenError(
        "The mail server {host} takes nothing for {recipients}: {reason}.",
        "Look at the addresses of the schedule; who was not refused has got the report.",
        host=mail.host,
        recipients=", ".join(refused),
        reason=f"{code} {answer.decode(errors='replace')}",
        taken_by=taken_by,
    )


def tell_answer(error: BaseException) -> str:
    """What the other side said."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return f"{error.smtp_code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
    return str(error) or type(error).__name__


FOLDER_NAME = "outbox"
STATE_FILE = "outbox.json"
LOCK_NAME = ".outbox.lock"
FORMAT = 1
RETRY_AFTER_S = (60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 6 * 3600.0)
"""After the first failures; from then on every six hours."""
MAX_TRIES = 40
"""About a week: then somebody has to look."""
MAX_SENT = 200
"""Of those that have arrived, so many are remembered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One report on its way.

    Attributes:
        file: its name in the outbox; empty once it has arrived and was deleted there.
        made_s, next_try_s, sent_s: seconds since the epoch; None: not yet.
        problem: why the last try failed, as `pack_words` packs it; empty: it did not.
        taken_by: who has got it, where others were refused.
    """

    schedule: str
    due_s: float
    file: str
    title: str
    made_s: float
    tries: int = 0
    next_try_s: float | None = None
    sent_s: float | None = None
    problem: dict[str, Any] = field(default_factory=dict)
    taken_by: tuple[str, ...] = ()

    def tell_problem(self, translate: Callable[[str], str] = lambda text: text) -> str:
        """Why it has not arrived and what to do; ``translate`` as for `describe_error`."""
        if not self.problem:
            return ""
        told = describe_error(unpack_words(StoreError, self.problem), translate=translate)
        return f"{told.problem} {told.remedy}"

    @property
    def is_given_up(self) -> bool:
        """It has failed too often."""
        return self.sent_s is None and self.tries >= MAX_TRIES


@dataclass(frozen=True, slots=True)
class Outbox:
    """The state of a venue's deliveries.

    Attributes:
        looked_s: by schedule, up to when its due reports were made.
    """

    looked_s: dict[str, float]
    deliveries: tuple[Delivery, ...] = ()

    def list_waiting(self, now_utc_s: float) -> tuple[Delivery, ...]:
        """Those to be tried now."""
        return tuple(
            one
            for one in self.deliveries
            if one.sent_s is None
            and not one.is_given_up
            and (one.next_try_s is None or one.next_try_s <= now_utc_s)
        )


@contextlib.contextmanager
def lock_outbox(folder: Path) -> Iterator[None]:
    """Be the one program that makes and sends; held by the system for a process.

    Raises:
        filelock.Timeout: another program does so.
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
        raise explain_error(StoreError, error, file=place) from error


def read_outbox(folder: Path) -> Outbox:
    """The outbox of a venue; empty where there is none.

    Raises:
        StoreError: it cannot be read; what waits in the folder is still there.
    """
    file = folder / FOLDER_NAME / STATE_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return Outbox(
            {str(name): float(at_s) for name, at_s in document["looked_s"].items()},
            tuple(
                Delivery(**{**entry, "taken_by": tuple(entry.get("taken_by", ()))})
                for entry in document["deliveries"]
            ),
        )
    except FileNotFoundError:
        return Outbox({})
    except OSError as error:
        raise explain_error(StoreError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "{file} cannot be understood.",
            "Take it away; reports that were not sent are in the same folder.",
            file=file,
        ) from error


def write_outbox(folder: Path, outbox: Outbox) -> None:
    """Keep the state, whole or not at all.

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
        raise explain_error(StoreError, error, file=file) from error


def try_delivery(delivery: Delivery, send: Callable[[Delivery], object], *, now_utc_s: float) -> Delivery:
    """Send a report, and say what came of it; an error is kept with the delivery."""
    try:
        send(delivery)
    except Exception as error:
        taken_by = error.taken_by if isinstance(error, PartlyTakenError) else ()
        wait_s = RETRY_AFTER_S[min(delivery.tries, len(RETRY_AFTER_S) - 1)]
        return replace(
            delivery,
            tries=delivery.tries + 1,
            next_try_s=now_utc_s + wait_s,
            problem=pack_words(error),
            taken_by=(*delivery.taken_by, *taken_by),
        )
    return replace(delivery, tries=delivery.tries + 1, next_try_s=None, sent_s=now_utc_s, problem={}, file="")


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
