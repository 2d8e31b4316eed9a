"""How an amount will be read, told while a form is filled in."""

from django.http import JsonResponse
from django.views.decorators.http import require_safe

from companies.amounts import CALLED, Unread, read_amount, written


@require_safe
def amount(request):
    """`q` as Peru writes it, or why it is no amount; of `de`, a key of CALLED."""
    of = request.GET.get("de") if request.GET.get("de") in CALLED else ""
    try:
        read = read_amount(request.GET.get("q", ""), of)
    except Unread as refusal:
        return JsonResponse({"wrong": refusal.messages[0]})
    return JsonResponse({"read": written(read, of)})
