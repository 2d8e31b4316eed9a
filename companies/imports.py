"""What can be imported from a table. Each room registers its kinds in its `importers.py`."""

from collections import Counter

from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _

from ecoeficiencia.tables import Problem

_kinds = {}


class Importer:
    """One kind of table. `columns`: what it must have. `duties`: who may import it."""

    key = label = help = as_of_label = ""
    image = "upload"
    columns = ()
    duties = ()

    def check(self, rows, source):
        """What is wrong with the rows together, or against what is on record; every cell is sound by now."""
        return []

    def describe(self, row):
        """One line on what the row will do."""
        return ""

    def apply(self, rows, source, by):
        """Put the rows in place, in the caller's transaction; return one sentence on what was done."""
        raise NotImplementedError


def imports(importer):
    """Register a class of Importer; a decorator."""
    _kinds[importer.key] = importer()
    return importer


def all_kinds():
    autodiscover_modules("importers")
    return _kinds


def kind_of(key):
    return all_kinds()[key]


def kinds_for(user):
    return [kind for kind in all_kinds().values() if user.has_duty(*kind.duties)]


def repeated(rows, column, *keys):
    """A problem for each row whose `keys` an earlier row has. `column`: the title to name."""
    problems, first = [], {}
    for row in rows:
        seen = tuple(row[key] for key in keys)
        if seen in first:
            problems.append(Problem(row.number, column, _("repite la fila %(n)s") % {"n": first[seen]}))
        first.setdefault(seen, row.number)
    return problems


def tally(words):
    """«3 económicas, 1 documentaria», of a list of words."""
    return ", ".join(f"{n} {word}" for word, n in Counter(map(str, words)).items())
