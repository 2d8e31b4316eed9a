"""How the tables of this room lead to a company. See ecoeficiencia/walls/__init__.py."""

from ecoeficiencia.walls import table

table("audits.Audit", "participation__company")
table("audits.AuditMember", "audit__participation__company")
table("audits.Check", "audit__participation__company")
table("audits.NonConformity", "audit__participation__company")
table("audits.CorrectiveAction", "nonconformity__audit__participation__company")
table("audits.Decision", "audit__participation__company")
table("audits.Certificate", "company")
table("audits.MarkLicence", "certificate__company")
table("audits.RegisterEntry", "certificate__company")
