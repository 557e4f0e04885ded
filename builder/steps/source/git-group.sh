#!/bin/sh
# Runs git in a session of its own, so that it ends whole: with its helpers (git-remote-http, index-pack), which
# outlive a git that alone is killed. INT and TERM end the group at once; so does the end of standard input, which
# the caller holds open as long as it lives.
if [ "$1" != --grouped ]; then
  exec setsid sh "$0" --grouped "$@"
fi
shift
trap 'kill -s KILL 0' INT TERM
exec 3<&0
git "$@" </dev/null 3<&- &
git=$!
(read -r _ <&3; kill -s KILL 0) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$git"
status=$?
kill -s KILL "$watch"
# simple-git waits 50 ms for the output of a command that printed nothing.
echo >&2
exit "$status"
