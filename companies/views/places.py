"""Places to choose from while a form is filled in."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from companies.models import District

LONGEST = 60  # characters of a search that are read


@require_safe
def districts(request):
    """The districts `q` finds; of a `departamento` its provinces, of a `provincia` too its districts, by name."""
    department, province = request.GET.get("departamento", ""), request.GET.get("provincia", "")
    if department and province:
        found = District.objects.filter(department=department, province=province)
        options = [{"label": district.name, "value": str(district)} for district in found]
    elif department:
        names = District.objects.filter(department=department).order_by("province").values_list("province", flat=True)
        options = [{"label": name, "value": name} for name in names.distinct()]
    else:
        found = District.objects.all().found_by(request.GET.get("q", "")[:LONGEST])
        options = [{"label": str(district), "value": str(district)} for district in found]
    return JsonResponse({"options": options})
