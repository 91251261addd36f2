"""Each mutant still changes the code, and what it is to be found by is there."""

import random
from pathlib import Path

import pytest

from chaos.live.checker.check import OF_TIME, PROMISES, name_of
from chaos.live.faults.catalogue import FAULTS
from chaos.live.load.accounts import LARGE
from chaos.live.load.files import Files
from chaos.live.load.hosts import HOSTS, Hosts, lie_of
from chaos.live.load.natures import Lie, Nature
from chaos.mutants.catalogue import MUTANTS, NEVER_READY, SEED, Mutant

ROOT = Path(__file__).parents[4]
each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)


@each_mutant
def test_what_a_mutant_changes_is_in_the_code_once(mutant: Mutant) -> None:
    for edit in mutant.edits:
        assert (ROOT / edit.file).read_text("utf-8").count(edit.before) == 1, edit.file


@each_mutant
def test_the_faults_under_which_a_mutant_shows_are_there(mutant: Mutant) -> None:
    assert set(mutant.faults) <= {fault.name for fault in FAULTS}


@each_mutant
def test_what_a_mutant_breaks_is_promised(mutant: Mutant) -> None:
    assert set(mutant.breaks) <= {NEVER_READY, *map(name_of, PROMISES)}


def test_a_mutant_is_found_by_nothing_that_a_slow_machine_breaks() -> None:
    assert not {promise for mutant in MUTANTS for promise in mutant.breaks} & set(map(name_of, OF_TIME))


def test_where_nobody_is_guarded_some_image_leads_to_where_nobody_may_call() -> None:
    addresses = {nature: [f"http://{nature}-{n}" for n in range(count)] for nature, count in HOSTS.items()}
    mutant = next(each for each in MUTANTS if "guard" in each.name)
    shop = f"{LARGE}-0"
    file = Files(Hosts(addresses), LARGE, shop, random.Random(f"{SEED} {shop} files")).large(
        mutant.large_products
    )
    lying = [url for url in file.urls if url.startswith(addresses[Nature.LYING][0])]
    led = {url for url in lying if lie_of(f"/{url.rpartition('/')[2]}") is Lie.FORBIDDEN}
    assert len(led) > 1
