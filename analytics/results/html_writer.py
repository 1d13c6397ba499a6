"""Report as one self-contained HTML page: no script, no other file, no network."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping

from analytics.results.cell_text import format_cell, format_heading
from analytics.results.content import (
    BarChart,
    Block,
    Bullets,
    Cell,
    CellKind,
    FloorMap,
    KeyFigure,
    KeyFigures,
    LineChart,
    Paragraph,
    ReportColumn,
    ReportContent,
    Table,
)
from resources.files import resource_path

Draw = Callable[[BarChart | LineChart | FloorMap], str]
"""Draws a chart as SVG."""

_STYLE_FILE = ("reports", "report.css")


def write_html(content: ReportContent, *, draw: Draw) -> str:
    """Return the page; every text is escaped, and its policy blocks loading and scripts.

    Args:
        draw: returns a chart or map as SVG.
    """
    branding = content.branding
    logo = "" if branding.logo is None else f'<img alt="" height="44" src="{_embed(branding.logo)}">'
    sections = "\n".join(
        f'<section id="{html.escape(section.key)}"><h2>{html.escape(section.title)}</h2>\n'
        + "\n".join(_write_block(block, content, draw) for block in section.blocks)
        + "</section>"
        for section in content.sections
    )
    contents = "".join(
        f'<li><a href="#{html.escape(section.key)}">{html.escape(section.title)}</a></li>'
        for section in content.sections
    )
    style = resource_path(*_STYLE_FILE).read_text(encoding="utf-8")
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return f"""<!DOCTYPE html>
<html lang="{content.language.replace("_", "-")}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(content.title)}</title>
<style>{style}:root {{ --brand: {html.escape(branding.colour)}; }}</style></head>
<body><header>{logo}<div class="muted">{html.escape(branding.organiser)}</div>
<h1>{html.escape(content.title)}</h1><div class="muted">{html.escape(content.subtitle)}</div>
<div class="muted">{html.escape(f"{content.venue} · {content.period_text}")}</div></header>
<nav aria-label="{html.escape(content.words.get("contents", "Contents"))}"><ul>{contents}</ul></nav>
<main>{sections}</main>
<footer class="small">{html.escape(_list_versions(content.versions))}</footer>
</body></html>
"""


def _write_block(block: Block, content: ReportContent, draw: Draw) -> str:
    match block:
        case Paragraph():
            return f'<p class="{block.weight.value}">{html.escape(block.text)}</p>'
        case Bullets():
            title = f"<h3>{html.escape(block.title)}</h3>" if block.title else ""
            return f"{title}<ul>{''.join(f'<li>{html.escape(one)}</li>' for one in block.sentences)}</ul>"
        case KeyFigures():
            return (
                '<div class="figures">'
                + "".join(_write_figure(figure) for figure in block.figures)
                + "</div>"
            )
        case Table():
            return _write_table(block, content)
        case _:
            note = f'<figcaption class="small">{html.escape(block.note)}</figcaption>' if block.note else ""
            title = html.escape(block.title)
            return f'<h3>{title}</h3><figure role="img" aria-label="{title}">{draw(block)}{note}</figure>'


def _write_figure(figure: KeyFigure) -> str:
    name, shown, interval, change, definition = (
        html.escape(text)
        for text in (figure.name, figure.shown, figure.interval, figure.change, figure.definition)
    )
    return (
        f'<div class="figure" title="{definition}"><span class="muted">{name}</span><b>{shown}</b>'
        f'<span class="small">{interval}</span> <span class="small">{change}</span></div>'
    )


def _write_table(table: Table, content: ReportContent) -> str:
    heads = "".join(
        f'<th class="{_side(c)}" scope="col" title="{html.escape(c.definition)}">'
        f"{html.escape(format_heading(c.title, c.unit, content))}</th>"
        for c in table.columns
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_side(column)}">{_write_cell(cell, column, content)}</td>'
            for cell, column in zip(row, table.columns, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    note = f'<p class="small">{html.escape(table.note)}</p>' if table.note else ""
    return (
        f'<h3>{html.escape(table.title)}</h3><div class="scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{note}"
    )


def _write_cell(cell: Cell, column: ReportColumn, content: ReportContent) -> str:
    value, interval = format_cell(cell, column, content)
    return html.escape(value) + (f"<small>{html.escape(interval)}</small>" if interval else "")


def _side(column: ReportColumn) -> str:
    return "text" if column.kind is CellKind.TEXT else "number"


def _embed(logo: bytes) -> str:
    kinds = {b"\x89PNG": "png", b"\xff\xd8": "jpeg"}
    kind = next((name for start, name in kinds.items() if logo.startswith(start)), "svg+xml")
    return f"data:image/{kind};base64,{base64.b64encode(logo).decode()}"


def _list_versions(versions: Mapping[str, str]) -> str:
    return " · ".join(f"{name} {version}" for name, version in versions.items())
