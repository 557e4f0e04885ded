import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Problem } from '../../../words/problems.ts';
import { notFound } from '../problems.ts';
import { lastOf } from '../query/values.ts';
import type { Entry } from './entries.ts';

/** One form of a log. */
export interface Format {
  type: string;
  headers?: Readonly<Record<string, string>>;
  /** The whole answer; of an execution that is called so. */
  write(entries: AsyncIterable<Entry[]>, execution: string): AsyncGenerator<string>;
}

/** As many hits an answer has, and those of the same millisecond: who asks again from its last time goes on. */
const mostHits = 10_000;
const style = '.stdout {} .stderr {color: red;}';
const styleHash = createHash('sha256').update(style).digest('base64');

const json: Format = { type: 'application/json', write: hitsJson };

const formats: Readonly<Record<'json' | 'txt' | 'html', Format>> = {
  json,
  txt: { type: 'text/plain', write: plainText },
  html: {
    type: 'text/html',
    headers: {
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'`,
    },
    write: htmlText,
  },
};

/**
 * What `format` asks for, else Accept. Throws a Problem: 404 where the format is not known, 406 where nothing that is
 * accepted is there.
 */
export function formatOf(request: Request, query: URLSearchParams): Format {
  const asked = lastOf(query, 'format') ?? '';
  if (asked !== '') {
    if (!Object.hasOwn(formats, asked)) throw notFound();
    return formats[asked as keyof typeof formats];
  }
  const all = Object.values(formats);
  const accepted = request.accepts(all.map(({ type }) => type));
  const format = all.find(({ type }) => type === accepted);
  if (!format) throw new Problem('not_acceptable', 'Could not satisfy the request Accept header.');
  return format;
}

/** As Elasticsearch would give them. `total` is how many there are in this answer. */
async function* hitsJson(groups: AsyncIterable<Entry[]>, execution: string): AsyncGenerator<string> {
  let [total, newestAt, isFull] = [0, 0, false];
  yield '{"hits":{"max_score":null,"hits":[';
  for await (const entries of groups) {
    const hits: string[] = [];
    for (const entry of entries) {
      isFull = total >= mostHits && entry.at > newestAt;
      if (isFull) break;
      hits.push(hitJson(entry, execution));
      total++;
      newestAt = entry.at;
    }
    yield (total > hits.length && hits.length > 0 ? ',' : '') + hits.join(',');
    if (isFull) break;
  }
  yield `],"total":${total}}}`;
}

function hitJson({ number, at, stream, text }: Entry, execution: string): string {
  const source = {
    '@timestamp': new Date(at).toISOString(),
    scale_order_num: number,
    message: text,
    scale_job_exe: execution,
    stream,
  };
  return JSON.stringify({ _source: source });
}

async function* plainText(groups: AsyncIterable<Entry[]>): AsyncGenerator<string> {
  let before = '';
  for await (const entries of groups) {
    if (entries.length === 0) continue;
    yield before + entries.map(({ text }) => text).join('\n');
    before = '\n';
  }
}

async function* htmlText(groups: AsyncIterable<Entry[]>): AsyncGenerator<string> {
  yield `<html><head><style>${style}</style></head><body>`;
  for await (const entries of groups)
    yield entries.map(({ stream, text }) => `<div class="${stream}">${escaped(text)}</div>\n`).join('');
  yield '</body></html>';
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}
