"""The walls between companies that the database itself keeps, whatever the code above it forgets.

Each room says in its `walls.py`, one line a table, how a row leads to its company. From that one list come the
triggers by which no row points across companies (boundaries.py). Tables of history only grow (growing.py).
"""

from dataclasses import dataclass

from django.apps import apps
from django.utils.module_loading import autodiscover_modules

TENANT = "companies.Company"

_tables = {}


@dataclass(frozen=True)
class Table:
    """A table whose rows belong to a company.

    paths: how to get there, as in a query: `audit__participation__company`. Several when a row uses one of them.
    """

    label: str
    paths: tuple[str, ...]

    @property
    def model(self):
        """The model; also the table Django makes for a many-to-many field, which bears no name of its own."""
        app, name = self.label.split(".")
        return apps.get_app_config(app).get_model(name)

    @property
    def anchors(self):
        """The fields at which the paths begin."""
        return [self.model._meta.get_field(path.partition("__")[0]) for path in self.paths if path]


def table(label, *paths):
    """Say that the rows of the model `label` belong to the company that `paths` lead to."""
    _tables[label] = Table(label, paths)


def tables():
    """Every table declared, by label."""
    autodiscover_modules("walls")
    return dict(_tables)


def of_companies():
    """The models, those of many-to-many fields among them, from which foreign keys lead to a company."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and _leads(model, ())]


def _leads(model, seen):
    if model._meta.label == TENANT:
        return True
    fields = [field for field in model._meta.concrete_fields if field.is_relation and field.related_model]
    return any(
        _leads(field.related_model, (*seen, model)) for field in fields if field.related_model not in (*seen, model)
    )


def undeclared():
    """One sentence for each table that leads to a company and that no room's walls.py knows, saying what to do."""
    known = tables()
    return [
        f'{model._meta.label} leads to a company: add table("{model._meta.label}", "path__to__company") '
        f"to {model._meta.app_label}/walls.py (see ecoeficiencia/walls/__init__.py)."
        for model in of_companies()
        if model._meta.label not in known
    ]
