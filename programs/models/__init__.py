from .application import Application, ApplicationItem, ApplicationRevision, Signature
from .checking import ApplicationCheck
from .edition import Edition, ParameterValue, Program
from .letter import CommitmentLetter
from .letter_text import LetterText
from .measure import Measure
from .participation import MonitorAssignment, Participation
from .required import RequiredDocument
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
    "LetterText",
    "Measure",
    "MonitorAssignment",
    "ParameterValue",
    "Participation",
    "Program",
    "RequiredDocument",
    "Session",
    "Signature",
    "Waiver",
    "Workshop",
]
