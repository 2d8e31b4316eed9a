"""Steps 1 to 3 of the main job on a telephone: to apply, to be observed, to mend, to be admitted."""

import pytest

from . import steps_admission as admission
from . import steps_entry as entry
from .world import PHONE

pytestmark = pytest.mark.browser
STEPS = [
    entry.visitor_reads_and_checks,
    entry.sign_up_with_the_code_of_the_mail,
    entry.register_the_company,
    entry.leave_a_draft_and_return,
    entry.complete_the_sections,
    entry.accept_the_statement_and_hand_in,
    admission.staff_observes_one_item,
    admission.company_mends_only_that,
    admission.staff_admits,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_main_job_on_a_telephone(world, step):
    if world.broken:
        pytest.skip(f"The walk stopped at «{world.broken}».")
    world.view = PHONE
    world.broken = step.__name__
    step(world)
    world.broken = ""
