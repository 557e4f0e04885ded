// @ts-check
import { h } from '../dom.js';
import { createRow } from './row.js';
/** @import { Job } from '../words.d.ts' */

/** The list itself; a job keeps its row while it is listed. */
export function createRows() {
  const element = h('ol', { class: 'runs', 'aria-label': 'Jobs' });
  /** @type {Map<string, ReturnType<typeof createRow>>} */
  const rows = new Map();

  /** @param {Set<string>} ids */
  function removeAllBut(ids) {
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
  }

  return {
    element,
    /** @param {Job[]} jobs in the order to show */
    draw(jobs) {
      removeAllBut(new Set(jobs.map(({ id }) => id)));
      for (const [index, job] of jobs.entries()) {
        const row = rows.get(job.id) ?? createRow(job);
        rows.set(job.id, row);
        row.update(job);
        const there = element.children[index];
        if (there !== row.element) element.insertBefore(row.element, there ?? null);
      }
    },
    tick() {
      for (const row of rows.values()) row.tick();
    },
  };
}
