"""The exhibition page: stands, prices, rents and targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from analytics.exhibition.stand_value import PriceVerdict, StandValue
from analytics.metrics.estimate import Estimate
from analytics.results.day_quality import DayQuality
from analytics.results.figure_columns import FigureColumn
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.error_reporting import ErrorReport
from app.exhibition.exhibition_figures import (
    ATTRACTION,
    CAME_NEAR,
    ENGAGED_MINUTES,
    ENGAGED_VISITS,
    FLOOR_SEEN,
    OBSERVED_HOURS,
    OF_PLACE,
    PLACE_WORTH,
    STOPPED,
    VISITS,
    ExhibitionFigures,
    StandRow,
    ValueBasis,
)
from app.exhibition.stand_import import StandField
from app.gui.exhibition.model import ExhibitionState, ExhibitionViewModel
from app.gui.exhibition.stand_list_panel import StandListPanel
from app.gui.exhibition.stand_page import StandPage, StandPageViewModel
from app.gui.session.cell_text import (
    ABSENT,
    format_number,
    format_period,
    format_share,
    format_share_interval,
)
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.quality_words import explain_loss
from app.gui.session.theme import current_theme
from app.gui.session.translation import (
    display_name,
    join_sentences,
    tr,
    translate_phrase,
    trn,
)
from app.gui.session.units import current_units
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import (
    Index,
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
    make_text_column,
)
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.export_menu import PERIOD
from app.gui.widgets.layouts import fill
from app.gui.widgets.page_tabs import PageTabs
from app.gui.widgets.work_row import JobRow


def name_basis(basis: ValueBasis) -> str:
    return {
        ValueBasis.EXPOSED: translate_phrase(CAME_NEAR.title),
        ValueBasis.STOPPED: translate_phrase(STOPPED.title),
        ValueBasis.ENGAGED_MINUTES: translate_phrase(ENGAGED_MINUTES.title),
        ValueBasis.PLACE: tr("Value of the place"),
    }[basis]


def define_basis(basis: ValueBasis) -> str:
    return {
        ValueBasis.EXPOSED: translate_phrase(CAME_NEAR.definition),
        ValueBasis.STOPPED: translate_phrase(STOPPED.definition),
        ValueBasis.ENGAGED_MINUTES: translate_phrase(ENGAGED_MINUTES.definition),
        ValueBasis.PLACE: tr(
            "Visitors who would stop at an average stand of the same size at this place, estimated from the "
            "ways that visitors choose. Not known with fewer than 12 stands, or where too few visitors were "
            "followed."
        ),
    }[basis]


def name_rent_verdict(price: PriceVerdict) -> str:
    return {
        PriceVerdict.DEAR: tr("above fair rent"),
        PriceVerdict.CHEAP: tr("below fair rent"),
        PriceVerdict.FAIR: tr("no significant difference"),
        PriceVerdict.UNKNOWN: tr("unknown"),
        PriceVerdict.UNSEEN: tr("not observed enough"),
    }[price]


def format_money(amount: float | None, currency: str) -> str:
    if amount is None:
        return ABSENT
    decimals = 2 if abs(amount) < 10 else 1 if abs(amount) < 100 else 0
    return f"{format_number(amount, decimals=decimals)} {currency}".rstrip()


def format_money_interval(measured: Estimate, currency: str) -> str:
    if measured.interval is None:
        return ABSENT
    low, high = measured.interval
    return tr("{low} to {high}", low=format_money(low, ""), high=format_money(high, currency))


Value = Callable[[StandRow], float | None]


class _StandTable(RecordTable[StandRow]):
    """Table of stands; the name carries the zone's colour."""

    def find_colour(self, stand: StandRow) -> int:
        return stand.colour

    def find_zone(self, stand: StandRow) -> str:
        return stand.zone

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and index.column() == 0 and role == Qt.ItemDataRole.ToolTipRole:
            row = self.record(index.row())
            if row.exposed is None:
                return tr(
                    "Only {share} of the floor was observed; figures need at least 80 %.",
                    share=format_share(row.coverage),
                )
        return super().data(index, role)


OF_PLACE_COLUMN = 7


class StandTable(_StandTable):
    quality: DayQuality | None = None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_of_place = index.isValid() and index.column() in (OF_PLACE_COLUMN, OF_PLACE_COLUMN + 1)
        if is_of_place and role == Qt.ItemDataRole.ToolTipRole:
            return explain_loss(self.quality, OF_PLACE.key) or super().data(index, role)
        return super().data(index, role)

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            _number(
                tr("Area ({unit})", unit=area),
                lambda r: _to_area(r.area_m2),
                decimals=1,
                meaning=tr("Area of the stand's zone on the plan."),
            ),
            _make_column(OBSERVED_HOURS),
            _make_column(CAME_NEAR),
            _make_column(VISITS),
            _make_column(STOPPED),
            _make_share_column_of(ATTRACTION),
            _make_share_column_of(OF_PLACE),
            _make_share_column_of(PLACE_WORTH),
            _make_column(ENGAGED_VISITS),
            _make_column(ENGAGED_MINUTES),
            _number(
                tr("Engaged min/{unit}/h", unit=area),
                _measure_load,
                decimals=2,
                meaning=tr("Engaged minutes per area of the stand and observed hour."),
            ),
            TableColumn(
                translate_phrase(FLOOR_SEEN.title),
                lambda r: format_share(r.coverage),
                lambda r: r.coverage,
                lambda r: f"{r.coverage:.4f}",
                tr("Floor seen (share)"),
                meaning=translate_phrase(FLOOR_SEEN.definition),
            ),
        )


class PriceTable(_StandTable):
    """Actual and fair rent of every stand."""

    basis = ValueBasis.EXPOSED
    currency = ""

    def show_values(self, basis: ValueBasis, currency: str) -> None:
        self.basis, self.currency = basis, currency
        self.retranslate()

    def make_columns(self) -> Sequence[TableColumn[StandRow]]:
        area = current_units().area_symbol
        return (
            make_name_column(tr("Stand"), lambda r: r.zone),
            self._money(tr("Rent"), lambda r: r.rent, tr("Rent of the stand for the whole show.")),
            self._money(
                tr("Fair rent"),
                lambda r: self._find(r).fair_rent.value,
                tr(
                    "A stand's share of the total rent: the rent is divided over the days by the hours "
                    "in which all compared stands were observed, and over the stands of each day by "
                    "their value."
                ),
            ),
            make_text_column(
                tr("Verdict"),
                lambda r: name_rent_verdict(self._find(r).verdict),
                lambda r: self._find(r).verdict.value,
            ),
            self._money(
                tr("Rent/{unit}", unit=area),
                lambda r: None if r.rent is None else r.rent / _to_area(r.area_m2),
                tr("Rent divided by the stand's area."),
            ),
            self._money(
                {
                    ValueBasis.EXPOSED: tr("Cost per visitor near"),
                    ValueBasis.STOPPED: tr("Cost per visitor who stops"),
                    ValueBasis.ENGAGED_MINUTES: tr("Cost per engaged minute"),
                    ValueBasis.PLACE: tr("Cost per visitor to expect"),
                }[self.basis],
                lambda r: self._find(r).cost,
                tr(
                    "Rent for the hours in which all compared stands were observed, divided by the "
                    "stand's value in these hours."
                ),
            ),
            self._money(
                tr("Fair/{unit}", unit=area),
                lambda r: _per_area(self._find(r).fair_price_m2.value),
                tr("Fair rent divided by the stand's area."),
            ),
            TableColumn(
                tr("Likely range"),
                lambda r: format_money_interval(_scale(self._find(r).fair_price_m2), self.currency),
                lambda r: _per_area(self._find(r).fair_price_m2.value),
                lambda r: _export_interval(_scale(self._find(r).fair_price_m2)),
                meaning=tr("95 % interval: the fair rent per area lies in it in 95 of 100 such periods."),
                is_expert=True,
            ),
        )

    def _find(self, row: StandRow) -> StandValue:
        return row.prices.get(self.basis, StandValue())

    def _money(self, title: str, value: Value, meaning: str = "") -> TableColumn[StandRow]:
        return make_number_column(
            title, value, lambda amount: format_money(amount, self.currency), digits=6, meaning=meaning
        )


def _number(title: str, value: Value, *, decimals: int = 0, meaning: str = "") -> TableColumn[StandRow]:
    return make_number_column(
        title, value, partial(format_number, decimals=decimals), digits=6, meaning=meaning
    )


def _make_column(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    return _number(
        translate_phrase(column.title),
        column.read,
        decimals=column.decimals,
        meaning=translate_phrase(column.definition),
    )


def _measure_load(row: StandRow) -> float | None:
    per_hour = row.divide_by_hours(row.engaged_minutes)
    return None if per_hour is None else per_hour / _to_area(row.area_m2)


def _make_share_column_of(column: FigureColumn[StandRow]) -> TableColumn[StandRow]:
    return TableColumn(
        translate_phrase(column.title),
        lambda stand: format_share_interval(column.read_estimate(stand)),
        column.read,
        lambda stand: export_number(column.read(stand), 6),
        tr("{name} (share)", name=translate_phrase(column.title)),
        meaning=translate_phrase(column.definition),
    )


def _to_area(area_m2: float) -> float:
    return area_m2 / current_units().per_m2


def _per_area(price_m2: float | None) -> float | None:
    return None if price_m2 is None else price_m2 * current_units().per_m2


def _scale(measured: Estimate) -> Estimate:
    factor, limits = current_units().per_m2, measured.interval
    return Estimate(
        _per_area(measured.value), None if limits is None else (limits[0] * factor, limits[1] * factor)
    )


def _export_interval(measured: Estimate) -> str:
    return "" if measured.interval is None else f"{measured.interval[0]:.6g}-{measured.interval[1]:.6g}"


STANDS, PRICES, STAND, ENTRIES = range(4)
_OF_PLACES = (STANDS, PRICES)
"""The tabs with figures against places."""
_TABS = {LinkPart.STANDS: STANDS, LinkPart.STAND: STAND}


class ExhibitionView(FiguresPage):
    """The exhibition page; renders an `ExhibitionState`."""

    link_opened = Signal(object)
    """A `ViewLink`."""

    def __init__(
        self, viewmodel: ExhibitionViewModel, stand: StandPageViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("stands.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown: ExhibitionFigures | None = None
        self._shown_fault: ErrorReport | None = None
        self.work = JobRow(self, keeps_place=False)
        self.tabs = PageTabs(4, self)
        self._period, self._notes = QLabel(), QLabel()
        self._period.setProperty("role", "title")
        self._period.setObjectName(PERIOD)
        self._notes.setProperty("role", "small")
        self._notes.setWordWrap(True)
        self.stand_table, self.price_table = StandTable(self), PriceTable(self)
        self.stands, self.prices = (
            RecordList(table, table_name="", parent=self) for table in (self.stand_table, self.price_table)
        )
        self.stands.table.sortByColumn(OF_PLACE_COLUMN, Qt.SortOrder.DescendingOrder)
        self.basis = QComboBox()
        self.basis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for basis in ValueBasis:
            self.basis.addItem("", basis)
        self.entries = StandListPanel(viewmodel, self)
        self.stand_page, self._stand = StandPage(stand, self), stand
        self._empty = EmptyPage("exhibition", self)
        self._pages, self._parts = QStackedWidget(self), QStackedWidget()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        self.tabs.name_tabs((tr("Stands"), tr("Square metres"), tr("One stand"), tr("Rents and targets")))
        self.basis.setAccessibleName(tr("Value floor by"))
        for basis in ValueBasis:
            index = self.basis.findData(basis)
            self.basis.setItemText(index, name_basis(basis))
            self.basis.setItemData(index, define_basis(basis), Qt.ItemDataRole.ToolTipRole)
        self.stands.set_table_name(tr("Stands"))
        self.prices.set_table_name(tr("Prices of stands"))
        self.entries.retranslate()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        head = fill(QHBoxLayout(), self.tabs, 1, self._period)
        self._value_page = QWidget()
        value = fill(QVBoxLayout(self._value_page), (self.basis, 0, Qt.AlignmentFlag.AlignLeft), margins=0)
        value.addWidget(self.prices, 1)
        for part in (self.stands, self._value_page, self.stand_page, self.entries):
            self._parts.addWidget(part)
        content = QWidget()
        fill(
            QVBoxLayout(content),
            head,
            self._notes,
            (self._parts, 1),
            spacing=theme.space_s,
            margins=0,
        )
        self._pages.addWidget(content)
        self._pages.addWidget(self._empty)
        self._last_day = self._empty.add_button(self._viewmodel.show_last_observed_day, is_primary=True)
        self._again = self._empty.add_button(self._viewmodel.compute)
        self._empty.add_button(lambda: self.link_opened.emit(ViewLink(LinkTarget.EDIT_PLAN)))
        outer = self._make_column()
        outer.addWidget(self._pages, 1)
        outer.addWidget(self.work)

    def _bind(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        self.work.stop_requested.connect(viewmodel.cancel)
        self.tabs.tab_chosen.connect(self._show_tab)
        self.basis.activated.connect(lambda: viewmodel.choose_basis(ValueBasis(self.basis.currentData())))
        self.stand_page.zone_chosen.connect(viewmodel.select_zone)
        self.entries.accept_pastes(self.prices, StandField.RENT)
        for shown in (self.stands, self.prices):
            shown.record_chosen.connect(lambda row: viewmodel.select_zone(row.zone))
            shown.export_requested.connect(self._write_table)

    def _render(self) -> None:
        state = self._viewmodel.state
        is_busy = state.phase is PeriodPhase.COMPUTING
        self.work.show_job(
            tr("Computing the figures of the stands") if is_busy else "",
            done=state.progress, total=1.0 if state.progress else 0.0, can_stop=True,
        )  # fmt: skip
        self._show_empty_state(state)
        if state.fault is not self._shown_fault:
            self._shown_fault = state.fault
            if state.fault is None:
                self.banner.hide()
            else:
                self._show_fault(state.fault)
        figures = state.figures
        self._show_stand(state)
        self._period.setText(
            ""
            if figures is None or state.period is None
            else format_period(*state.period, time_zone=state.time_zone)
        )
        shown_part = self._parts.currentIndex()
        places_note = None if figures is None or shown_part not in _OF_PLACES else figures.places_note
        self._notes.setText(
            ""
            if figures is None
            else join_sentences(
                ([] if places_note is None else [translate_phrase(places_note)])
                + (_describe_prices(figures) if shown_part == PRICES else _describe_notes(figures))
            )
        )
        self.basis.setCurrentIndex(self.basis.findData(state.basis))
        currency = "" if figures is None else figures.currency
        self.price_table.show_values(state.basis, currency)
        self.entries.show_state(state)
        if figures is not self._shown:
            self._shown = figures
            stands: tuple[StandRow, ...] = () if figures is None else figures.stands
            self.stand_table.quality = None if figures is None else figures.quality
            for table in (self.stand_table, self.price_table):
                table.show(stands)

    def show_link(self, link: ViewLink) -> None:
        if link.shown is LinkTarget.EXHIBITION and link.part in _TABS:
            self.tabs.choose_tab(_TABS[link.part])

    def _show_stand(self, state: ExhibitionState) -> None:
        """Show the selected stand, or else the first; computed only while the part is visible."""
        if state.phase is PeriodPhase.COMPUTING:
            # the history or the venue has changed
            self._stand.forget()
        if self.tabs.chosen != STAND or state.figures is None:
            return
        zones = [stand.zone for stand in state.figures.stands]
        zone = state.zone if state.zone in zones else next(iter(zones), None)
        self.stand_page.show_choices(zones, zone)
        if state.phase is PeriodPhase.READY:
            self._stand.show_stand(zone, state.period)

    def _show_empty_state(self, state: ExhibitionState) -> None:
        figures = state.figures
        has_stands = figures is None or bool(figures.stands)
        title = text = ""
        if state.phase is PeriodPhase.NO_VENUE:
            title, text = tr("No venue is open"), tr("Open a venue to see its stands.")
        elif figures is None and state.phase is PeriodPhase.NOTHING_OBSERVED:
            title = tr("No data for this period")
            text = (
                tr("Choose a period with observations.")
                if state.history is not None
                else tr("Start recording, or import a recording.")
            )
        elif figures is None:
            title, text = tr("Please wait"), tr("Computing the figures of this period.")
            if state.phase is PeriodPhase.FAILED:
                title, text = tr("The figures could not be computed"), ""
            elif state.phase is PeriodPhase.CANCELLED:
                title, text = tr("Cancelled"), ""
        elif not has_stands and self.tabs.chosen != ENTRIES:
            title = tr("No stands yet")
            text = tr("Draw zones on the plan; their figures are computed from recorded data.")
        can_retry = figures is None and state.phase in (PeriodPhase.FAILED, PeriodPhase.CANCELLED)
        is_elsewhere = state.phase is PeriodPhase.NOTHING_OBSERVED and state.history is not None
        self._empty.show_texts(
            title,
            text,
            tr("Show the last observed day") if is_elsewhere else "",
            tr("Compute again") if can_retry else "",
            tr("Edit the plan") if figures is not None and not has_stands else "",
        )
        # what is entered does not need figures
        shows_entries = self.tabs.chosen == ENTRIES and state.phase is not PeriodPhase.NO_VENUE
        self._pages.setCurrentIndex(1 if title and not shows_entries else 0)

    def _show_tab(self, number: int) -> None:
        self._parts.setCurrentIndex(number)
        self._render()


def _describe_notes(figures: ExhibitionFigures) -> list[str]:
    notes = [
        tr(
            "Observed for {hours} h; {share} of the open floor is within the cameras' pictures.",
            hours=format_number(figures.observed_s / 3600, decimals=1),
            share=format_share(figures.floor_share),
        ),
    ]
    if figures.capacity is not None:
        notes.append(tr("Capacity of the hall: {people} people.", people=format_number(figures.capacity)))
    moved = [stand.zone for stand in figures.stands if stand.since_utc_s is not None]
    if moved:
        notes.append(
            trn(
                "{n} stand is counted from its last change.",
                "{n} stands are counted from their last change.",
                len(moved),
            )
        )
    return notes


def _describe_prices(figures: ExhibitionFigures) -> list[str]:
    """Return the time covered by the rents, and the stands left out with a remedy."""
    if all(stand.rent is None for stand in figures.stands):
        return [tr("No rents yet: enter, paste or import them on Rents and targets.")]
    if figures.common_s <= 0:
        return [
            tr(
                "No fair rents: at no time during opening hours were all stands observed together. "
                "Choose another period."
            )
        ]
    hours = format_number(figures.common_s / 3600, decimals=1)
    notes = [
        tr("Fair rents cover the {hours} h in which all compared stands were observed.", hours=hours)
        if figures.share_of_show is None
        else tr(
            "Fair rents cover the {hours} h in which all compared stands were observed, {share} of the "
            "show's open hours. A cost counts that share of the rent.",
            hours=hours,
            share=format_share(figures.share_of_show),
        )
    ]
    if any(stand.since_utc_s is not None for stand in figures.stands):
        notes.append(tr("Before its change, a stand is counted by its former outline."))
    unseen = [stand.zone for stand in figures.stands if _is_refused(stand)]
    if unseen:
        notes.append(
            tr(
                "Not compared, with less than 80 % of their floor or of the others' time observed: "
                "{names}. Choose a period in which they were observed like the others.",
                names=tr(", ").join(display_name(name) for name in unseen),
            )
        )
    return notes


def _is_refused(stand: StandRow) -> bool:
    return any(price.verdict is PriceVerdict.UNSEEN for price in stand.prices.values())
