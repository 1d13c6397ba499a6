"""Why a mail server did not take a report, in sentences that say what to do about it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping

from analytics.domain.errors import OutputError
from app.reports.schedule_file import MailServer


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
