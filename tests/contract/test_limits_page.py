"""docs/limits.md tells every bound there is, with the values of the code."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from shared.outbound.client import Timeouts
from tests.worlds.deployment.deployed import SERVICES, settings_of
from tests.writers.limits.page import PAGE, bounds, with_tables

ROOT = Path(__file__).parents[2]
WHERE = (  # not in what is pure: there they are sizes of formats, of hints and of samples
    *(
        "services/ingest/acceptance",
        "services/ingest/admission",
        "services/ingest/api",
        "services/ingest/form",
    ),
    *("services/status", "services/notifier", "services/processor/fetching", "shared"),
)
NAMED_AS_BOUND = re.compile(r"(MOST|LARGEST|LONGEST|MAX)_\w+|\w+_MOST|(?!SHOWN)\w+_(BYTES|CHARACTERS)")
INNER = {  # named alike, and no bound that anybody meets
    "services.ingest.acceptance.files:CHUNK_BYTES": "read and sent at once",
    "services.ingest.api.csv_refusals:PIECE_BYTES": "read and sent at once",
    "services.ingest.form.reader:PIECE_BYTES": "parsed at once",
    "services.notifier.listen:MOST_BODY_BYTES": "of the receiver for trying out",
    "services.processor.fetching.host_rates:MOST_GROWTH": "a step of an estimate",
    "services.processor.gathering:MOST_TOGETHER": "end together at once, the next ones after them",
    "services.status.api.answers.answer_cache:ENTRY_BYTES": "what is counted for one",
    "services.status.api.answers.answer_cache:LARGEST_SHARE": "beyond it an answer is not remembered",
    "services.status.api.answers.streaming:LONGEST_PAUSE_SECONDS": "between two pieces",
    "services.status.images.hosts.limited_hosts:LONGEST_HELD_SECONDS": "of a place whose image came back",
    "services.status.images.window:OWN_SECONDS_MOST": "a part of an estimate",
    "services.status.reading.archive_stream:NOTED_BYTES": "what is counted for one",
    "services.status.reading.archive_stream:_DIRECTORY_PIECE_BYTES": "written at once",
    "services.status.records.limits:IMAGE_BYTES": "what is counted for one",
    "services.status.rendering.archive.records:DESCRIPTOR_BYTES": "of a format",
    "shared.consuming.dead_letter:ERROR_HEADER_CHARACTERS": "of an error that a letter tells",
    "shared.consuming.dead_letter:KEY_OF_NOTICE_BYTES": "of a key that a notice tells",
    "shared.kafka.fetch_waits:LONGEST_WAIT_MS": "of a fetch for which the broker has nothing",
    "shared.kafka.fetch_waits:RESTED_BELOW_BYTES": "when the next fetch is sent",
    "shared.observing.memory:_UNLIMITED_BYTES": "how a kernel says that there is no limit",
    "shared.observing.metrics:IMAGE_BYTES": "a metric",
    "shared.outbound.client:READ_BUFFER_BYTES": "read at once",
    "shared.store.cipher:CHUNK_BYTES": "sealed at once",
    "shared.store.cipher:HEADER_BYTES": "a size",
    "shared.store.cipher:SEALED_CHUNK_BYTES": "a size",
    "shared.store.disk:MOST_KNOWN_FOLDERS": "beyond it they are looked at again",
    "shared.store.disk:MOST_SECONDS": "one sync for many files, before each is synced by itself",
    "shared.store.disk:MOST_TIMES_MADE": "tries",
    "shared.store.rounds:MOST_FILES": "made durable at once",
    "shared.store.sealed_store:INLINE_BYTES": "beyond it in a thread",
}


def test_each_wait_for_another_host_has_its_row() -> None:
    waits = {
        f"{Timeouts.__module__}:{Timeouts.__name__}.{each.name}" for each in dataclasses.fields(Timeouts)
    }
    assert waits - {each.at for each in bounds()} == set()


def test_the_page_is_as_the_code_is() -> None:
    """R29"""
    assert PAGE.read_text() == with_tables(PAGE.read_text()), "run python -m tests.writers.limits"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_with_a_number_is_told(service: str) -> None:
    """R29"""
    told = {each.setting for each in bounds()}
    fields = settings_of(service).model_fields
    numbers = {
        name.upper()
        for name, each in fields.items()
        if {int, float} & {each.annotation, *get_args(each.annotation)}
    }
    assert numbers - {"PORT"} <= told


def test_every_constant_that_is_named_as_a_bound_is_told() -> None:
    """R29"""
    told = {each.at for each in bounds()}
    assert sorted(set(constants()) - told - INNER.keys()) == []


def constants() -> Iterator[str]:
    for file in (file for folder in WHERE for file in sorted((ROOT / folder).rglob("*.py"))):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for statement in ast.parse(file.read_text()).body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                if NAMED_AS_BOUND.fullmatch(name):
                    yield f"{module}:{name}"
