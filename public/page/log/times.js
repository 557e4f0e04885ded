// @ts-check
import { h } from '../dom.js';

const kept = 'docker-builder:times';

/**
 * A button that shows the time of each line; what was chosen is kept for other logs.
 * @param {(shown: boolean) => void} show
 */
export function createTimesButton(show) {
  const button = h('button', { class: 'quiet', type: 'button', onclick: toggle }, 'Times');

  function toggle() {
    const shown = button.getAttribute('aria-pressed') !== 'true';
    localStorage.setItem(kept, shown ? 'yes' : 'no');
    set(shown);
  }

  /** @param {boolean} shown */
  function set(shown) {
    button.setAttribute('aria-pressed', String(shown));
    show(shown);
  }

  set(localStorage.getItem(kept) === 'yes');
  return button;
}
