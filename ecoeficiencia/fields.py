from django.db import models


class WebField(models.URLField):
    """A web address; typed without a scheme it is taken as https."""

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})
