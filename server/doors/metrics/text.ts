import type { Histogram } from '../../room/meters/histogram.ts';
import { type Metric, type MetricName, metrics, prefix } from './catalogue.ts';

type LabelsOf<N extends MetricName> = Record<(typeof metrics)[N]['labels'][number], string | number>;
type NamesOf<T extends Metric['type']> = {
  [N in MetricName]: (typeof metrics)[N]['type'] extends T ? N : never;
}[MetricName];

/** Puts the text format of Prometheus together, the values of each metric under its head. */
export interface MetricsText {
  value<N extends NamesOf<'gauge' | 'counter'>>(name: N, labels: LabelsOf<N>, value: number): void;
  histogram<N extends NamesOf<'histogram'>>(name: N, labels: LabelsOf<N>, histogram: Histogram): void;
  text(): string;
}

/** What a scraper is told that it gets. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetricsText(): MetricsText {
  const lines = new Map<MetricName, string[]>();

  function add(
    name: MetricName,
    suffix: string,
    labels: Record<string, string | number>,
    value: number,
  ): void {
    const own = lines.get(name) ?? [];
    lines.set(name, own);
    own.push(`${prefix}${name}${suffix}${labelText(labels)} ${value}`);
  }

  return {
    value: (name, labels, value) => add(name, '', labels, value),
    histogram(name, labels, { bounds, counts, count, sum }) {
      for (const [index, bound] of bounds.entries())
        add(name, '_bucket', { ...labels, le: bound }, counts[index] ?? 0);
      add(name, '_bucket', { ...labels, le: '+Inf' }, count);
      add(name, '_sum', labels, sum);
      add(name, '_count', labels, count);
    },
    text() {
      return [...lines].map(([name, own]) => `${headOf(name)}${own.join('\n')}\n`).join('');
    },
  };
}

function headOf(name: MetricName): string {
  const { type, help } = metrics[name];
  return `# HELP ${prefix}${name} ${help}\n# TYPE ${prefix}${name} ${type}\n`;
}

function labelText(labels: Record<string, string | number>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
