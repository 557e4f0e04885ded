// @ts-check
import { fill, h, setText } from '../dom.js';
import { isOpen } from '../status.js';
import { imagesOf } from './images.js';
import { layerList } from './layers.js';
import { attemptNote, phaseItem } from './phases.js';
import { createStepList, kindOf } from './step-list.js';
/** @import { Attempt, Job, Step } from '../words.d.ts' */
/** @import { StepList } from './step-list.js' */

/**
 * Phases and steps of the newest attempt, with live times, and the layers of the images at the end.
 * @param {{ show: (step: Step) => void }} options
 */
export function createSteps({ show }) {
  const title = h('h2', {}, 'Steps');
  const now = h('span', { class: 'now' });
  const nowInstruction = h('span', { class: 'now-instruction' });
  const phases = h('ol', { class: 'phases', 'aria-label': 'Phases' });
  const place = h('div');
  const more = h('div', { class: 'more-facts' });
  const wide = matchMedia('(min-width: 800px)').matches;
  const element = h(
    'details',
    { class: 'side', open: wide },
    h('summary', {}, title, now),
    phases,
    place,
    more,
  );
  /** By the image's name, in the order in which they began; undefined in a build of one image.
   * @type {Map<string | undefined, StepList>} */
  const lists = new Map();
  /** @type {Job | undefined} */
  let job;
  /** @type {Attempt | undefined} */
  let attempt;
  let drawnMore = '';

  function draw() {
    if (!job) return;
    const { kind } = job;
    const open = isOpen(job.status);
    const all = [...lists.values()];
    const failed = open ? undefined : failedStep(all, attempt);
    fill(phases, ...(attempt?.phases ?? []).map((phase) => phaseItem(phase, open, kind)));
    for (const list of all) list.draw(open, (last) => endOf(last, failed, attempt));
    setText(title, kind ? 'Attempt' : 'Steps');
    fill(now, kind ? '' : nowText(all, open), nowInstruction);
    setText(nowInstruction, open && !kind ? ` · ${newestOf(all)}` : '');
  }

  /** @param {Step} step */
  function keep(step) {
    const known = lists.get(step.image);
    if (known) return known.take(step);
    const made = createStepList({ image: step.image, show });
    lists.set(step.image, made);
    place.append(made.element);
    return made.take(step);
  }

  function drawMore() {
    const images = job ? imagesOf(job) : [];
    const key = JSON.stringify([attempt?.number, attempt?.engine, attempt?.exit_code, images]);
    const layers = images.map((image) => layerList(image, images.length > 1));
    if (key !== drawnMore) fill(more, attemptNote(attempt, job?.kind), ...layers);
    drawnMore = key;
  }

  return {
    element,
    /** @param {Job} nextJob @param {Attempt[]} attempts */
    show(nextJob, attempts) {
      const newest = attempts.at(-1);
      if (newest?.number !== attempt?.number) {
        lists.clear();
        fill(place);
      }
      job = nextJob;
      attempt = newest;
      for (const step of newest?.steps ?? []) keep(step);
      draw();
      drawMore();
    },
    /** @param {Step} step */
    take(step) {
      keep(step);
      draw();
    },
    tick() {
      if (job && isOpen(job.status)) draw();
    },
  };
}

/**
 * The step at which the build failed. Of several images that ran side by side, it is of the one that the error tells of:
 * the others were stopped in the middle.
 * @param {StepList[]} lists
 * @param {Attempt | undefined} attempt
 */
function failedStep(lists, attempt) {
  if (!buildFailed(attempt)) return undefined;
  const ends = lists.flatMap((list) => list.last() ?? []);
  if (ends.length <= 1) return ends[0];
  const error = attempt?.error ?? '';
  // The error tells of long instructions in part, and in one line.
  const told = ends.filter(({ instruction }) =>
    error.includes(instruction.replaceAll(/\s+/g, ' ').slice(0, 60)),
  );
  return told.toSorted((a, b) => endedAt(a) - endedAt(b))[0];
}

/** @param {Step} step */
const endedAt = (step) => step.startedAt + (step.durationMs ?? Infinity);

/** How the last step of an image ended. @param {Step} last @param {Step | undefined} failed @param {Attempt | undefined} attempt */
function endOf(last, failed, attempt) {
  if (last === failed) return 'failed';
  const finished = last.number === last.total && last.durationMs !== undefined;
  return finished || !buildFailed(attempt) ? kindOf(last, false) : 'stopped';
}

/** @param {Attempt | undefined} attempt */
const buildFailed = (attempt) =>
  (attempt?.phases ?? []).some((phase) => phase.phase === 'build' && (phase.exitCode ?? 0) !== 0);

/** @param {StepList[]} lists @param {boolean} open */
function nowText(lists, open) {
  if (lists.length > 1) return `of ${lists.length} images`;
  return lists[0]?.progress(open) ?? (open ? 'not yet' : 'none');
}

/** What began last. @param {StepList[]} lists */
function newestOf(lists) {
  const step = lists.flatMap((list) => list.last() ?? []).toSorted((a, b) => b.startedAt - a.startedAt)[0];
  return step ? `${step.image === undefined ? '' : `${step.image}: `}${step.instruction}` : '';
}
