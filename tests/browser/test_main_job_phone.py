"""Steps 1 to 3 of the main job on a telephone: to apply, to be observed, to mend, to be admitted."""

import pytest

from . import steps_admission as admission
from . import steps_entry as entry
from .world import PHONE

pytestmark = pytest.mark.browser
STEPS = [*entry.STEPS, *admission.STEPS]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_main_job_on_a_telephone(world, step):
    world.view = PHONE
    world.walk(step)
