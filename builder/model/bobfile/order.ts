import { shown } from '../shown.ts';
import type { Container } from './names.ts';
import type { Report } from './report.ts';
import { type TextNode, textNodes } from './values.ts';

/**
 * What each image waits for. Where no container of the file says `depends`, each waits for the one before it; where at
 * least one does, only what is said counts.
 */
export function readOrder(
  containers: readonly Container[],
  names: readonly string[],
  report: Report,
): string[][] {
  if (!containers.some(({ entry }) => entry.has('depends')))
    return names.map((_, i) => names.slice(Math.max(0, i - 1), i));
  const said = containers.map(({ entry }) => textNodes(entry.get('depends'), names.length, report));
  for (const one of said) checkNames(one, names, report);
  const order = said.map((one) => one.map(({ text }) => text));
  checkCircles(said, names, report);
  return order;
}

function checkNames(said: readonly TextNode[], names: readonly string[], report: Report): void {
  for (const [i, one] of said.entries()) {
    if (!names.includes(one.text))
      report.say(one, `${shown(one.text)} must be the name of another container: ${listed(names)}`);
    if (said.findIndex(({ text }) => text === one.text) < i)
      report.say(one, `${shown(one.text)} is there twice`);
  }
}

/** Walks from each name to all that it waits for; whoever meets a name that it came by stands in a circle. */
function checkCircles(
  said: readonly (readonly TextNode[])[],
  names: readonly string[],
  report: Report,
): void {
  const done = new Set<string>();

  function walk(name: string, way: readonly string[]): void {
    for (const next of said[names.indexOf(name)] ?? []) {
      const start = [...way, name].indexOf(next.text);
      const circle = [...way, name, next.text].slice(start);
      if (start >= 0)
        report.say(next, `must not lead back to itself: ${circle.map((one) => shown(one)).join(' → ')}`);
      else if (!done.has(next.text)) walk(next.text, [...way, name]);
    }
    done.add(name);
  }

  for (const name of names) if (!done.has(name)) walk(name, []);
}

function listed(names: readonly string[]): string {
  const few = names.slice(0, 10).map((name) => shown(name));
  return names.length > few.length ? `${few.join(', ')}, …` : few.join(', ');
}
