"""Every model with a file that somebody sent. A new one says here whose it is; a test compares (tests/companies)."""

# Where a row says whose the file is, who sent it, and how it is called.
SENT = {
    "companies.SiteDocument": ("company", "", ""),  # the newest of its files once more; its own row says the rest
    "companies.SiteDocumentFile": ("document__company", "uploaded_by", "filename"),
    "companies.TableImport": ("", "uploaded_by", "filename"),
    # Of somebody who does not work for that company, or not yet; of the company once it is granted.
    "companies.Claim": ("company", "claimed_by", "filename"),
    "companies.RucHistory": ("company", "recorded_by", "filename"),
    "requirements_std.Evidence": ("company", "uploaded_by", "filename"),
    "programs.Appeal": ("application__company", "filed_by", "filename"),
    "programs.PaperFile": ("paper__application__company", "uploaded_by", "filename"),
    "programs.Signature": ("application__company", "signed_by", "filename"),
    "programs.CommitmentLetter": ("participation__company", "uploaded_by", "signed_filename"),
    "programs.RequiredDocument": ("", "", "template_filename"),
    "audits.CorrectiveAction": ("nonconformity__audit__participation__company", "", "filename"),
}
PRINTED = "pdf_id"  # the column of what the system made of a row, in models that also have what was sent
