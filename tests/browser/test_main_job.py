"""The main job from end to end: one new company goes through the whole programme, each person at their own browser.

The steps build on each other and share one world, so the first that fails names what broke.
"""

import pytest

from . import steps_admission as admission
from . import steps_entry as entry

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
    admission.letter_is_signed_and_verified,
    admission.monitor_is_assigned_and_implementation_opens,
    admission.attendance_is_recorded_and_seen,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_main_job(world, step):
    if world.broken:
        pytest.skip(f"The walk stopped at «{world.broken}».")
    world.broken = step.__name__
    step(world)
    world.broken = ""
