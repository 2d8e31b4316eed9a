"""How each state looks: tone and icon. One table for pages and mails; the words are the model's own labels.

Keyed by lower-case model name and stored value. Tones are the `.t-…` classes of site.css.
"""

NONE, MUTE, INFO, OK, WARN, BAD, PLUM, DONE = "none", "mute", "info", "ok", "warn", "bad", "plum", "done"

ENTITLEMENT = {
    "issued": (OK, "patch-check-fill"),
    "suspended": (BAD, "pause-circle-fill"),
    "withdrawn": (BAD, "x-octagon-fill"),
    "replaced": (MUTE, "arrow-left-right"),
    # What the calendar says of it, `status_on(day)`.
    "valid": (OK, "patch-check-fill"),
    "expiring": (WARN, "clock-history"),
    "expired": (MUTE, "calendar-x"),
    "not_yet": (MUTE, "clock"),
}
BADGES = {
    "application": {
        "draft": (NONE, "pencil"),
        "submitted": (INFO, "send"),
        "observed": (WARN, "exclamation-triangle-fill"),
        "mended": (INFO, "arrow-repeat"),
        "waiting": (PLUM, "hourglass-split"),
        "admitted": (OK, "check-circle-fill"),
        "rejected": (BAD, "x-octagon-fill"),
        "withdrawn": (MUTE, "box-arrow-left"),
    },
    "section": {
        "todo": (NONE, "circle"),
        "started": (INFO, "pencil"),
        "complete": (OK, "check-circle-fill"),
        "observed": (WARN, "exclamation-triangle-fill"),
        "locked": (MUTE, "lock-fill"),
    },
    "applicationitem": {
        "pending": (NONE, "circle"),
        "accepted": (OK, "check-circle-fill"),
        "observed": (WARN, "exclamation-triangle-fill"),
        "rejected": (BAD, "x-octagon-fill"),
    },
    "appeal": {
        "filed": (INFO, "arrow-repeat"),
        "upheld": (OK, "check-circle-fill"),
        "dismissed": (MUTE, "x-circle"),
    },
    "claim": {
        "filed": (INFO, "hourglass-split"),
        "granted": (OK, "check-circle-fill"),
        "refused": (BAD, "x-octagon-fill"),
        "withdrawn": (MUTE, "box-arrow-left"),
    },
    "commitmentletter": {
        "issued": (INFO, "envelope-paper"),
        "signed": (OK, "pen"),
        "returned": (WARN, "exclamation-triangle-fill"),
        "verified": (OK, "check-circle-fill"),
    },
    "participation": {
        "letter_issued": (INFO, "envelope-paper"),
        "letter_signed": (OK, "pen"),
        "implementing": (INFO, "gear"),
        "ready": (OK, "flag-fill"),
        "preaudit": (PLUM, "clipboard-check"),
        "correcting": (WARN, "tools"),
        "preaudit_passed": (OK, "check-circle-fill"),
        "external_requested": (PLUM, "send-check"),
        "external_audit": (PLUM, "clipboard-check"),
        "external_correcting": (WARN, "tools"),
        "decision": (INFO, "hourglass-split"),
        "certified": (DONE, "patch-check-fill"),
        "not_certified": (BAD, "x-octagon-fill"),
        "withdrawn": (MUTE, "box-arrow-left"),
        "excluded": (BAD, "slash-circle"),
    },
    "measure": {
        "idea": (NONE, "lightbulb"),
        "approved": (INFO, "check2"),
        "in_progress": (INFO, "gear"),
        "implemented": (OK, "flag-fill"),
        "verified": (DONE, "patch-check-fill"),
        "discarded": (MUTE, "slash-circle"),
    },
    "fulfilment": {
        "open": (NONE, "circle"),
        "submitted": (INFO, "eye"),
        "returned": (WARN, "exclamation-triangle-fill"),
        "accepted": (OK, "check-circle-fill"),
        "claimed_na": (INFO, "hourglass-split"),
        "not_applicable": (MUTE, "slash-circle"),
    },
    "audit": {
        "requested": (PLUM, "send-check"),
        "declined": (BAD, "x-octagon-fill"),
        "accepted": (INFO, "calendar-plus"),
        "planned": (INFO, "calendar-event"),
        "agreed": (OK, "calendar-check"),
        "started": (PLUM, "clipboard-check"),
        "correcting": (WARN, "tools"),
        "closed": (INFO, "hourglass-split"),
        "confirmed": (OK, "check-circle-fill"),
        "cancelled": (MUTE, "slash-circle"),
    },
    "check": {
        "": (NONE, "circle"),
        "conforming": (OK, "check-circle-fill"),
        "major": (BAD, "x-octagon-fill"),
        "minor": (WARN, "exclamation-circle-fill"),
        "observation": (INFO, "eye-fill"),
        "opportunity": (INFO, "lightbulb-fill"),
        "not_applicable": (MUTE, "slash-circle"),
    },
    "nonconformity": {
        "open": (WARN, "folder2-open"),
        "answered": (INFO, "eye"),
        "returned": (WARN, "arrow-return-left"),
        "closed": (OK, "lock-fill"),
        "major": (BAD, "x-octagon-fill"),
        "minor": (WARN, "exclamation-circle-fill"),
    },
    "decision": {
        "pending": (NONE, "circle"),
        "proposed": (INFO, "hourglass-split"),
        "decided": (OK, "check-circle-fill"),
        "grant": (DONE, "patch-check-fill"),
        "deny": (BAD, "x-octagon-fill"),
    },
    "withdrawal": {
        "proposed": (WARN, "hourglass-split"),
        "confirmed": (BAD, "x-octagon-fill"),
        "rejected": (MUTE, "arrow-return-left"),
    },
    "certificationbody": {
        "enabled": (OK, "check-circle-fill"),
        "suspended": (WARN, "pause-circle-fill"),
        "withdrawn": (BAD, "x-octagon-fill"),
    },
    "certificate": ENTITLEMENT,
    "marklicence": ENTITLEMENT,
    "delivery": {
        "pending": (INFO, "hourglass-split"),
        "sent": (OK, "envelope-check"),
        "failed": (BAD, "exclamation-triangle-fill"),
        "held": (WARN, "pencil"),
        "waiting": (INFO, "clock-history"),
        "skipped": (MUTE, "circle"),
        "discarded": (MUTE, "x-octagon-fill"),
    },
}
PLAIN = (MUTE, "circle")


def badge(model, value):
    """Tone and icon of a value; a plain grey badge when the table does not know it."""
    return BADGES.get(model, {}).get(str(value or ""), PLAIN)
