"""Write the privacy pack of a venue: record of processing and entrance sign, from its settings.

It is written by people who know the program and is no legal advice, as the pack itself states.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase, VenueError
from analytics.results.content import (
    Block,
    Bullets,
    CellKind,
    Paragraph,
    ReportColumn,
    ReportContent,
    Section,
    Table,
    Weight,
)
from app.core.document import Venue
from app.core.versions import collect_versions
from app.privacy.privacy_facts import PREVIEWS, PrivacyFacts, StoredKind, read_privacy_facts
from app.reports.report_text import ReportText
from resources.translations import LANGUAGES

NO_ADVICE = Phrase(
    "This document was generated from the program's settings. It is not legal advice and not complete: "
    "have it reviewed by an expert in local law before the first visitor arrives."
)

DEFAULT_PURPOSE = Phrase(
    "Counting visitors and measuring dwell times, to plan the exhibition and keep passages clear"
)
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class SignText:
    """The entrance sign in one language.

    Attributes:
        facts: label and value of each line.
    """

    language: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PrivacyPack:
    """The documents of a privacy pack.

    Attributes:
        signs: entrance signs on one page, the chosen language first.
        record: in the chosen language.
    """

    signs: tuple[SignText, ...]
    record: ReportContent


def make_privacy_pack(venue: Venue, *, language: str, clock: Clock | None = None) -> PrivacyPack:
    """Return the privacy pack of a venue.

    Args:
        language: ``en`` or ``zh_CN``.

    Raises:
        VenueError: the responsible organisation or contact is missing, or a setting cannot be read.
    """
    facts = read_privacy_facts(venue)
    for name, value in (("organiser", facts.settings.organiser), ("contact", facts.settings.contact)):
        if not value.strip():
            raise VenueError(
                "The field '{field}' of the venue's privacy settings is empty, but the sign and "
                "the record of processing need it.",
                "Fill it in under Settings, Privacy.",
                field=name,
            )
    if facts.unreadable:
        raise VenueError(
            "The pack would be incomplete: {reason}",
            "Fix that first, so that nothing is left out.",
            reason=facts.unreadable[0],
        )
    text = ReportText.of(venue, language)
    now_s = (clock or SystemClock()).now_utc_s()
    others = [one for one in LANGUAGES if one != language]
    return PrivacyPack(
        signs=tuple(_word_sign(facts, ReportText.of(venue, one)) for one in (language, *others)),
        record=_make_document(venue, text, now_s, _write_record(venue, facts, text)),
    )


def _word_sign(facts: PrivacyFacts, text: ReportText) -> SignText:
    sentences = [
        text.tr("Cameras count visitors here and track their movements as points on a floor plan."),
        text.tr("No pictures of you are stored. Faces are not recognised, and nobody is identified."),
    ]
    if any(one.count for one in facts.exceptions if one.key in ("clips", "saved")) or _has_labels(facts):
        sentences.append(
            text.tr("To check accuracy, short clips are kept encrypted for some hours and then deleted.")
        )
    sentences.append(
        text.tr("The points are kept until deleted by hand; then only totals remain.")
        if facts.kept_days is None
        else text.tr(
            "The points are deleted after {days} days; only totals remain.", days=f"{facts.kept_days:g}"
        )
    )
    return SignText(
        language=text.language,
        title=text.tr("Visitors are counted here"),
        sentences=tuple(sentences),
        facts=(
            (text.tr("Purpose"), facts.settings.purpose.strip() or text.translate(DEFAULT_PURPOSE)),
            (text.tr("Responsible"), facts.settings.organiser.strip()),
            (text.tr("Questions and rights"), facts.settings.contact.strip()),
        ),
    )


def _has_labels(facts: PrivacyFacts) -> bool:
    return any(kind.key == "labels" and kind.size_bytes for kind in facts.stored)


def _write_record(venue: Venue, facts: PrivacyFacts, text: ReportText) -> list[Section]:
    settings = facts.settings
    who = Bullets(
        tuple(
            text.tr("{name}: {value}", name=name, value=value)
            for name, value in (
                (text.tr("Responsible"), settings.organiser.strip()),
                (text.tr("Contact"), settings.contact.strip()),
                (text.tr("Exhibition"), text.name(venue.exhibition.name)),
                (text.tr("Purpose"), settings.purpose.strip() or text.translate(DEFAULT_PURPOSE)),
                (text.tr("Data subjects"), text.tr("visitors, exhibitors and staff in view of the cameras")),
            )
        )
    )
    blocks: dict[str, tuple[str, list[Block]]] = {
        "who": (
            text.tr("Responsible organisation"),
            [Paragraph(text.translate(NO_ADVICE), Weight.WARNING), who],
        ),
        "cameras": (text.tr("Cameras"), [_list_cameras(facts, text)]),
        "stored": (text.tr("Stored data, location and retention"), [_list_stored(facts, text)]),
        "pictures": (
            text.tr("Pictures"),
            [
                Paragraph(
                    text.tr(
                        "Pictures are analysed in memory and then overwritten; none is written to disk, "
                        "except as listed below. The window shows: {previews}.",
                        previews=text.translate(PREVIEWS[settings.previews]),
                    )
                ),
                Paragraph(
                    text.tr(
                        "During tracking, the colours of clothes are held in memory as a few numbers to "
                        "distinguish people; they are neither stored nor sent."
                    )
                ),
                _list_exceptions(facts, text),
            ],
        ),
        "recipients": (text.tr("Recipients"), [_list_recipients(facts, text)]),
        "measures": (text.tr("Technical measures"), [Bullets(tuple(_list_measures(facts, text)))]),
    }
    return [Section(key, title, tuple(written)) for key, (title, written) in blocks.items()]


def _list_cameras(facts: PrivacyFacts, text: ReportText) -> Block:
    if not facts.cameras:
        return Paragraph(text.tr("No camera is set up yet."))
    return Table(
        "cameras",
        text.tr("Cameras"),
        (
            ReportColumn("camera", text.tr("Camera"), CellKind.TEXT),
            ReportColumn("masks", text.tr("Privacy masks"), CellKind.COUNT),
        ),
        tuple((text.name(name), masks) for name, masks in facts.cameras),
        text.tr("Areas under a privacy mask are blackened before a picture is analysed or shown."),
    )


def _list_stored(facts: PrivacyFacts, text: ReportText) -> Bullets:
    def describe(kind: StoredKind) -> str:
        sentence = text.tr(
            "{what}. Retention: {kept}. Location: {where} in the venue's folder, currently {size} MB.",
            what=text.translate(kind.what),
            kept=text.translate(kind.kept),
            where=", ".join(kind.where),
            size=text.number(kind.size_bytes / _MEGABYTE, 1),
        )
        return (
            f"{sentence} {text.tr('Contains records of individual visitors, without names.')}"
            if kind.shows_persons
            else sentence
        )

    return Bullets(tuple(describe(kind) for kind in facts.stored))


def _list_exceptions(facts: PrivacyFacts, text: ReportText) -> Bullets:
    return Bullets(
        tuple(
            text.tr("{what}.", what=text.translate(one.what))
            if one.count is None
            else text.tr("{what}: {count}.", what=text.translate(one.what), count=one.count)
            for one in facts.exceptions
        )
    )


def _list_recipients(facts: PrivacyFacts, text: ReportText) -> Block:
    if not facts.recipients:
        return Paragraph(
            text.tr(
                "None: no reports are scheduled, and no other systems are connected. Manual exports are "
                "logged."
            )
        )
    return Bullets(tuple(text.translate(one.what) for one in facts.recipients))


def _list_measures(facts: PrivacyFacts, text: ReportText) -> list[str]:
    return [
        text.tr(
            "People are detected by their shape; faces are neither recognised, nor stored, nor compared."
        ),
        text.tr(
            "Tracks are joined within one day at most. In lists and files a visitor has a random "
            "pseudonym valid for that list or file only, until closing time; the key is not stored."
        ),
        text.tr("Exhibitor packs and reports do not publish figures of fewer than 5 visits."),
        text.tr("A period can be erased permanently, leaving a marked gap."),
        text.tr("Nothing is sent to the developers of ExpoFlow or of its libraries."),
        text.tr(
            "Camera passwords are stored in the system's keyring or encrypted, never in the venue's folder."
        ),
        text.tr("Privacy masks in force: {count}.", count=sum(masks for _name, masks in facts.cameras)),
    ]


def _make_document(venue: Venue, text: ReportText, now_s: float, sections: list[Section]) -> ReportContent:
    return ReportContent(
        template="privacy-record",
        language=text.language,
        title=text.tr("Record of processing"),
        subtitle="",
        venue=text.name(venue.exhibition.name),
        period_s=(now_s, now_s),
        period_text=text.tr("Settings as of {day}", day=text.period((now_s, now_s + 1.0)).split(" ")[0]),
        time_zone=venue.exhibition.time_zone,
        sections=tuple(sections),
        versions={"expoflow": collect_versions()["expoflow"]},
        words=text.list_page_texts(not_known="not counted"),
    )
