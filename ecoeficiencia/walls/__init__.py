"""The walls between companies that the database itself keeps, whatever the code above it forgets.

Each room says in its `walls.py`, one line a table, how a row leads to its company and which circle of people reaches
it. From that one list come the triggers by which no row points across companies (boundaries.py) and, on PostgreSQL,
the policies of row-level security (policies.py) that every request meets (requests.py). Tables of history only grow
(growing.py).
"""

from dataclasses import dataclass

from django.apps import apps
from django.utils.module_loading import autodiscover_modules

TENANT = "companies.Company"

# What the role of the doors (policies.APP) may do with a table. Staff and workers may do the same, or all.
ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
KEEP = ("SELECT", "INSERT", "UPDATE")
APPEND = ("SELECT", "INSERT")
READ = ("SELECT",)

_tables, _circles, _read_only = {}, {}, {}


@dataclass(frozen=True)
class Table:
    """A table whose rows belong to a company.

    paths: how to get there, as in a query: `audit__participation__company`. Several when a row uses one of them.
    circles: who reaches a row; any of them is enough.
    also_read, also_written: SQL for rows reached whatever the circles. Given are {me}, {today}, {token}, and the
    ids of each circle as an array by its name.
    public: the columns that the public catalogue and figures may read of every row.
    app, all: what the doors, and what anybody, may do.
    by_row: ask of each row whether its parent is reached, rather than listing the parents. For tables that the doors
    write and never list.
    """

    label: str
    paths: tuple[str, ...]
    circles: tuple[str, ...] = ("worked",)
    also_read: str = ""
    also_written: str = ""
    public: tuple[str, ...] = ()
    app: tuple[str, ...] = ALL
    all: tuple[str, ...] = ALL
    by_row: bool = False

    @property
    def model(self):
        """The model; also the table Django makes for a many-to-many field, which bears no name of its own."""
        app, name = self.label.split(".")
        return apps.get_app_config(app).get_model(name)

    @property
    def anchors(self):
        """The fields at which the paths begin."""
        return [self.model._meta.get_field(path.partition("__")[0]) for path in self.paths if path]


@dataclass
class Circle:
    """Rows of one model that a person reaches, found once a request.

    within: a narrower circle that is part of it. branches: SQL that selects ids; `me` and `today` are given.
    """

    name: str
    label: str
    within: str = ""
    branches: tuple[str, ...] = ()


def table(label, *paths, circles=("worked",), **how):
    """Say that the rows of the model `label` belong to the company that `paths` lead to; see Table."""
    _tables[label] = Table(label, paths, (circles,) if isinstance(circles, str) else tuple(circles), **how)


def circle(name, label=TENANT, within=""):
    """Name a circle; rooms to the right add their branches by `reached`."""
    _circles[name] = Circle(name, label, within)


def reached(name, sql):
    """Add a relation to the circle `name`: SQL that selects ids. Mirrors one relation of the QuerySets."""
    found = _circles[name]
    if sql not in found.branches:
        found.branches += (sql,)


def read_only(*labels):
    """Tables that lead to no company and that the doors of companies, monitors and auditors only read."""
    _read_only.update(dict.fromkeys(labels))


def tables():
    """Every table declared, by label."""
    autodiscover_modules("walls")
    return dict(_tables)


def circles():
    """Every circle, the narrower ones first."""
    autodiscover_modules("walls")
    return dict(_circles)


def kept_from_the_doors():
    """The labels given to `read_only`."""
    autodiscover_modules("walls")
    return list(_read_only)


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
        f'{model._meta.label} leads to a company: add table("{model._meta.label}", "path__to__company", '
        f'circles="worked") to {model._meta.app_label}/walls.py and a row to tests/walls/rows.py '
        "(see ecoeficiencia/walls/__init__.py)."
        for model in of_companies()
        if model._meta.label not in known
    ]
