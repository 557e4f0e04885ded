// @ts-check
import { applySgr, plain, sameStyle } from './sgr.js';
/** @import { Segment, TextStyle } from '../words.d.ts' */

/** Everything that is not shown as it is. A tab is text. */
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;
/** A sequence with more parameters than this is dropped. */
const longestParameters = 256;

/** Whether `text` has anything that the parser would treat as more than text. @param {string} text */
export function hasControls(text) {
  control.lastIndex = 0;
  return control.test(text);
}

/**
 * Reads one line that may come in any number of pieces. Of all escape sequences only SGR (colours and weights)
 * has an effect; every other one is dropped whole, also where a border falls into it. The result holds no control
 * character but the tab. After a carriage return further text replaces the line, as progress bars expect.
 * @param {TextStyle} [startStyle] the style that the line before ended with
 */
export function createLineReader(startStyle = plain) {
  let style = startStyle;
  /** @type {Segment[]} */
  let segments = [];
  /** @type {'ground' | 'escape' | 'intermediate' | 'csi' | 'string'} */
  let state = 'ground';
  let parameters = '';
  let returned = false;

  /** @param {string} text */
  function addText(text) {
    if (text === '') return;
    if (returned) segments = [];
    returned = false;
    const last = segments.at(-1);
    if (last && sameStyle(last.style, style)) last.text += text;
    else segments.push({ text, style });
  }

  /** @param {string} char a control character, in any state */
  function act(char) {
    if (char === '\u001b') state = 'escape';
    else if (char === '\u009b') openCsi();
    else if ('\u0090\u0098\u009d\u009e\u009f'.includes(char)) state = 'string';
    else if (char === '\u0018' || char === '\u001a' || char === '\n') state = 'ground';
    else if (char === '\u009c' || (char === '\u0007' && state === 'string')) state = 'ground';
    else if (char === '\r' && state === 'ground') returned = true;
  }

  function openCsi() {
    state = 'csi';
    parameters = '';
  }

  /** @param {string} char printable, after ESC */
  function afterEscape(char) {
    if (char === '[') openCsi();
    else if (']PX^_'.includes(char)) state = 'string';
    else if (char >= ' ' && char <= '/') state = 'intermediate';
    else state = 'ground';
  }

  /** @param {string} char printable, inside a CSI sequence */
  function insideCsi(char) {
    if (char < '@') {
      if (parameters.length <= longestParameters) parameters += char;
      return;
    }
    state = 'ground';
    if (char === 'm' && /^[0-9;:]*$/.test(parameters) && parameters.length <= longestParameters)
      style = applySgr(style, parameters);
  }

  /** @param {string} char printable, in any state but ground */
  function insideSequence(char) {
    if (state === 'string') return;
    if (char > '~') {
      // Not part of any sequence: the broken one is dropped, the character is text.
      state = 'ground';
      addText(char);
    } else if (state === 'escape') afterEscape(char);
    else if (state === 'csi') insideCsi(char);
    else if (char >= '0') state = 'ground';
  }

  return {
    /** @param {string} piece */
    write(piece) {
      let at = 0;
      while (at < piece.length) {
        const char = piece.charAt(at);
        const end = state === 'ground' ? nextControl(piece, at) : at;
        if (end > at) {
          addText(piece.slice(at, end));
          at = end;
          continue;
        }
        control.lastIndex = 0;
        if (control.test(char)) act(char);
        else insideSequence(char);
        at += 1;
      }
    },
    /** The line so far, and the style with which the next one starts. An unfinished sequence is dropped. */
    end: () => ({ segments, style }),
  };
}

/** @param {string} text @param {number} from */
function nextControl(text, from) {
  control.lastIndex = from;
  return control.exec(text)?.index ?? text.length;
}

/**
 * @param {string} text one line without its line end
 * @param {TextStyle} [style]
 */
export function readLine(text, style = plain) {
  const reader = createLineReader(style);
  reader.write(text);
  return reader.end();
}
