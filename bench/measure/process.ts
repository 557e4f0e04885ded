import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** What the kernel counts in a second of processor time; the same on every Linux. */
const ticksPerSecond = 100;

/** What a server may have resident at most, whatever it does, in megabytes. */
const peakReachMb = 200;

/** Memory of a process that is resident now, in megabytes (10^6 bytes). */
export function residentMb(child: ChildProcess): number {
  return statusMb(child, 'VmRSS');
}

/** The most that was resident at any time since `forgetPeak`. The kernel keeps it, so that no peak falls between two looks. */
export function peakMb(child: ChildProcess): number {
  return statusMb(child, 'VmHWM');
}

/** The peak as a condition of a row, with what its details say of it. */
export function peakOf(child: ChildProcess): { isWithin: boolean; details: object } {
  const peak = peakMb(child);
  return { isWithin: peak <= peakReachMb, details: { rss_peak_mb: peak, rss_reach_mb: peakReachMb } };
}

export function forgetPeak(child: ChildProcess): void {
  writeFileSync(`/proc/${child.pid}/clear_refs`, '5');
}

/** Processor time that a process used so far, in seconds, all its threads together. */
export function cpuSeconds({ pid }: Pick<ChildProcess, 'pid'>): number {
  const [own, system] = cpuTicks(pid);
  return (own + system) / ticksPerSecond;
}

/** The same of the processes that it started and that have ended, and of theirs. */
export function cpuSecondsOfChildren({ pid }: Pick<ChildProcess, 'pid'>): number {
  const [, , own, system] = cpuTicks(pid);
  return (own + system) / ticksPerSecond;
}

/** Descriptors that a process has open: files, sockets, pipes. */
export function openDescriptors({ pid }: ChildProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function cpuTicks(
  pid: number | undefined,
): [user: number, system: number, ofChildren: number, system: number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[11]), Number(fields[12]), Number(fields[13]), Number(fields[14])];
}

function statusMb({ pid }: ChildProcess, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}
