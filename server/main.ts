#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';

const { argv, env } = process;
const args = argv.slice(2);

// Compiled code is kept from start to start where only this user can write; it helps what is loaded later.
if (args.length === 0 || args[0] === 'serve') keepCompiled(env['DOCKER_BUILDER_DATA'] || './data');
const { runCommand } = await import('./cli.ts');
flushCompileCache();
await runCommand(args, env);

function keepCompiled(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    enableCompileCache(join(data, 'cache'));
  } catch {
    // A folder that cannot be made is told when it is needed.
  }
}
