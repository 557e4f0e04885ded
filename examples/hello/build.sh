#!/bin/sh
# Makes one HTML page of each text file: build.sh <folder of texts> <folder of pages>
set -eu
mkdir -p "$2"
count=0
total=$(ls "$1" | wc -l)
for text in "$1"/*.txt; do
  name=$(basename "$text" .txt)
  count=$((count + 1))
  {
    echo "<!doctype html><html><head><meta charset=utf-8><title>$name</title></head><body><pre>"
    sed 's/&/\&amp;/g; s/</\&lt;/g' "$text"
    echo '</pre></body></html>'
  } >"$2/$name.html"
  printf '\033[32m✓\033[0m %s of %s: %s.html, %s words\n' "$count" "$total" "$name" "$(wc -w <"$text")"
  usleep 80000
done
