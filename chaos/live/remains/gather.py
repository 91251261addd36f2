"""All that is left of a run, put together for the checker. The loop goes on meanwhile: links live on it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.live.checker.evidence import Evidence
from chaos.live.journal import History
from chaos.live.remains.messages import read_lag, read_messages
from chaos.live.remains.store_files import read_files, read_keys
from chaos.live.remains.sweep import sweep
from chaos.live.remains.tables import read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    dsn: str
    bootstrap: str
    store: Path
    logs: Sequence[Path]
    secrets: Mapping[str, str]  # by name


async def gather(sources: Sources, history: History) -> Evidence:
    """While nothing is left to be done. Afterwards days have passed in the store."""
    tables = await read_tables(sources.dsn)
    evidence = Evidence(
        history=history,
        requests=tables.requests,
        images=tables.images,
        stray_rows=tables.stray_rows,
        completions=tables.completions,
        deliveries=tables.deliveries,
        files=await asyncio.to_thread(read_files, sources.store),
        messages=await read_messages(sources.bootstrap),
        lag=await read_lag(sources.bootstrap),
        texts={**tables.texts, **{f"log {file.name}": file.read_bytes() for file in sources.logs}},
        secrets=sources.secrets,
    )
    await sweep(sources.dsn, sources.store)
    return replace(evidence, files_after_sweep=read_keys(sources.store))
