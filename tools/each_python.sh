#!/usr/bin/env bash
# Runs the quick rings on each supported Python that is on the PATH or known to pyenv, each in an environment of its own.
# The client supports one more; its packages are built, installed alone and run on each.
set -uo pipefail
cd "$(dirname "$0")/.."

python_of() {
  if "python$1" -c 'import ensurepip' 2> /dev/null; then # pyenv's stand-in for one that is not chosen fails
    echo "python$1"
    return
  fi
  local prefix
  prefix=$(pyenv prefix "$1" 2> /dev/null) && echo "$prefix/bin/python$1"
}

verdicts=()
code=0
for version in 3.11 3.12 3.13; do
  if ! python=$(python_of "$version"); then
    verdicts+=("Python $version: not here")
  elif make --no-print-directory test-quick PYTHON="$python" VENV=".venv-$version"; then
    verdicts+=("Python $version: passed")
  else
    verdicts+=("Python $version: failed")
    code=1
  fi
done
for version in 3.10 3.11 3.12 3.13; do
  if ! python=$(python_of "$version"); then
    verdicts+=("client on Python $version: not here")
  elif make --no-print-directory client-package PYTHON="$python" VENV=.venv; then
    verdicts+=("client on Python $version: passed")
  else
    verdicts+=("client on Python $version: failed")
    code=1
  fi
done
printf '%s\n' "${verdicts[@]}"
exit $code
