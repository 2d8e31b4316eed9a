from .assessment import AspectProgress, Assessment, Scope, SiteFlag
from .evidence import Comment, Evidence, EvidenceLink
from .fulfilment import Fulfilment
from .standard import Aspect, Condition, Requirement, Standard, StandardVersion

__all__ = [
    "Aspect",
    "AspectProgress",
    "Assessment",
    "Comment",
    "Condition",
    "Evidence",
    "EvidenceLink",
    "Fulfilment",
    "Requirement",
    "Scope",
    "SiteFlag",
    "Standard",
    "StandardVersion",
]
