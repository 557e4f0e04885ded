#!/bin/sh
# Runs a command of the project with Node >= 24 and the project's packages at hand:
#   scripts/run.sh server/main.js
# Brings what is missing into the project's own folder: Node into .toolchain/, packages into node_modules/.
# Once both are there it needs no network.
set -eu
cd "$(dirname "$0")/.."

node_major=24
npm_options='--ignore-scripts --prefer-offline --fetch-retries=1 --no-audit --no-fund --loglevel=error'
installed=node_modules/.installed-lock.json

say() { printf '%s\n' "$*" >&2; }

is_new_enough() {
  "$1" -e "process.exit(Number(process.versions.node.split('.')[0]) >= $node_major ? 0 : 1)" 2>/dev/null
}

need_npm() {
  command -v npm >/dev/null 2>&1 && return
  say "npm is not on this machine, so $1 cannot be brought."
  say "Install Node.js $node_major or newer with npm (https://nodejs.org/en/download), then run the command again."
  exit 1
}

bring_node() {
  need_npm "Node $node_major"
  package=$(node -p '`node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`')
  say "This machine's Node is older than $node_major: installing $package@$node_major into .toolchain/"
  # shellcheck disable=SC2086
  npm install $npm_options --no-save --prefix .toolchain "$package@$node_major" >&2
}

bring_packages() {
  need_npm 'the packages of package-lock.json'
  say 'Installing the packages of package-lock.json into node_modules/'
  # shellcheck disable=SC2086
  npm ci $npm_options >&2
  cp package-lock.json "$installed"
}

local_node() {
  for bin in .toolchain/node_modules/node-*/bin; do
    if is_new_enough "$bin/node"; then printf '%s\n' "$PWD/$bin"; fi
  done
}

# The machine's own npm goes with the machine's own Node, so both steps come before PATH is changed.
node_folder=
if ! is_new_enough node; then
  node_folder=$(local_node)
  if [ -z "$node_folder" ]; then
    bring_node
    node_folder=$(local_node)
  fi
fi
cmp -s package-lock.json "$installed" || bring_packages

PATH="$PWD/node_modules/.bin:${node_folder:+$node_folder:}$PATH"
export PATH
exec "$@"
