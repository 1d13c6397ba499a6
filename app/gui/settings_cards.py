"""Makes the cards of the settings page that are about the open venue."""

from __future__ import annotations

from app.access.roles import Permission
from app.gui.main_window import MainWindow, WindowParts
from app.gui.permissions import needs


def add_settings_cards(window: MainWindow, parts: WindowParts) -> None:
    """Import and make them."""
    from app.gui.views.closing_card import ClosingCard

    _add_history_keeping(window, parts)
    window.add_settings_card(ClosingCard(parts.app_state, parts.shell))
    _add_privacy(window, parts)
    _add_other_systems(window, parts)


def _add_history_keeping(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.history_keeping import HistoryKeepingViewModel
    from app.gui.views.history_keeping_card import HistoryKeepingCard

    viewmodel = HistoryKeepingViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.add_settings_card(HistoryKeepingCard(viewmodel))


def _add_privacy(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.privacy import PrivacyViewModel
    from app.gui.views.privacy_card import PrivacyCard
    from app.print.privacy_files import write_privacy_pack

    viewmodel = PrivacyViewModel(
        app_state=parts.app_state, job_runner=parts.job_runner, write_pack=write_privacy_pack
    )
    viewmodel.setParent(window)
    window.add_settings_card(PrivacyCard(viewmodel))


def _add_other_systems(window: MainWindow, parts: WindowParts) -> None:
    from app.gui.viewmodels.other_systems import OtherSystemsViewModel
    from app.gui.viewmodels.told_systems import ToldSystemsViewModel
    from app.gui.views.other_systems_card import OtherSystemsCard
    from app.gui.views.told_systems_part import ToldSystemsPart

    viewmodel = OtherSystemsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    viewmodel.setParent(window)
    window.closed.connect(viewmodel.close)
    told = ToldSystemsViewModel(app_state=parts.app_state, job_runner=parts.job_runner)
    told.setParent(window)
    told.settings_changed.connect(viewmodel.restart_serving)
    card = OtherSystemsCard(viewmodel)
    card.add_part(ToldSystemsPart(told))
    needs(card, Permission.INTEGRATE)
    window.add_settings_card(card)
