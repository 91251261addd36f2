#!/usr/bin/env bash
# Installs the Debian packages that the tests use, where they are missing. None of their daemons is started.
set -euo pipefail
cd "$(dirname "$0")"
mapfile -t packages < debian-packages.txt
missing=()
for package in "${packages[@]}"; do command -v "$package" > /dev/null || missing+=("$package"); done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "tools: please install ${missing[*]} (the tests start them)" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}" > /dev/null
