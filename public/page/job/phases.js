// @ts-check
import { h } from '../dom.js';
import { duration } from '../format.js';
/** @import { Attempt, Job, Phase } from '../words.d.ts' */

/** What the phases of a build are where a container is run. @type {Record<string, string>} */
const containerWords = { clone: 'prepare', build: 'run', push: 'result' };

/** @param {Phase} phase @param {boolean} open @param {Job['kind']} kind */
export function phaseItem(phase, open, kind) {
  const running = open && phase.endedAt === undefined;
  const failed = (phase.exitCode ?? 0) !== 0;
  const end = phase.endedAt ?? (open ? Date.now() : undefined);
  const took = end === undefined ? '' : duration(end - phase.startedAt);
  return h(
    'li',
    { class: running ? 'running' : failed ? 'failed' : 'done' },
    (kind && containerWords[phase.phase]) ?? phase.phase,
    h('span', { class: 'dim' }, took),
  );
}

/** Which one it is and where it was; of a command also how it ended. @param {Attempt | undefined} attempt @param {Job['kind']} kind */
export function attemptNote(attempt, kind) {
  const exitCode = attempt?.exit_code ?? undefined;
  const facts = [
    attempt && (attempt.number > 1 || kind) && `Attempt ${attempt.number}`,
    attempt?.engine && `Engine ${attempt.engine}`,
    kind && exitCode !== undefined && `Exit code ${exitCode}`,
  ].filter(Boolean);
  return facts.length === 0 ? undefined : h('p', { class: 'dim' }, facts.join(' · '));
}
