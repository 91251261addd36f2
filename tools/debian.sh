#!/usr/bin/env bash
# Installs the Debian packages that the tests use, where they are missing. None of their daemons is started.
set -euo pipefail
cd "$(dirname "$0")"
missing=()
while read -r package sign; do
  command -v "$sign" > /dev/null || [ -e "$sign" ] || missing+=("$package")
done < debian-packages.txt
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "tools: please install ${missing[*]} (the tests need them)" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
install='apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"'
# One at a time: apt-get itself does not wait for another.
flock /var/cache/apt ./step.sh "tools: installing Debian's ${missing[*]}" bash -c "$install" apt-get "${missing[@]}"
