from .company import Company, ExportRecord, Mandate, RucHistory, Site, SiteDocument
from .event import Event
from .membership import Appointment, Duty, Invitation, Membership
from .notice import Delivery, Notice
from .places import Activity, District
from .user import Consent, ConsentText, User

__all__ = [
    "Activity",
    "Appointment",
    "Company",
    "Consent",
    "ConsentText",
    "Delivery",
    "District",
    "Duty",
    "Event",
    "ExportRecord",
    "Invitation",
    "Mandate",
    "Membership",
    "Notice",
    "RucHistory",
    "Site",
    "SiteDocument",
    "User",
]
