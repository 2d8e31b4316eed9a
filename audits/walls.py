"""How the tables of this room lead to a company, and who reaches them. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import APPEND, KEEP, READ, circle, reached, read_only, table

# Audits a person makes, having declared; and those they are named for, or answer as manager of the body.
circle("conducted", label="audits.Audit")
circle("named", label="audits.Audit", within="conducted")

# Whoever audits does so for a body, or for PROMPERÚ by a duty; both last from one day to another.
IN_FORCE = "w.user_id = me AND w.starts_on <= today AND (w.ends_on IS NULL OR w.ends_on >= today)"
EMPLOYED = (
    f"(EXISTS (SELECT 1 FROM audits_bodyperson w WHERE w.body_id = a.body_id AND {IN_FORCE})"
    " OR a.body_id IS NULL AND EXISTS"
    f" (SELECT 1 FROM companies_appointment w WHERE w.duty = 'preauditor' AND {IN_FORCE}))"
)
# Audit.objects.audited_by: until ninety days after its end, and not of a company that left.
TEAM = (
    "FROM audits_audit a JOIN audits_auditmember m ON m.audit_id = a.id"
    " JOIN programs_participation p ON p.id = a.participation_id"
    " WHERE m.user_id = me AND m.left_on IS NULL"
    " AND (a.ended_at IS NULL OR a.ended_at >= (today - 90)::timestamp AT TIME ZONE 'America/Lima')"
    " AND a.state NOT IN ('requested', 'declined', 'cancelled') AND p.state NOT IN ('withdrawn', 'excluded')"
    f" AND {EMPLOYED}"
)
DECLARED = f"{TEAM} AND m.declared_at IS NOT NULL"
# Audit.objects.requested_from
MANAGED = (
    "FROM audits_audit a JOIN audits_bodyperson b ON b.body_id = a.body_id"
    " JOIN programs_participation p ON p.id = a.participation_id"
    " WHERE b.user_id = me AND b.role = 'manager'"
    " AND b.starts_on <= today AND (b.ends_on IS NULL OR b.ends_on >= today)"
)
reached("conducted", f"SELECT a.id {DECLARED}")
reached("named", f"SELECT a.id {TEAM}")
reached("named", f"SELECT a.id {MANAGED}")
reached("audited", f"SELECT p.company_id {DECLARED}")
reached("known", f"SELECT p.company_id {TEAM}")
reached("known", f"SELECT p.company_id {MANAGED}")

table("audits.Audit", "participation__company", circles=("worked", "named"), app=KEEP)
table(
    "audits.AuditMember", "audit__participation__company", circles=("worked", "named"), also_read="user_id = {me}",
    app=KEEP,
)  # fmt: skip
table("audits.Check", "audit__participation__company", circles=("worked", "conducted"), app=KEEP)
# One of the pre-audit comes back in the external audit, whose team reads it.
RECHECKED = (
    "id = ANY(ARRAY(SELECT recheck_of_id FROM audits_check"
    " WHERE recheck_of_id IS NOT NULL AND audit_id = ANY({conducted})))"
)
table(
    "audits.NonConformity", "audit__participation__company", circles=("worked", "conducted"), also_read=RECHECKED,
    app=KEEP,
)  # fmt: skip
table("audits.CorrectiveAction", "nonconformity__audit__participation__company", circles=("worked", "conducted"))
table("audits.Decision", "audit__participation__company", circles=("worked", "conducted"), app=APPEND)
table("audits.Withdrawal", "certificate__company", app=READ)
# The register is public, and so is what it certifies.
table("audits.Certificate", "company", also_read="valid_from <= {today}", app=READ, public=("*",))
table("audits.MarkLicence", "certificate__company", also_read="true", app=READ, public=("*",))
table("audits.RegisterEntry", "certificate__company", also_read="true", app=READ, all=APPEND, public=("*",))

read_only("audits.CertificationBody", "audits.BodyPerson")
