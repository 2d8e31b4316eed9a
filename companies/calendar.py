"""The calendar file of a notice that announces a date (RFC 5545 and 5546), at Lima's hour."""

from datetime import date, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText


def entry(uid, summary, starts, ends=None, place="", **invitation):
    """What `Notice.tell(calendar=)` takes. starts, ends: aware datetimes, or dates for whole days (both included).

    invitation: method="REQUEST" or "CANCEL" and sequence, for a meeting that may be moved or called off; without, the
    file only tells of a day.
    """
    return {
        **invitation,
        "uid": uid,
        "summary": str(summary),
        "starts": starts.isoformat(),
        "ends": (ends or starts).isoformat(),
        "place": str(place),
    }


def invitation_file(notice):
    """The bytes of the .ics file. The same fact keeps its UID: a later date replaces the earlier in the calendar."""
    data, host = notice.calendar, urlsplit(settings.SITE_URL).hostname
    calendar = Calendar()
    calendar.add("prodid", "-//Ecoeficiencia//ES")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(data))
    event = Event()
    event.add("uid", f"{data['uid']}@{host}")
    event.add("dtstamp", notice.created_at)
    event.add("sequence", data.get("sequence", int(notice.created_at.timestamp())))
    if method_of(data) != "PUBLISH":
        _invite(event, notice.user, cancelled=method_of(data) == "CANCEL")
    event.add("summary", data["summary"])
    if data.get("place"):
        event.add("location", data["place"])
    if notice.url:
        event.add("url", settings.SITE_URL + notice.url)
    starts, ends = _moment(data["starts"]), _moment(data["ends"])
    if isinstance(starts, datetime):
        calendar.add_component(_lima())
    else:
        ends += timedelta(days=1)  # the day after the last one
    event.add("dtstart", starts)
    event.add("dtend", ends)
    calendar.add_component(event)
    return calendar.to_ical()


def method_of(data):
    return data.get("method", "PUBLISH")


def _invite(event, user, cancelled):
    """Who asks whom: without both a calendar takes the file for somebody else's."""
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    event.add("organizer", _person(address, name))
    event.add("attendee", _person(user.email, str(user)))


def _person(address, name):
    person = vCalAddress("mailto:" + "".join(address.split()))
    person.params["CN"] = vText(" ".join(name.split()))
    return person


def _moment(text):
    if "T" not in text:
        return date.fromisoformat(text)
    return timezone.localtime(datetime.fromisoformat(text))


def _lima():
    """Peru has had no summer time since 1994."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "America/Lima")
    standard.add("dtstart", datetime(1994, 4, 1))
    standard.add("tzoffsetfrom", timedelta(hours=-5))
    standard.add("tzoffsetto", timedelta(hours=-5))
    standard.add("tzname", "-05")
    zone.add_component(standard)
    return zone
