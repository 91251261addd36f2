#!/usr/bin/env bash
# go_tool.sh NAME VENV: a tool that comes only as Go's source. It is built once for each go.mod, go.sum and Go, into a
# cache outside the tree, and linked into VENV/tools.
set -euo pipefail
name=$1
venv=$(realpath "$2")
cd "$(dirname "$0")/$name"
export GOTOOLCHAIN=local GOFLAGS=-mod=readonly
flags=(-ldflags="-s -w" -gcflags=all=-dwarf=false) # nobody debugs it, and it is built a sixth sooner
case ${XDG_CACHE_HOME:-} in /*) cache=$XDG_CACHE_HOME ;; *) cache=$HOME/.cache ;; esac
key=$({ cat go.mod go.sum; "$venv/bin/go" version; echo "${flags[@]}"; } | sha256sum | cut -c 1-16)
folder=$cache/pixmill/tools
built=$folder/$name-$key

build() {
  exec 9< "$folder"
  flock --nonblock 9 || { echo "tools: another make is building"; flock 9; }
  [ ! -x "$built" ] || return 0 # by the other make
  making=$(mktemp -d "$built.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  ../step.sh "tools: building $name" "$venv/bin/go" build -o "$making/" "${flags[@]}" tool 9<&-
  mv "$making/$name" "$built"
}

mkdir -p "$folder" "$venv/tools"
[ -x "$built" ] || build
[ "$venv/tools/$name" -ef "$built" ] || ln -sfn "$built" "$venv/tools/$name"
