"""The privacy pack of a venue: record of processing, entrance sign and notes, from its real settings.

It is written by people who know the program, and is no legal advice; the pack says so itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import Phrase, VenueError
from analytics.reports.content import (
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
    "This was written by a program from its own settings. It is no legal advice, and it is not complete: "
    "have it checked by somebody who knows the law of your place, before the first visitor comes."
)

PIPL = (
    Phrase(
        "Pictures of people are personal information while they are analysed (Article 4), also if they are "
        "not stored. What is anonymised so that nobody can be recognised again is not (Articles 4 and 73)."
    ),
    Phrase(
        "Article 26 allows cameras in public places for public security, with conspicuous signs, and other "
        "uses only with each person's separate consent. Ask whether counting without stored pictures falls "
        "under it in your venue, and what the organiser's conditions of entry have to say."
    ),
    Phrase(
        "Tell visitors who processes what, why, how and how long, and how they exercise their rights "
        "(Articles 17, 44 to 50): the entrance sign is a first layer, the record of processing the second."
    ),
    Phrase(
        "Keep data for the shortest time that the purpose needs (Article 19): set how long tracks are kept, "
        "and erase a period on request."
    ),
    Phrase(
        "A personal information protection impact assessment may be needed; it and the record of processing "
        "are kept for at least three years (Articles 55 and 56)."
    ),
    Phrase(
        "ExpoFlow recognises no faces and makes no biometric templates; rules on face recognition are not "
        "touched by it. Cameras that recognise faces themselves are."
    ),
    Phrase(
        "Nothing leaves the machine by itself. Reports, brokers and programs that you connect may carry data "
        "across a border (Articles 38 to 43)."
    ),
)

GDPR = (
    Phrase(
        "Analysing pictures of people in memory is processing of personal data (Article 4), also if none is "
        "stored. Tracks of single persons without names may still be personal data while somebody could tell "
        "whose they are."
    ),
    Phrase(
        "The usual ground is a legitimate interest (Article 6(1)(f)): write down the balance of interests. "
        "Visitors may object (Article 21)."
    ),
    Phrase(
        "Systematic monitoring of a publicly accessible area on a large scale needs an impact assessment "
        "(Article 35(3)(c)). Decide and write down whether yours is one."
    ),
    Phrase(
        "Visitors are told at the entrance (Article 13; EDPB Guidelines 3/2019): the sign is the first "
        "layer; keep the record of processing at hand as the second."
    ),
    Phrase(
        "This record of processing covers Article 30(1), but for transfers to third countries, which the "
        "program does not know of: it makes none by itself."
    ),
    Phrase(
        "Data protection by design (Article 25): masks before the model, blurred pictures or figures alone, "
        "no picture stored, deletion by age, sums of at least 5 visits in what is handed on."
    ),
    Phrase(
        "Rights of access and erasure (Articles 15 and 17): a track has no name, so that a person's own "
        "cannot be found (Article 11); a period can be erased as a whole."
    ),
    Phrase("Employees at stands are monitored, too: ask about works councils and national law (Article 88)."),
)


USUAL_PURPOSE = Phrase(
    "Counting visitors and measuring how long they stay where, to plan the exhibition and keep ways free"
)
_MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class SignText:
    """One language of the entrance sign.

    Attributes:
        facts: label and value, one below the other.
    """

    language: str
    title: str
    sentences: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PrivacyPack:
    """What is to be printed.

    Attributes:
        signs: the chosen language first; all of them stand on one page.
        record, notes: documents in the chosen language.
    """

    signs: tuple[SignText, ...]
    record: ReportContent
    notes: ReportContent


def make_privacy_pack(venue: Venue, *, language: str, clock: Clock | None = None) -> PrivacyPack:
    """Word the pack.

    Args:
        language: ``en`` or ``zh_CN``.

    Raises:
        VenueError: nobody has said who answers for the processing, or a setting cannot be read.
    """
    facts = read_privacy_facts(venue)
    for name, value in (("organiser", facts.settings.organiser), ("contact", facts.settings.contact)):
        if not value.strip():
            raise VenueError(
                "The field '{field}' of the venue's privacy settings is empty: sign and record need it.",
                "Fill it in under Settings, Privacy, or by: python -m app venue privacy {folder} --{field} "
                "TEXT",
                field=name,
                folder=venue.folder,
            )
    if facts.unreadable:
        raise VenueError(
            "The pack would not be complete: {reason}",
            "Fix that first, so that nothing is left out.",
            reason=facts.unreadable[0],
        )
    text = ReportText.of(venue, language)
    now_s = (clock or SystemClock()).now_utc_s()
    others = [one for one in LANGUAGES if one != language]
    make = partial(_make_document, venue, text, now_s)
    return PrivacyPack(
        signs=tuple(_word_sign(facts, ReportText.of(venue, one)) for one in (language, *others)),
        record=make("privacy-record", text.tr("Record of processing"), _write_record(venue, facts, text)),
        notes=make("privacy-notes", text.tr("Notes on PIPL and GDPR"), _write_notes(text)),
    )


def _word_sign(facts: PrivacyFacts, text: ReportText) -> SignText:
    sentences = [
        text.tr("Cameras count visitors here and follow their ways as points on a floor plan."),
        text.tr("No picture of you is stored. No face is recognised, and nobody is identified."),
    ]
    if any(one.count for one in facts.exceptions if one.key in ("clips", "saved")) or _has_labels(facts):
        sentences.append(
            text.tr(
                "To check the accuracy, single short clips are kept for some hours, encrypted, then deleted."
            )
        )
    sentences.append(
        text.tr("The points are kept until they are deleted by hand; only sums remain then.")
        if facts.kept_days is None
        else text.tr(
            "The points are deleted after {days} days; only sums remain.", days=f"{facts.kept_days:g}"
        )
    )
    return SignText(
        language=text.language,
        title=text.tr("Visitors are counted here"),
        sentences=tuple(sentences),
        facts=(
            (text.tr("Purpose"), facts.settings.purpose.strip() or text.tell(USUAL_PURPOSE)),
            (text.tr("Responsible"), facts.settings.organiser.strip()),
            (text.tr("Your questions and rights"), facts.settings.contact.strip()),
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
                (text.tr("Purpose"), settings.purpose.strip() or text.tell(USUAL_PURPOSE)),
                (text.tr("Whose data"), text.tr("visitors, exhibitors and staff in view of the cameras")),
            )
        )
    )
    blocks: dict[str, tuple[str, list[Block]]] = {
        "who": (text.tr("Who answers for it"), [Paragraph(text.tell(NO_ADVICE), Weight.WARNING), who]),
        "cameras": (text.tr("Cameras"), [_list_cameras(facts, text)]),
        "stored": (text.tr("What is stored, where and how long"), [_list_stored(facts, text)]),
        "pictures": (
            text.tr("Pictures"),
            [
                Paragraph(
                    text.tr(
                        "Pictures are analysed in memory and then overwritten; none is written to a disk, "
                        "but for the exceptions below. The window shows: {previews}.",
                        previews=text.tell(PREVIEWS[settings.previews]),
                    )
                ),
                Paragraph(
                    text.tr(
                        "While somebody is followed, the colours of their clothes are held in memory as a "
                        "few numbers, to tell them from others beside them; they are neither stored nor sent."
                    )
                ),
                _list_exceptions(facts, text),
            ],
        ),
        "recipients": (text.tr("Who is sent something"), [_list_recipients(facts, text)]),
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
        text.tr("What a privacy mask hides is blackened before a picture is analysed or shown."),
    )


def _list_stored(facts: PrivacyFacts, text: ReportText) -> Bullets:
    def describe(kind: StoredKind) -> str:
        sentence = text.tr(
            "{what}. Kept {kept}, in {where} of the venue's folder; {size} MB now.",
            what=text.tell(kind.what),
            kept=text.tell(kind.kept),
            where=", ".join(kind.where),
            size=text.number(kind.size_bytes / _MEGABYTE, 1),
        )
        return (
            f"{sentence} {text.tr('Rows of single persons, without names.')}"
            if kind.shows_persons
            else sentence
        )

    return Bullets(tuple(describe(kind) for kind in facts.stored))


def _list_exceptions(facts: PrivacyFacts, text: ReportText) -> Bullets:
    return Bullets(
        tuple(
            text.tr("{what}.", what=text.tell(one.what))
            if one.count is None
            else text.tr("{what}: {count} so far or now.", what=text.tell(one.what), count=one.count)
            for one in facts.exceptions
        )
    )


def _list_recipients(facts: PrivacyFacts, text: ReportText) -> Block:
    if not facts.recipients:
        return Paragraph(
            text.tr(
                "Nobody: no report is scheduled, and no other system is connected. Exports by hand are "
                "logged."
            )
        )
    return Bullets(tuple(text.tell(one.what) for one in facts.recipients))


def _list_measures(facts: PrivacyFacts, text: ReportText) -> list[str]:
    return [
        text.tr("People are found by their shape; faces are neither recognised, nor stored, nor compared."),
        text.tr(
            "Ways are joined within one day at most. In lists and files a visitor has a random name of that "
            "list or file alone, which ends at closing time; the key is kept nowhere."
        ),
        text.tr("Packs for exhibitors and reports tell nothing of fewer than 5 visits."),
        text.tr("A period can be erased for ever; what is left of it is a gap that says so."),
        text.tr("Nothing is sent to the makers of ExpoFlow or of its libraries."),
        text.tr(
            "Passwords of cameras are kept in the system's keyring or encrypted, never in the venue's folder."
        ),
        text.tr("Privacy masks in force: {count}.", count=sum(masks for _name, masks in facts.cameras)),
    ]


def _write_notes(text: ReportText) -> list[Section]:
    return [
        Section("no-advice", text.tr("What this is"), (Paragraph(text.tell(NO_ADVICE), Weight.WARNING),)),
        Section(
            "pipl", text.tr("China: Personal Information Protection Law (PIPL)"), (_tell_all(PIPL, text),)
        ),
        Section("gdpr", text.tr("European Union: GDPR"), (_tell_all(GDPR, text),)),
    ]


def _tell_all(phrases: tuple[Phrase, ...], text: ReportText) -> Bullets:
    return Bullets(tuple(text.tell(phrase) for phrase in phrases))


def _make_document(  # noqa: PLR0917
    venue: Venue, text: ReportText, now_s: float, key: str, title: str, sections: list[Section]
) -> ReportContent:
    return ReportContent(
        template=key,
        language=text.language,
        title=title,
        subtitle="",
        venue=text.name(venue.exhibition.name),
        period_s=(now_s, now_s),
        period_text=text.tr("As it is set on {day}", day=text.period((now_s, now_s + 1.0)).split(" ")[0]),
        time_zone=venue.exhibition.time_zone,
        sections=tuple(sections),
        versions={"expoflow": collect_versions()["expoflow"]},
        words=text.list_page_texts(not_known="not counted"),
    )
