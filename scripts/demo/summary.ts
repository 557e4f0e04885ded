import { curlOf, type Image, type Job } from './job.ts';
import { paint, plain } from './terminal.ts';

export interface Place {
  /** Where the server listens. */
  url: string;
  /** Whether the engine, and with it the image, goes away with the demo. */
  isPrivate: boolean;
}

const instructionWidth = 60;

/** How the build ended, for people: the image and its steps, or why there is none. */
export function outcomeOf(job: Job, tookMs: number): string {
  if (!job.image) return `${paint('red', job.status)}: ${plain(job.error ?? 'no image was made')}`;
  const { id, bytes, tags, steps } = job.image;
  return [
    `${paint('green', job.status)} in ${seconds(tookMs)}`,
    '',
    row('Image', `${id.replace(/^sha256:/, '').slice(0, 12)}   ${megabytes(bytes)}`),
    row('Tags', tags.join(', ')),
    ...(job.commit ? [row('Commit', job.commit)] : []),
    '',
    ...steps.map(stepRow),
  ].join('\n');
}

/** What can be done while the server is up. */
export function nextSteps(job: Job, { url, isPrivate }: Place): string {
  const remove =
    isPrivate || !job.image
      ? []
      : ['', 'The image stays on your engine. To remove it:', `  ${removal(job.image)}`];
  return [
    row('Page', paint('underline', `${url}/`)),
    '',
    'Try next',
    `  curl -s '${url}/jobs/${job.id}/tail?n=20'     # the end of the log`,
    `  ${curlOf(url)}     # once more, from the cache`,
    `  curl -s -XDELETE ${url}/jobs/<id>     # cancels a build`,
    ...remove,
  ].join('\n');
}

export function removal({ tags }: Image): string {
  return `docker rmi ${tags.join(' ')}`;
}

function stepRow({ number, instruction, cached, durationMs }: Image['steps'][number]): string {
  const text = plain(instruction);
  const short = text.length > instructionWidth ? `${text.slice(0, instructionWidth - 1)}…` : text;
  const time = cached ? paint('dim', 'cached') : seconds(durationMs ?? 0).padStart(7);
  return `  ${String(number).padStart(3)}  ${short.padEnd(instructionWidth)}  ${time}`;
}

function row(name: string, value: string): string {
  return `  ${paint('bold', name.padEnd(7))} ${value}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
