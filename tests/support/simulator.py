"""Says why tests of the simulated crowd are left out where its simulator is not installed."""

from __future__ import annotations

import pytest

from tools.simulation.crowd.crowd_simulation import is_simulator_installed

needs_simulator = pytest.mark.skipif(
    not is_simulator_installed(), reason="JuPedSim is not installed (make test installs it)"
)
