"""What the pages of one row and of one board show, whatever the door. Who may see it is the door's business."""

from django.utils.functional import cached_property

from companies.timeline import Timeline
from requirements_std.forms.fulfilment import CommentForm


def frame(assessment):
    """What every page about an assessment tells its base: whose, of which edition, and that the standard is ours."""
    return {
        "assessment": assessment,
        "company": assessment.company,
        "participation": getattr(assessment, "participation", None),
        "standard_notice": assessment.standard_version.notice,
        "nav_counts": {"board": assessment.returned},
    }


class RowPage:
    """One row as who asks for it may see it."""

    def __init__(self, row, request, comment=None):
        self.row, self.request, self.user = row, request, request.user
        self.comment_form = comment or CommentForm(user=self.user, company=row.assessment.company)

    @cached_property
    def links(self):
        return list(
            self.row.links.select_related("evidence__blob", "evidence__uploaded_by").order_by("linked_at", "pk")
        )

    @cached_property
    def comments(self):
        comments = self.row.comments.model.objects.visible_to(self.user).filter(fulfilment=self.row)
        return list(comments.select_related("author"))

    @cached_property
    def events(self):
        return Timeline.of(self.request, self.row)

    @cached_property
    def places(self):
        rows = self.row.assessment.fulfilments.filter(closed_on=None).order_by("requirement__number", "site")
        return list(rows.values_list("pk", flat=True))

    @cached_property
    def position(self):
        return self.places.index(self.row.pk) + 1 if self.row.pk in self.places else 0

    @property
    def previous(self):
        return self.places[self.position - 2] if self.position > 1 else None

    @property
    def following(self):
        return self.places[self.position] if 0 < self.position < len(self.places) else None
