"""How the tables of this room lead to a company, and who reaches them. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import APPEND, KEEP, READ, circle, reached, read_only, table

# Whoever works on the company; they and those who audit it; they and those who only know that it is audited.
circle("worked")
circle("audited", within="worked")
circle("known", within="audited")

# Company.objects.belonging_to
reached(
    "worked",
    "SELECT company_id FROM companies_membership WHERE user_id = me"
    " AND starts_on <= today AND (ends_on IS NULL OR ends_on >= today)",
)

# Whoever works at a company answers for those it took over.
reached(
    "worked",
    "SELECT c.id FROM companies_company c JOIN companies_membership m ON m.company_id = c.successor_id"
    " WHERE m.user_id = me AND m.starts_on <= today AND (m.ends_on IS NULL OR m.ends_on >= today)",
)

COMPANY = ("id", "legal_name", "search", "activity_id")
table("companies.Company", "", circles="known", app=KEEP, public=COMPANY)
table("companies.Membership", "company", circles="known", also_read="user_id = {me}")
table("companies.Invitation", "company", also_read="token_hash = {token}", app=KEEP)
table("companies.RucHistory", "company", app=READ)
# Of no company before it is granted; whoever claims writes and reads their own.
table("companies.Claim", "company", also_read="claimed_by_id = {me}", also_written="claimed_by_id = {me}", app=KEEP)
table("companies.Mandate", "company", circles="known", also_read="user_id = {me}")
table("companies.Site", "company", circles="known", public=("id", "district_id"))
table("companies.SiteDocument", "company", circles="audited")
table("companies.SiteDocumentFile", "document__company", circles="audited", app=KEEP)
table("companies.ExportRecord", "company")
# Of whoever typed it alone, colleagues and monitors of the company left out.
OWN = "user_id = {me} AND company_id = ANY({worked})"
table("companies.FormDraft", "company", circles=(), also_written=OWN)
# What an auditor recorded bears no company, so that members do not read it before they are told; the team does.
RECORDED = (
    "actor_id = {me} OR company_id IS NULL AND object_type = 'audits.check'"
    " AND object_id = ANY(ARRAY(SELECT id FROM audits_check WHERE audit_id = ANY({conducted})))"
)
table(
    "companies.Event", "company", circles="known", also_read=RECORDED,
    also_written="company_id IS NULL AND actor_id = {me}", app=APPEND, all=APPEND,
)  # fmt: skip
table("companies.Seal", "event__company", circles="known", by_row=True, app=READ, all=APPEND)
table("companies.Notice", "company", circles="known", also_read="user_id = {me}", also_written="user_id = {me}")
table("companies.Delivery", "notice__company", circles="known", by_row=True)

read_only(
    "companies.Appointment",
    "companies.ConsentText",
    "companies.SecondFactorRule",
    "companies.TableImport",
    "companies.Debtor",
    "companies.Padron",
    "companies.Taxpayer",
    "companies.District",
    "companies.Activity",
    "companies.MailTemplate",
    "auth.Group",
    "auth.Permission",
    "contenttypes.ContentType",
    "ecoeficiencia.NonWorkingDay",
)
