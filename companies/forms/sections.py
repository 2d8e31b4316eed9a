"""The sections of a company's data that are one form each, and what each edits."""

from django.utils.translation import gettext_lazy as _

from companies.models import Mandate

from .company import ContactForm, IdentityForm, MandateForm, ProcessForm

FORMS = {
    "empresa": (_("Empresa"), IdentityForm),
    "representacion": (_("Representación legal"), MandateForm),
    "proceso": (_("Proceso productivo"), ProcessForm),
    "comunicaciones": (_("Comunicaciones"), ContactForm),
}


def section_form(section, company, on, data=None, initial=None):
    """The form of `section` bound to `data`; the representation is the one in force on `on`."""
    subject = company
    if section == "representacion":
        subject = company.mandate_on(on) or Mandate(company=company)
    return FORMS[section][1](data, instance=subject, initial=initial)
