#!/bin/sh
# Installs Debian packages, but only those whose program is missing:
#   scripts/packages.sh docker.io busybox-static
# Without names: all that the tests need. On other systems, or without root, it only says what is missing.
set -eu

all='docker.io docker-registry busybox-static git iproute2 openssh-client openssh-server openssl postgresql chromium ca-certificates'

# What must be on the machine before a package counts as missing: a program, or a file (patterns allowed).
proof_of() {
  case $1 in
    docker.io) echo dockerd ;;
    docker-registry) echo docker-registry ;;
    busybox-static) echo busybox ;;
    git) echo git ;;
    iproute2) echo ip ;;
    openssh-client) echo ssh ;;
    openssh-server) echo sshd ;;
    openssl) echo openssl ;;
    postgresql) echo '/usr/lib/postgresql/*/bin/postgres' ;;
    chromium) echo chromium ;;
    debootstrap) echo debootstrap ;;
    ca-certificates) echo /etc/ssl/certs/ca-certificates.crt ;;
    *) echo "scripts/packages.sh knows no package $1" >&2; exit 1 ;;
  esac
}

is_there() {
  case $1 in
    /*) for file in $1; do [ -e "$file" ] && return 0; done; return 1 ;;
    *) PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 ;;
  esac
}

can_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

missing=
for package in ${*:-$all}; do
  proof=$(proof_of "$package")
  is_there "$proof" || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

if ! can_install; then
  echo "Missing on this machine:$missing" >&2
  echo "On Debian or Ubuntu: sudo apt-get install --no-install-recommends$missing" >&2
  echo 'Elsewhere install what your system calls them, then run the command again.' >&2
  exit 1
fi

echo "Installing Debian packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "apt-get could not install:$missing" >&2
  exit 1
fi
