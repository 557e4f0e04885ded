// @ts-check
import { fill, h, setText } from '../dom.js';
import { duration } from '../format.js';
import { isOpen } from '../status.js';
import { layerList } from './layers.js';
/** @import { Attempt, Job, Phase, Step } from '../words.d.ts' */

/** @typedef {ReturnType<typeof createStepItem>} StepItem */

/**
 * Phases and steps of the newest attempt, with live times, and the layers of the image at the end.
 * @param {{ show: (step: Step) => void }} options
 */
export function createSteps({ show }) {
  const now = h('span', { class: 'now' });
  const nowInstruction = h('span', { class: 'now-instruction' });
  const phases = h('ol', { class: 'phases', 'aria-label': 'Phases' });
  const list = h('ol', { class: 'steps' });
  const more = h('div', { class: 'more-facts' });
  const wide = matchMedia('(min-width: 800px)').matches;
  const element = h(
    'details',
    { class: 'side', open: wide },
    h('summary', {}, h('h2', {}, 'Steps'), now),
    phases,
    list,
    more,
  );
  /** @type {Map<number, Step>} */
  const steps = new Map();
  /** @type {Map<number, StepItem>} */
  const items = new Map();
  /** @type {Job | undefined} */
  let job;
  /** @type {Attempt | undefined} */
  let attempt;
  let drawnMore = '';

  function draw() {
    if (!job) return;
    const open = isOpen(job.status);
    const sorted = [...steps.values()].toSorted((a, b) => a.number - b.number);
    fill(phases, ...(attempt?.phases ?? []).map((phase) => phaseItem(phase, open)));
    for (const step of sorted) itemOf(step).update(step, kindOf(step, sorted, open));
    fill(now, nowText(sorted, open), nowInstruction);
    setText(nowInstruction, open ? ` · ${sorted.at(-1)?.instruction ?? ''}` : '');
  }

  /** @param {Step} step */
  function itemOf(step) {
    const known = items.get(step.number);
    if (known) return known;
    const made = createStepItem(() => show(steps.get(step.number) ?? step));
    items.set(step.number, made);
    const after = [...items].filter(([number]) => number > step.number).toSorted(([a], [b]) => a - b)[0];
    list.insertBefore(made.element, after?.[1].element ?? null);
    return made;
  }

  /** @param {Step} step @param {Step[]} all @param {boolean} open */
  function kindOf(step, all, open) {
    if (open && step.durationMs === undefined) return 'running';
    if (!open && step === all.at(-1) && buildFailed(attempt)) return 'failed';
    return step.cached ? 'cached' : 'done';
  }

  function drawMore() {
    const key = JSON.stringify([attempt?.number, attempt?.engine, job?.image]);
    if (key !== drawnMore) fill(more, attemptNote(attempt), job?.image ? layerList(job.image) : undefined);
    drawnMore = key;
  }

  function clear() {
    steps.clear();
    items.clear();
    fill(list);
  }

  return {
    element,
    /** @param {Job} nextJob @param {Attempt[]} attempts */
    show(nextJob, attempts) {
      const newest = attempts.at(-1);
      if (newest?.number !== attempt?.number) clear();
      job = nextJob;
      attempt = newest;
      for (const step of newest?.steps ?? []) steps.set(step.number, step);
      draw();
      drawMore();
    },
    /** @param {Step} step */
    take(step) {
      steps.set(step.number, step);
      draw();
    },
    tick() {
      if (job && isOpen(job.status)) draw();
    },
  };
}

/** @param {Attempt | undefined} attempt */
const buildFailed = (attempt) =>
  (attempt?.phases ?? []).some((phase) => phase.phase === 'build' && (phase.exitCode ?? 0) !== 0);

/** @param {Step[]} steps @param {boolean} open */
function nowText(steps, open) {
  const last = steps.at(-1);
  if (!last) return open ? 'not yet' : 'none';
  return `${open ? last.number : steps.length} of ${last.total}`;
}

/** @param {Phase} phase @param {boolean} open */
function phaseItem(phase, open) {
  const running = open && phase.endedAt === undefined;
  const failed = (phase.exitCode ?? 0) !== 0;
  const end = phase.endedAt ?? (open ? Date.now() : undefined);
  const took = end === undefined ? '' : duration(end - phase.startedAt);
  return h(
    'li',
    { class: running ? 'running' : failed ? 'failed' : 'done' },
    phase.phase,
    h('span', { class: 'dim' }, took),
  );
}

/** @param {() => void} show */
function createStepItem(show) {
  const mark = h('span', { class: 'mark', role: 'img' });
  const number = h('span', { class: 'number' });
  const instruction = h('code', {});
  const took = h('span', { class: 'took' });
  const button = h('button', { type: 'button', onclick: show }, mark, number, instruction, took);
  const element = h('li', {}, button);
  return {
    element,
    /** @param {Step} step @param {string} kind */
    update(step, kind) {
      element.className = kind;
      mark.setAttribute('aria-label', kind);
      button.title = `${step.instruction}\nShow it in the log`;
      setText(number, String(step.number));
      setText(instruction, step.instruction);
      setText(took, kind === 'cached' ? 'cached' : tookText(step, kind));
    },
  };
}

/** @param {Step} step @param {string} kind */
function tookText(step, kind) {
  if (step.durationMs !== undefined) return duration(step.durationMs);
  return kind === 'running' ? duration(Date.now() - step.startedAt) : '';
}

/** @param {Attempt | undefined} attempt */
function attemptNote(attempt) {
  const number = attempt && attempt.number > 1 ? `Attempt ${attempt.number}` : '';
  const engine = attempt?.engine ? `Engine ${attempt.engine}` : '';
  const text = [number, engine].filter(Boolean).join(' · ');
  return text === '' ? undefined : h('p', { class: 'dim' }, text);
}
