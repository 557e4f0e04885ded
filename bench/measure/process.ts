import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** What the kernel counts in a second of processor time; the same on every Linux. */
const ticksPerSecond = 100;

/** Memory of a process that is resident now, in megabytes (10^6 bytes). */
export function residentMb(child: ChildProcess): number {
  return statusMb(child, 'VmRSS');
}

/** The most that was resident at any time since `forgetPeak`. The kernel keeps it, so that no peak falls between two looks. */
export function peakMb(child: ChildProcess): number {
  return statusMb(child, 'VmHWM');
}

export function forgetPeak(child: ChildProcess): void {
  writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
}

/** Processor time that a process used so far, in seconds, all its threads together. */
export function cpuSeconds(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function statusMb({ pid }: ChildProcess, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}
