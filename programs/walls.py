"""How the tables of this room lead to a company, and who reaches them. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import APPEND, KEEP, READ, reached, read_only, table

# Company.objects.monitored_by
reached(
    "worked",
    "SELECT p.company_id FROM programs_monitorassignment a JOIN programs_participation p ON p.id = a.participation_id"
    " WHERE a.monitor_id = me AND a.starts_on <= today AND (a.ends_on IS NULL OR a.ends_on >= today)",
)

table("programs.Application", "company")
table("programs.ApplicationItem", "application__company")
table("programs.ApplicationRevision", "application__company")
table("programs.Paper", "application__company", app=KEEP)
table("programs.PaperFile", "paper__application__company", app=KEEP)
table("programs.ApplicationCheck", "application__company")
table("programs.Appeal", "application__company", app=APPEND)
table("programs.DecisionLetter", "application__company", app=READ)
table("programs.SigningCode", "application__company", app=KEEP)
table("programs.StatementCopy", "application__company", app=KEEP)
table("programs.Signature", "application__company", app=KEEP)
table("programs.Participation", "company", circles="known", app=KEEP, public=("id", "state", "company_id"))
table("programs.MonitorAssignment", "participation__company", circles="known", also_read="monitor_id = {me}", app=READ)
table("programs.CommitmentLetter", "participation__company", app=KEEP)
table("programs.Measure", "company", public=("id", "state", "investment", "annual_saving", "annual_cost"))
table("programs.Attendance", "participation__company", app=READ)
table("programs.Waiver", "application__company", "participation__company", app=READ)

read_only(
    "programs.Program",
    "programs.Edition",
    "programs.LetterText",
    "programs.Phrase",
    "programs.RequiredDocument",
    "programs.ParameterValue",
    "programs.Workshop",
    "programs.Session",
)
