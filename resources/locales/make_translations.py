"""Merge the translations of each language into the catalogue that the program reads."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools.command.build_py import build_py

LOCALES = Path(__file__).resolve().parent
MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""The date in the catalogues' headers, so that the same texts make the same bytes."""


def merge_parts(folder: Path, language: str) -> Catalog:
    """All messages of ``parts/*.po`` in the folder; the same text in two parts must mean the same.

    Raises:
        ValueError: two parts translate one text differently.
    """
    merged = Catalog(locale=language, domain="app", charset="utf-8", fuzzy=False, creation_date=MADE)
    for file in sorted((folder / "parts").glob("*.po")):
        with file.open("rb") as content:
            part = read_po(content, locale=language)
        for message in part:
            if not message.id or not message.string:
                continue
            known = merged.get(message.id, message.context)
            if known is not None and known.string != message.string:
                raise ValueError(f"{file.name}: {message.id!r} is {known.string!r} elsewhere")
            merged.add(message.id, message.string, context=message.context)
    return merged


class BuildWithTranslations(build_py):
    """Build the package, and ``app.mo`` of every language before it is copied or linked."""

    def run(self) -> None:
        """Write the catalogues, then do what setuptools does."""
        main()
        super().run()


def main() -> int:
    """Write ``app.mo`` of every language."""
    for folder in sorted(LOCALES.glob("*/LC_MESSAGES")):
        catalogue = merge_parts(folder, folder.parent.name)
        with (folder / "app.mo").open("wb") as out:
            write_mo(out, catalogue)
        sys.stdout.write(f"{folder.parent.name}: {len(catalogue)} texts\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
