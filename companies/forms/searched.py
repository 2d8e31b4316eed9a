"""A list too long to read: it is searched by typing (static/js/fields.js), and without scripts it is a list."""

from django import forms


class SearchedSelect(forms.Select):
    """What was typed and is no option comes back with the page, to be mended; the field says that it is none.

    hint: how to search. none: what is told when nothing is found; {} stands for what was typed.
    """

    TYPED = "-texto"  # after the name of the field, the name of what was typed

    def __init__(self, *, hint, none):
        super().__init__(attrs={"data-combo": hint, "data-none": none})

    def value_from_datadict(self, data, files, name):
        return super().value_from_datadict(data, files, name) or data.get(f"{name}{self.TYPED}", "").strip()

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        chosen = any(option["selected"] for _group, options, _n in context["widget"]["optgroups"] for option in options)
        if value and not chosen:
            context["widget"]["attrs"]["data-typed"] = value
        return context
