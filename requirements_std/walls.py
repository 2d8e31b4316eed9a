"""How the tables of this room lead to a company. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import table

table("requirements_std.SiteFlag", "site__company")
table("requirements_std.Assessment", "company")
table("requirements_std.AspectProgress", "assessment__company")
table("requirements_std.Scope", "assessment__company")
table("requirements_std.Scope_sites", "scope__assessment__company")
table("requirements_std.Fulfilment", "assessment__company")
table("requirements_std.Evidence", "company")
table("requirements_std.EvidenceLink", "evidence__company")
table("requirements_std.Comment", "fulfilment__assessment__company")
