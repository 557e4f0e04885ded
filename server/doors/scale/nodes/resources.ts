import type { EngineView } from '../../../room/members/report.ts';

const mebibyte = 1024 * 1024;

/** Cores, and MiB of memory and disk. */
export interface Amounts {
  cpus: number;
  mem: number;
  disk: number;
}

/** What an engine has, and the part of it that its taken slots stand for. */
export interface Resources {
  total: Amounts;
  scheduled: Amounts;
  used: Amounts;
}

const nothing: Amounts = { cpus: 0, mem: 0, disk: 0 };

/** Undefined where the engine cannot be reached. */
export function resourcesOf(seat: EngineView | undefined): Resources | undefined {
  if (seat?.state !== 'ok' || !seat.about) return undefined;
  const disk = (seat.disk?.highBytes ?? 0) / mebibyte;
  const total = { cpus: seat.about.cpus, mem: seat.about.memory / mebibyte, disk };
  const share = seat.slots === 0 ? 0 : Math.min(1, seat.busy / seat.slots);
  const part = { cpus: total.cpus * share, mem: total.mem * share, disk: total.disk * share };
  return { total, scheduled: part, used: part };
}

/** Of several engines together. */
export function sumOf(all: readonly Resources[]): Resources {
  const sum = (of: (one: Resources) => Amounts): Amounts =>
    all
      .map(of)
      .reduce((a, b) => ({ cpus: a.cpus + b.cpus, mem: a.mem + b.mem, disk: a.disk + b.disk }), nothing);
  return {
    total: sum(({ total }) => total),
    scheduled: sum((one) => one.scheduled),
    used: sum(({ used }) => used),
  };
}
