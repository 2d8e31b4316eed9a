"""Every record with a life cycle, in every state it may have: it goes nowhere its table of moves does not lead."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecoeficiencia.lifecycle import Overtaken, stateful_models

from .filling import writes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", stateful_models(), ids=lambda model: model._meta.label)
def test_a_record_skips_no_stage(world, model):
    row, tried = model._base_manager.first(), 0
    with CaptureQueriesContext(connection) as statements:
        for state, ways in model.MOVES.items():
            row.state = state
            for to in model.MOVES.keys() - set(ways):
                tried += 1
                with pytest.raises(Overtaken):
                    row.move(to, by=None)
    assert tried >= len(model.MOVES)
    assert writes(statements.captured_queries) == []
