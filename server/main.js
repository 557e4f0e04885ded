#!/usr/bin/env -S node --max-semi-space-size=8
// @ts-check
// JavaScript, unlike everything else: what reads TypeScript in Node takes 20 MB, and is not loaded where all that is
// TypeScript comes out of the cache. In the line above, what is young and mostly garbage gets 16 MB: by itself Node
// lets it grow to 128 MB, and is no faster with them.
import { mkdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

/** The first start need not wait for the writing, and what is loaded only now and then comes into the cache too. */
const flushAfterMs = 1000;

const { argv, env } = process;
const args = argv.slice(2);

// Compiled code is kept from start to start where only this user can write; it helps what is loaded later.
if (args.length === 0 || args[0] === 'serve') keepCompiled(env['DOCKER_BUILDER_DATA'] || './data');
const { runCommand } = await import('./cli.ts');
await runCommand(args, env);

/** @param {string} data */
function keepCompiled(data) {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    enableCompileCache(join(data, 'cache'));
    setTimeout(flushCompileCache, flushAfterMs).unref();
  } catch {
    // A folder that cannot be made is told when it is needed.
  }
}
