"""How the tables of this room lead to a company, and who reaches them. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import read_only, table

table("requirements_std.SiteFlag", "site__company", circles="audited")
table("requirements_std.Assessment", "company", circles="known")
table("requirements_std.AspectProgress", "assessment__company", circles="audited")
table("requirements_std.Scope", "assessment__company", circles="known", public=("id",))
table("requirements_std.Scope_sites", "scope__assessment__company", circles="known", public=("*",))
table("requirements_std.Fulfilment", "assessment__company", circles="audited")
table("requirements_std.Evidence", "company", circles="audited")
table("requirements_std.EvidenceLink", "evidence__company", circles="audited")
table("requirements_std.Comment", "fulfilment__assessment__company")

read_only(
    "requirements_std.Standard",
    "requirements_std.StandardVersion",
    "requirements_std.Aspect",
    "requirements_std.Condition",
    "requirements_std.Requirement",
)
