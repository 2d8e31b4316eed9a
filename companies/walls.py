"""How the tables of this room lead to a company. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import table

table("companies.Company", "")
table("companies.Membership", "company")
table("companies.Invitation", "company")
table("companies.RucHistory", "company")
table("companies.Mandate", "company")
table("companies.Site", "company")
table("companies.SiteDocument", "company")
table("companies.ExportRecord", "company")
table("companies.Event", "company")
table("companies.Seal", "event__company")
table("companies.Notice", "company")
table("companies.Delivery", "notice__company")
