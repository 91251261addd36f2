"""Each mutant still changes the code, and each of its faults is in the catalogue."""

from pathlib import Path

import pytest

from chaos.live.faults.catalogue import FAULTS
from chaos.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[4]
each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)


@each_mutant
def test_what_a_mutant_changes_is_in_the_code_once(mutant: Mutant) -> None:
    for edit in mutant.edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.before) == 1, edit.file


@each_mutant
def test_the_faults_under_which_a_mutant_shows_are_there(mutant: Mutant) -> None:
    assert set(mutant.faults) <= {fault.name for fault in FAULTS}
