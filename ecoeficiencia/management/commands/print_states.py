"""Draw docs/states.md from the MOVES and TURN tables, or check that it is up to date."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from ecoeficiencia.lifecycle import Party, stateful_models

PAGE = Path(settings.BASE_DIR) / "docs" / "states.md"
HEAD = """# Life cycles

Printed by `manage.py print_states` from the `MOVES` and `TURN` tables of the models. Do not edit by hand.
"""


def diagram(model):
    labels = dict(model._meta.get_field("state").flatchoices)
    lines = [f"## {model.__name__} ({model._meta.verbose_name})", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state}: {labels[state]}" for state in model.MOVES]
    lines += [f"    {start} --> {end}" for start, ends in model.MOVES.items() for end in ends]
    lines += [f"    {state} --> [*]" for state, ends in model.MOVES.items() if not ends]
    lines += ["```", "", "| state | label | turn | may become |", "|---|---|---|---|"]
    for state, ends in model.MOVES.items():
        after = ", ".join(f"`{end}`" for end in ends) or "–"
        lines.append(f"| `{state}` | {labels[state]} | {Party(model.TURN[state]).label} | {after} |")
    return "\n".join(lines)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="fail when the page differs from the tables")

    def handle(self, *args, check, **options):
        with translation.override(settings.LANGUAGE_CODE):
            page = "\n\n".join([HEAD.rstrip(), *(diagram(model) for model in stateful_models())]) + "\n"
        if not check:
            PAGE.write_text(page)
        elif not PAGE.exists() or PAGE.read_text() != page:
            raise CommandError("docs/states.md differs from the tables: run manage.py print_states.")
