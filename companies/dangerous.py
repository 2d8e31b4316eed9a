"""The acts before which a person says again who they are: what cannot be undone, or opens a door to others.

Addresses by name; the methods of the set only. allauth asks the same before its own: e-mail, password, second factor.
"""

ACTS = frozenset(
    {
        # Deciding
        "panel:application_admit",
        "panel:application_reject",
        "panel:audit_confirm",
        "panel:decision_propose",
        "panel:decision_decide",
        # Certificate and mark
        "panel:certificate_licence",
        "panel:certificate_suspend",
        "panel:certificate_reinstate",
        "panel:certificate_withdraw",
        "panel:withdrawal_confirm",
        "panel:withdrawal_reject",
        # Who may do what
        "empresa:invite",
        "empresa:member_role",
        "empresa:member_end",
        "empresa:member_hand_over",
        "panel:claim_grant",
        "panel:company_ruc",
        "panel:company_absorbed",
        "panel:body_person",
        "panel:body_person_end",
        "panel:person_invite",
        "panel:person_reset",
        "panel:duty_end",
        "panel:second_factor",
        "panel:stand_in",
        "admin:companies_appointment_add",
        "admin:companies_appointment_change",
        "admin:companies_user_change",
        # Sessions of one's own
        "public:session_close",
        "usersessions_list",
    }
)
# Addresses of exports, which leave with much and are asked for by GET.
EXPORTS = frozenset()


def needs_proof(request, name):
    if name in EXPORTS:
        return True
    return name in ACTS and request.method not in {"GET", "HEAD", "OPTIONS"}
