#!/bin/sh
# Fails when a page is not whole: check.sh <folder of pages>
set -eu
for page in "$1"/*.html; do
  grep -q '</html>' "$page" || { echo "$page was cut off" >&2; exit 1; }
  echo "$(basename "$page") is whole, $(wc -c <"$page") bytes"
  usleep 60000
done
