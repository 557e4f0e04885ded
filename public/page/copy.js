// @ts-check
import { h, setText } from './dom.js';

/**
 * @param {string} text
 * @param {string} what for a screen reader: "image id"
 */
export function copyButton(text, what) {
  const button = h(
    'button',
    { class: 'copy', type: 'button', 'aria-label': `Copy ${what}`, onclick: () => void copy() },
    '',
  );
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let back;

  async function copy() {
    const done = await write(text);
    setText(button, done ? 'Copied' : 'Press Ctrl+C');
    clearTimeout(back);
    back = setTimeout(() => setText(button, ''), 2000);
  }
  return button;
}

/** The clipboard is there over https and on localhost only. @param {string} text */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { class: 'off-screen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    // The only way left on a plain http address.
    // oxlint-disable-next-line typescript/no-deprecated
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
