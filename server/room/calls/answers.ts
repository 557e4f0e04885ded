import { answerReports } from '../http/report.ts';
import { collectOwn } from '../retention/collect.ts';
import { cleanUpCall } from '../retention/everywhere.ts';
import type { Room } from '../room.ts';

/** What other processes may ask of this one. */
export function answerCalls(room: Room): void {
  answerReports(room);
  room.calls.answer(cleanUpCall, (wish, signal) => collectOwn(room, wish, signal));
}
