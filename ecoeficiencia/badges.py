"""How each state looks: tone, icon. One table for pages, mails and tests; the words are the model's own labels."""

NONE, MUTE, INFO, OK, WARN, BAD, PLUM, DONE = (
    "none",
    "mute",
    "info",
    "ok",
    "warn",
    "bad",
    "plum",
    "done",
)

BADGES = {
    "application": {
        "draft": (NONE, "pencil"),
        "submitted": (INFO, "send"),
        "returned": (WARN, "exclamation-triangle-fill"),
        "resubmitted": (INFO, "arrow-repeat"),
        "admitted": (OK, "check-circle-fill"),
        "rejected": (BAD, "x-octagon-fill"),
        "withdrawn": (MUTE, "box-arrow-left"),
    },
    "fulfilment": {
        "pending": (NONE, "circle"),
        "draft": (NONE, "circle"),
        "submitted": (INFO, "eye"),
        "returned": (WARN, "exclamation-triangle-fill"),
        "accepted": (OK, "check-circle-fill"),
        "expired": (BAD, "calendar-x"),
        "not_applicable": (MUTE, "slash-circle"),
    },
}
# Values that are not a life cycle but wear a badge: results of a check, standing of a certificate on a day.
UNKNOWN = (MUTE, "circle")


def badge(model, value):
    """Tone and icon of a value; `model` is the lower-case model name."""
    return BADGES.get(model, {}).get(str(value), UNKNOWN)
