"""Make the program's fonts from Noto Sans CJK SC (Debian's fonts-noto-cjk); ``make fonts`` runs it.

The subset holds Latin, punctuation, the characters of GB 2312, and those of the national table of general
standard Chinese characters, which names of people and places need (the property kTGH of the Unihan database,
in Debian's unicode-data). Left out are the radicals of U+2E80 to
U+2FDF, the figure dash, which has the same glyph as the en dash, and the feature ``locl``: with any of them,
text copied from a PDF has other characters or no digits. The ellipsis stands on the line,
as in English and in most Chinese programs; the original's is centred. The Open Font License
reserves the name Noto for the original, so that the subset has a name of its own.
"""

from __future__ import annotations

import bz2
import sys
from pathlib import Path

from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

FAMILY = "ExpoFlow Sans SC"
SOURCE_FOLDER = Path("/usr/share/fonts/opentype/noto")
SOURCE_NAME = "Noto Sans CJK SC"
UNIHAN_FILE = Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")
NATIONAL_TABLE = "kTGH"
NATIONAL_TABLE_SIZE = 8105
WEIGHTS = ("Regular", "Bold")
LATIN = (*range(0x20, 0x7F), *range(0xA0, 0x180))
SIGNS = (
    *range(0x2010, 0x2028),
    0x2030,
    0x2032,
    0x2033,
    0x2039,
    0x203A,
    0x20AC,
    0x2122,
    0x2190,
    0x2191,
    0x2192,
)
MORE_SIGNS = (0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25A0, 0x25B2, 0x25BC, 0x25CF, 0x2713)
RADICALS = range(0x2E80, 0x2FE0)
FIGURE_DASH = 0x2012
NAME_FAMILY, NAME_STYLE, NAME_UNIQUE, NAME_FULL, NAME_POSTSCRIPT, NAME_TRADEMARK = 1, 2, 3, 4, 6, 7


def list_characters() -> set[int]:
    """Code points of the subset."""
    chinese = list_national_table()
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            text = bytes([lead, trail]).decode("gb2312", errors="ignore")
            chinese |= {ord(character) for character in text}
    return (chinese | set(LATIN) | set(SIGNS) | set(MORE_SIGNS)) - {*RADICALS, FIGURE_DASH}


def list_national_table() -> set[int]:
    """Code points of the national table, of its edition of 2013."""
    with bz2.open(UNIHAN_FILE, "rt", encoding="utf-8") as lines:
        fields = [line.split("\t") for line in lines if f"\t{NATIONAL_TABLE}\t" in line]
    table = {int(point.removeprefix("U+"), 16) for point, _property, _value in fields}
    if len(table) != NATIONAL_TABLE_SIZE:
        raise ValueError(f"{UNIHAN_FILE} has {len(table)} characters of the table")
    return table


def make_font(weight: str, out_folder: Path) -> Path:
    """Subset, rename and write one weight."""
    collection = TTCollection(SOURCE_FOLDER / f"NotoSansCJK-{weight}.ttc")
    font = next(f for f in collection.fonts if f["name"].getDebugName(NAME_FAMILY) == SOURCE_NAME)
    options = Options()
    options.layout_features = ["kern", "vert", "ccmp"]
    options.name_languages = [0x409]
    options.hinting = False
    options.desubroutinize = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=list_characters())
    subsetter.subset(font)
    lower_ellipsis(font)
    _rename(font, weight)
    path = out_folder / f"ExpoFlowSansSC-{weight}.otf"
    font.save(path)
    return path


def lower_ellipsis(font: TTFont) -> None:
    """Draw the ellipsis as three full stops on the line."""
    names, glyphs = font.getBestCmap(), font.getGlyphSet()
    ellipsis, stop = names[ord("…")], names[ord(".")]
    step = font["hmtx"][stop][0]
    pen = T2CharStringPen(3 * step, glyphs)
    for number in range(3):
        glyphs[stop].draw(TransformPen(pen, (1, 0, 0, 1, number * step, 0)))
    charstrings = font["CFF "].cff.topDictIndex[0].CharStrings
    old, font_dict = charstrings[ellipsis], charstrings[stop].private
    new = pen.getCharString(private=font_dict, globalSubrs=old.globalSubrs)
    # the glyph keeps its own dictionary of the font, and so its widths
    width = 3 * step - old.private.nominalWidthX
    new.private, new.program = old.private, [width, *new.program[1:]]
    charstrings[ellipsis] = new
    font["hmtx"][ellipsis] = (3 * step, font["hmtx"][stop][1])


def _rename(font: TTFont, weight: str) -> None:
    names = font["name"]
    compact = FAMILY.replace(" ", "")
    for number in (16, 17, 21, 22, 25, NAME_TRADEMARK):
        names.removeNames(nameID=number)
    for number, text in (
        (NAME_FAMILY, FAMILY),
        (NAME_STYLE, weight),
        (NAME_UNIQUE, f"{compact}-{weight}"),
        (NAME_FULL, f"{FAMILY} {weight}"),
        (NAME_POSTSCRIPT, f"{compact}-{weight}"),
    ):
        names.removeNames(nameID=number)
        names.setName(text, number, 3, 1, 0x409)
    charstrings = font["CFF "].cff
    charstrings.fontNames = [f"{compact}-{weight}"]
    top = charstrings.topDictIndex[0]
    top.FamilyName, top.FullName = FAMILY, f"{FAMILY} {weight}"


if __name__ == "__main__":
    for chosen in WEIGHTS:
        written = make_font(chosen, Path(sys.argv[1]))
        print(f"{written}: {written.stat().st_size / 1e6:.2f} MB")
