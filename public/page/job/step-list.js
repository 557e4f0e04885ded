// @ts-check
import { h, setText } from '../dom.js';
import { duration } from '../format.js';
/** @import { Step } from '../words.d.ts' */

/** @typedef {ReturnType<typeof createStepItem>} StepItem */
/** @typedef {ReturnType<typeof createStepList>} StepList */

/**
 * The steps of one image. Under its name where the build makes several.
 * @param {object} options
 * @param {string | undefined} options.image
 * @param {(step: Step) => void} options.show
 */
export function createStepList({ image, show }) {
  const list = h('ol', {
    class: 'steps',
    'aria-label': image === undefined ? undefined : `Steps of ${image}`,
  });
  const now = h('span', { class: 'took' });
  const element =
    image === undefined ? list : h('section', { class: 'image-steps' }, h('h3', {}, image, now), list);
  /** @type {Map<number, Step>} */
  const steps = new Map();
  /** @type {Map<number, StepItem>} */
  const items = new Map();

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

  const sorted = () => [...steps.values()].toSorted((a, b) => a.number - b.number);

  return {
    element,
    /** The one that is furthest down. */
    last: () => sorted().at(-1),
    /** @param {Step} step */
    take: (step) => void steps.set(step.number, step),
    /**
     * @param {boolean} open whether the build goes on
     * @param {(step: Step) => string} lastKind of the last step, when it does not
     */
    draw(open, lastKind) {
      const all = sorted();
      for (const step of all)
        itemOf(step).update(step, !open && step === all.at(-1) ? lastKind(step) : kindOf(step, open));
      setText(now, progress(all, open));
    },
    /** @param {boolean} open */
    progress: (open) => progress(sorted(), open),
  };
}

/** @param {Step} step @param {boolean} open */
export function kindOf(step, open) {
  if (open && step.durationMs === undefined) return 'running';
  return step.cached ? 'cached' : 'done';
}

/** @param {Step[]} steps @param {boolean} open */
function progress(steps, open) {
  const last = steps.at(-1);
  return last ? `${open ? last.number : steps.length} of ${last.total}` : '';
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
