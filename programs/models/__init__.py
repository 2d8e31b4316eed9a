from .appeal import Appeal
from .application import Application, ApplicationItem, ApplicationRevision
from .checking import ApplicationCheck
from .decision_letter import DecisionLetter
from .edition import Edition, ParameterValue, Program
from .letter import CommitmentLetter
from .letter_text import LetterText
from .measure import Measure
from .paper import Paper, PaperFile
from .participation import MonitorAssignment, Participation
from .phrase import Phrase
from .required import RequiredDocument
from .signing import Signature, SigningCode, WrongCode
from .swearing import StatementCopy
from .training import Attendance, Session, Workshop
from .waiver import Waiver

__all__ = [
    "Appeal",
    "Application",
    "ApplicationCheck",
    "ApplicationItem",
    "ApplicationRevision",
    "Attendance",
    "CommitmentLetter",
    "DecisionLetter",
    "Edition",
    "LetterText",
    "Measure",
    "MonitorAssignment",
    "Paper",
    "PaperFile",
    "ParameterValue",
    "Participation",
    "Phrase",
    "Program",
    "RequiredDocument",
    "Session",
    "Signature",
    "SigningCode",
    "StatementCopy",
    "Waiver",
    "Workshop",
    "WrongCode",
]
