from django.shortcuts import redirect


def doors(request):
    """Where a person goes after signing in: their first door."""
    return redirect(f"{request.user.doors[0]}:home")
