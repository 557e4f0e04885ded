#!/usr/bin/env -S node --max-semi-space-size=4
// @ts-check
// JavaScript, unlike everything else: what reads TypeScript in Node takes 20 MB, and is not loaded where all that is
// TypeScript comes out of the cache. In the line above, what is young and mostly garbage gets 8 MB, which the
// start alone fills: by itself Node lets it grow to 128 MB, and is no faster with them.
import { mkdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** How long the server must have been idle for its compiled code to be written: the first time takes half a second. */
const idleMs = 1000;
/** The part of that time in which there may have been something to do. */
const mostBusy = 0.05;

const { argv, env } = process;
const args = argv.slice(2);

// Compiled code is kept from start to start where only this user can write; it helps what is loaded later.
const isServe =
  args.length === 0 || (args[0] === 'serve' && !args.includes('--help') && !args.includes('-h'));
if (isServe) keepCompiled(env['DOCKER_BUILDER_DATA'] || './data');
const { runCommand } = await import('./cli.ts');
await runCommand(args, env);

/** @param {string} data */
function keepCompiled(data) {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    enableCompileCache(join(data, 'cache'));
    flushWhenIdle();
  } catch {
    // A folder that cannot be made is told when it is needed.
  }
}

/** Nobody is answered meanwhile. A server that is never idle writes it at its end. */
function flushWhenIdle() {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    if (utilization > mostBusy) return;
    clearInterval(timer);
    flushCompileCache();
  }, idleMs);
  timer.unref();
}
