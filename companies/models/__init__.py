from .company import Company, Mandate, RucHistory
from .event import Event
from .membership import Appointment, Duty, Invitation, Membership
from .notice import Delivery, Notice
from .places import Activity, District
from .site import ExportRecord, Site, SiteDocument
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
