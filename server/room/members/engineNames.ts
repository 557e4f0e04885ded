import type { Members } from '../../store/contract/members.ts';
import type { EngineSeat } from '../engines/seat.ts';
import type { Me } from './me.ts';
import { lostMs } from './times.ts';

/**
 * Takes an engine's name for the daemon that it was met as: what is written of an engine, such as what was left on it, is
 * written by its name. Rejects with a sentence where another member uses the name for another daemon.
 */
export async function holdEngineName(members: Members | undefined, me: Me, seat: EngineSeat): Promise<void> {
  const { name } = seat.engine;
  const daemon = seat.about?.daemon;
  if (!members || !daemon) return;
  const holder = await members.hold({ name, daemon }, me.name, lostMs);
  if (holder !== undefined) throw new Error(nameTaken(name, holder));
}

export function nameTaken(engine: string, holder: string): string {
  return `${holder} calls another engine ${engine}: give this one another name in settings.json, or its worker another name with --name`;
}
