"""What two laws ask of somebody who counts visitors by cameras, as notes for whoever has to ask a lawyer."""

from __future__ import annotations

from analytics.domain.errors import Phrase

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
