from ecoeficiencia.verification import numbering_faults, verifies

from .models import Application


@verifies("números de expediente")
def application_numbers(quick, late):
    return numbering_faults(
        "EXP", Application.objects.exclude(number=None).exclude(number="").values_list("number", flat=True)
    )
