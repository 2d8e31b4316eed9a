from .claim import Claim
from .company import Company, Mandate
from .delivery import Delivery, Digest
from .event import Event
from .form_draft import FormDraft
from .invitation import Invitation, TooManyInvitations
from .membership import Appointment, Duty, Membership
from .notice import Notice
from .places import Activity, District
from .preference import Preference
from .registry import RucHistory, Taken
from .seal import Seal
from .second_factor import SecondFactorRule
from .site import ExportRecord, Site
from .site_document import SiteDocument, SiteDocumentFile
from .snooze import Snooze
from .stand_in import StandIn
from .table_import import Debtor, TableImport
from .taxpayer import Padron, Taxpayer
from .template import BrokenTemplate, MailTemplate
from .user import Consent, ConsentText, User

__all__ = [
    "Activity",
    "Appointment",
    "BrokenTemplate",
    "Claim",
    "Company",
    "Consent",
    "ConsentText",
    "Debtor",
    "Delivery",
    "Digest",
    "District",
    "Duty",
    "Event",
    "ExportRecord",
    "FormDraft",
    "Invitation",
    "MailTemplate",
    "Mandate",
    "Membership",
    "Notice",
    "Padron",
    "Preference",
    "RucHistory",
    "Seal",
    "SecondFactorRule",
    "Site",
    "SiteDocument",
    "SiteDocumentFile",
    "Snooze",
    "StandIn",
    "TableImport",
    "Taken",
    "Taxpayer",
    "TooManyInvitations",
    "User",
]
