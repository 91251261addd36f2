"""Reads topics/*.toml: one declaration a topic, the one source for creating them, for the rights on them and
for asyncapi.yaml. It knows no broker.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contract.events import Topic
from shared.contract.principals import Principal

FOLDER = Path(__file__).parents[2] / "topics"

Service = Literal[Principal.INGEST, Principal.STATUS, Principal.PROCESSOR, Principal.NOTIFIER]
Reader = Literal[Principal.STATUS, Principal.PROCESSOR, Principal.NOTIFIER, Principal.TAP]


class WrongDeclaration(ValueError):  # noqa: N818 - a verdict on a file
    """The message names the file."""


class Declaration(BaseModel):
    """Everything there is to know of one topic, except its events' fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: Topic
    says: str
    owner: Service  # the only writer
    readers: tuple[Reader, ...]
    key: str
    partitions: int = Field(ge=1)
    retention_hours: int = Field(ge=1)
    dead_letter_hours: int = Field(ge=1)  # of TOPIC.dlq, which its readers write
    schema_file: str = Field(alias="schema")  # beside the declaration, as the next one
    example: str


def read_declarations(folder: Path = FOLDER) -> Mapping[Topic, Declaration]:
    """All of them, in the order of `Topic`. Raises `WrongDeclaration`."""
    declared = {(each := _read(file)).topic: each for file in sorted(folder.glob("*.toml"))}
    if missing := [topic.value for topic in Topic if topic not in declared]:
        raise WrongDeclaration(f"{folder}: no declaration of {', '.join(missing)}")
    return {topic: declared[topic] for topic in Topic}


def _read(file: Path) -> Declaration:
    try:
        declaration = Declaration.model_validate(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise WrongDeclaration(f"{file.name}: {first['loc'][0]}: {first['msg']}") from error
    except ValueError as error:
        raise WrongDeclaration(f"{file.name}: {error}") from error
    if file.stem != declaration.topic.value:
        raise WrongDeclaration(f"{file.name} declares {declaration.topic.value}")
    return declaration
