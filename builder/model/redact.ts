import { cutMark } from './lines.ts';
import { secretForms, shortestSecret } from './secretForms.ts';

/** What stands in a log for a secret. */
export const mask = '********';

/**
 * Masks secrets in blocks of whole lines, line ends kept; secrets that overlap are masked as one, and one that was cut
 * with its line is masked as far as it is there. Secrets below 4 characters and words like `true` are left alone. Time is linear in the block; without secrets a block comes back
 * as it is.
 */
export function createRedactor(secrets: readonly string[]): (block: string) => string {
  const forms = secrets.flatMap(secretForms);
  if (forms.length === 0) return (block) => block;
  const anyForm = new RegExp(alternatives(forms), 'g');
  return (block) => {
    const spans = merged([...spansOf(anyForm, block), ...cutSpans(forms, block)]);
    return spans.length === 0 ? block : maskSpans(block, spans);
  };
}

/** Sorted, so that forms with the same beginning stand together, which makes the search several times faster. */
function alternatives(forms: readonly string[]): string {
  const byText = [...new Set(forms)].toSorted((a, b) => (a < b ? 1 : -1));
  return byText.map((form) => RegExp.escape(form)).join('|');
}

type Span = [start: number, end: number];

function spansOf(anyForm: RegExp, block: string): Span[] {
  const spans: Span[] = [];
  anyForm.lastIndex = 0;
  for (let match = anyForm.exec(block); match; match = anyForm.exec(block)) {
    const end = match.index + match[0].length;
    spans.push([match.index, end]);
    // One on, not to its end: the next secret may begin inside this one.
    anyForm.lastIndex = match.index + 1;
  }
  return spans;
}

/** Secrets whose end went away with that of their line. */
function cutSpans(forms: readonly string[], block: string): Span[] {
  return [...block.matchAll(cutMark)].flatMap(({ index }): Span[] => {
    const longest = Math.max(...forms.map((form) => cutLength(form, block, index)));
    return longest > 0 ? [[index - longest, index]] : [];
  });
}

/** How much of a form's beginning stands before a place; 0 where too little does. */
function cutLength(form: string, block: string, end: number): number {
  for (let length = Math.min(form.length, end); length >= shortestSecret; length--)
    if (block.startsWith(form.slice(0, length), end - length)) return length;
  return 0;
}

function merged(spans: readonly Span[]): Span[] {
  const inOrder = spans.toSorted((a, b) => a[0] - b[0]);
  const whole: Span[] = [];
  for (const [start, end] of inOrder) {
    const last = whole.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else whole.push([start, end]);
  }
  return whole;
}

function maskSpans(block: string, spans: readonly Span[]): string {
  let masked = '';
  let from = 0;
  for (const [start, end] of spans) {
    masked += block.slice(from, start) + block.slice(start, end).replaceAll(/[^\n]+/g, mask);
    from = end;
  }
  return masked + block.slice(from);
}
