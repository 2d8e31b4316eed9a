from .application import Application, ApplicationItem, ApplicationRevision, Signature
from .checking import ApplicationCheck
from .edition import Edition, ParameterValue, Program
from .letter import CommitmentLetter
from .measure import Measure
from .participation import MonitorAssignment, Participation
from .training import Attendance, Session, Workshop
from .waiver import Waiver

__all__ = [
    "Application",
    "ApplicationCheck",
    "ApplicationItem",
    "ApplicationRevision",
    "Attendance",
    "CommitmentLetter",
    "Edition",
    "Measure",
    "MonitorAssignment",
    "ParameterValue",
    "Participation",
    "Program",
    "Session",
    "Signature",
    "Waiver",
    "Workshop",
]
