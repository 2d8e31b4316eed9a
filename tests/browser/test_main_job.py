"""The main job from end to end: one new company goes through the whole programme, each person at their own browser.

The steps build on each other and share one world, so the first that fails names what broke.
"""

import pytest

from . import steps_admission as admission
from . import steps_audit as audit
from . import steps_certificate as certificate
from . import steps_entry as entry
from . import steps_requirements as requirements

pytestmark = pytest.mark.browser
STEPS = [
    *entry.STEPS,
    *admission.STEPS,
    admission.letter_is_signed_and_verified,
    admission.monitor_is_assigned_and_implementation_opens,
    admission.attendance_is_recorded_and_seen,
    requirements.evidence_is_attached_and_handed_in,
    requirements.monitor_reviews,
    requirements.everybody_reads_the_same_progress,
    requirements.the_rest_is_accepted_and_the_company_is_ready,
    audit.preaudit_is_opened,
    audit.auditor_declares_and_plans,
    audit.one_minor_nonconformity,
    audit.external_request_is_refused_while_it_is_open,
    audit.company_answers_with_cause_and_action,
    audit.auditor_verifies_and_staff_confirm,
    certificate.company_asks_an_enabled_body,
    certificate.body_accepts_and_names_its_auditor,
    certificate.external_auditor_recommends,
    certificate.one_proposes_another_decides,
    certificate.certificate_is_printed_and_verified,
    certificate.a_measure_shows_its_payback,
    certificate.reminders_arrive_in_the_mailbox,
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_main_job(world, step):
    world.walk(step)
