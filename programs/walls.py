"""How the tables of this room lead to a company. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import table

table("programs.Application", "company")
table("programs.ApplicationItem", "application__company")
table("programs.ApplicationRevision", "application__company")
table("programs.ApplicationCheck", "application__company")
table("programs.Signature", "application__company")
table("programs.Participation", "company")
table("programs.MonitorAssignment", "participation__company")
table("programs.CommitmentLetter", "participation__company")
table("programs.Measure", "company")
table("programs.Attendance", "participation__company")
table("programs.Waiver", "application__company", "participation__company")
