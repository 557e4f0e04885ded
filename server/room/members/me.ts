import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Role } from '../../words/member.ts';
import { uuid7 } from '../../words/uuid7.ts';

/** This process among those that share the store. */
export interface Me {
  /** Of this start of it. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Added to those of all its engines. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of the program. */
  readonly version: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
}

export type Description = Pick<Me, 'name' | 'role' | 'labels' | 'version'>;

export function newMe(description: Description, now: number): Me {
  return { ...description, id: uuid7(now), host: hostname(), pid: process.pid, startedAt: now };
}

/** The name of this machine, as a name of a member, or of an engine, may be. */
export function machineName(host = hostname()): string {
  const name = host
    .replaceAll(/[^a-z0-9_.-]/gi, '-')
    .replace(/^[^a-z0-9]+/i, '')
    .slice(0, 63);
  return name === '' ? 'docker-builder' : name;
}

/** What the pids of this process are numbers of: this run of this machine, or a container. Undefined where nobody knows. */
export function pidSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}
