import { type Metric, metrics, prefix } from '../../../server/doors/metrics/catalogue.ts';

/** The table of docs/metrics.md, line by line. */
export function metricsTable(): string[] {
  const rows = Object.entries<Metric>(metrics).map(([name, { type, labels, of, help }]) => [
    `\`${prefix}${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    of,
    help,
  ]);
  const head = ['metric', 'type', 'labels', 'of', 'what'];
  return [head, head.map(() => '---'), ...rows].map((cells) =>
    `| ${cells.join(' | ')} |`.replaceAll('  ', ' '),
  );
}
