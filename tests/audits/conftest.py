import pytest

from . import steps


@pytest.fixture
def preaudit(participation, mia, plant, otto, stella):
    """Otto is named for Acme's pre-audit; he has not declared."""
    return steps.opened(steps.ready(participation, plant), otto, by=stella)


@pytest.fixture
def running(preaudit, otto, alice):
    """The checklist is frozen and open."""
    return steps.started(preaudit, otto, alice)


@pytest.fixture
def correcting(running, otto):
    """Closed with one minor nonconformity, on GE-01."""
    steps.answer_all(running, otto, GE_01="minor")
    steps.minutes(running, otto)
    running.close(by=otto)
    return running


@pytest.fixture
def nc(correcting):
    return correcting.nonconformities.get()
