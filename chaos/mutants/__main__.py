"""`python -m chaos.mutants` breaks one thing after another in a copy of the code and attacks that.
Exit 0 only where each was found as it should be. With parts of names it takes only those mutants.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from chaos.live.enclosure import enclosed
from chaos.mutants.catalogue import MUTANTS, Mutant

CHECKOUT = Path(__file__).parents[2]
NEEDED = ("chaos", "client", "deploy", "services", "shared", "topics", "pyproject.toml")
BROKEN = re.compile(r"^BROKEN: ([^:]+): ", re.MULTILINE)


def main() -> int:
    survived = [mutant for mutant in _chosen() if not _is_found(mutant)]
    return 1 if survived else 0


def _chosen() -> Sequence[Mutant]:
    names = "; ".join(mutant.name for mutant in MUTANTS)
    parser = argparse.ArgumentParser(prog="python -m chaos.mutants", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"parts of the names of those to take, of {names}")
    parts = parser.parse_args().parts
    chosen = [mutant for mutant in MUTANTS if not parts or any(part in mutant.name for part in parts)]
    if not chosen:
        parser.error(f"no mutant has {' or '.join(parts)} in its name; there are {names}")
    return chosen


def _is_found(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory(prefix="pixmill-mutant-") as folder:
        copy = _copied(Path(folder))
        for edit in mutant.edits:
            file = copy / edit.file
            file.write_text(file.read_text("utf-8").replace(edit.before, edit.after), "utf-8")
        run = _live_run(copy, mutant)
    is_found = run.returncode == 0 and bool(set(BROKEN.findall(run.stdout)) & set(mutant.breaks))
    print(f"{mutant.name}: {_verdict(run, is_found=is_found)}\n{run.stdout}", flush=True)
    return is_found


def _verdict(run: subprocess.CompletedProcess[str], *, is_found: bool) -> str:
    """A run that broke off says nothing of its mutant."""
    if run.returncode != 0:
        return f"the run broke off\n{run.stderr}"
    return "found" if is_found else "NOT FOUND"


def _copied(folder: Path) -> Path:
    for name in NEEDED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def _live_run(copy: Path, mutant: Mutant) -> subprocess.CompletedProcess[str]:
    command = enclosed([sys.executable, "-m", "chaos.mutants.run", mutant.name])
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
