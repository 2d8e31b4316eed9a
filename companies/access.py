"""Who may open a page that is not about one object. Others get the same 404 as for a page that does not exist."""

from functools import wraps

from django.http import Http404

from .models import Duty


def allowed(test):
    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not (request.user.is_authenticated and test(request.user)):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def has_duty(*duties):
    return allowed(lambda user: user.has_duty(*duties))


staff_only = allowed(lambda user: user.is_programme_staff)
coordinators_only = has_duty(Duty.COORDINATOR)
reviewers_only = has_duty(Duty.REVIEWER, Duty.COORDINATOR)
deciders_only = has_duty(Duty.DECIDER)
monitors_only = has_duty(Duty.MONITOR)
