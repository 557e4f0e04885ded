import { join, resolve } from 'node:path';
import { databaseProblem } from '../../config/database.ts';
import { filesOf } from '../../store/lock.ts';
import { isPostgresUrl, readPostgresUrl } from '../../words/postgresUrl.ts';
import { UsageError } from '../arguments.ts';

/** Where a store is, with all that belongs to it. */
export type CopyPlace =
  | { kind: 'postgres'; url: string }
  /** `data` is the data folder, with the logs and the key; `lock` of it is held by whoever uses it. */
  | { kind: 'sqlite'; place: string; file: string; data: string };

/**
 * What was typed as FROM or TO: a data folder, an SQLite file, whose logs are in `data`, or a PostgreSQL URL.
 *
 * @throws UsageError that never says what is in a URL
 */
export function copyPlaceOf(name: 'FROM' | 'TO', typed: string, data: string): CopyPlace {
  const problem = typed === '' ? 'is empty' : databaseProblem(typed);
  if (problem !== undefined) throw new UsageError(`${name} ${problem}`);
  if (isPostgresUrl(typed)) return { kind: 'postgres', url: typed };
  const { folder, file } = filesOf(typed);
  const isFolder = resolve(folder) === resolve(typed);
  return { kind: 'sqlite', place: typed, file: resolve(file), data: resolve(isFolder ? typed : data) };
}

export function isSamePlace(one: CopyPlace, other: CopyPlace): boolean {
  if (one.kind === 'sqlite') return other.kind === 'sqlite' && one.file === other.file;
  return other.kind === 'postgres' && addressOf(one.url) === addressOf(other.url);
}

function addressOf(url: string): string {
  const { host, port, database } = { host: '', port: 0, database: '', ...readPostgresUrl(url) };
  return JSON.stringify([host, port, database]);
}

export function logsIn(data: string): string {
  return join(data, 'logs');
}

export function keyIn(data: string): string {
  return join(data, 'secret.key');
}
