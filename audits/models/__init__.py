from .audit import Audit, AuditMember
from .body import BodyPerson, CertificationBody
from .certificate import Certificate, MarkLicence
from .check import Check
from .decision import Decision
from .nonconformity import CorrectiveAction, NonConformity
from .register import RegisterEntry
from .withdrawal import Withdrawal

__all__ = [
    "Audit",
    "AuditMember",
    "BodyPerson",
    "Certificate",
    "CertificationBody",
    "Check",
    "CorrectiveAction",
    "Decision",
    "MarkLicence",
    "NonConformity",
    "RegisterEntry",
    "Withdrawal",
]
