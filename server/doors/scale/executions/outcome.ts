import type { Execution } from '../../../store/contract/executions.ts';
import type { KeptImage } from '../../../words/image.ts';
import { errorBrief } from '../present/error.ts';
import { executionStatus } from '../present/statuses.ts';

/** What an attempt gave back; empty until it completed. `output` is the JSON text of what is no image. */
export function resultsJson({ attempt, run }: Execution, output: string | null): object {
  if (attempt.state !== 'succeeded') return {};
  const images = (run.result?.images ?? []).map(imageJson);
  const value = output === null ? [] : [{ name: 'output', value: JSON.parse(output) as unknown }];
  return { version: '1.0', output_data: [...images, ...value] };
}

function imageJson(image: KeptImage): object {
  const { key, id, tags, pushed = [], bytes } = image;
  const [digest = null] = pushed.map((one) => one.digest);
  const named = { name: nameOf(image), ...(key !== undefined && { file_id: key }) };
  return { ...named, image_id: id, tags, digest, size: bytes };
}

/** Where what it gave back is, and why it failed; empty until it ended. */
export function manifestJson(execution: Execution): object {
  const { attempt, run } = execution;
  const status = executionStatus(attempt.state);
  if (status === 'COMPLETED') return manifest((run.result?.images ?? []).map(fileOf), []);
  return status === 'FAILED' ? manifest([], [failureOf(execution)]) : {};
}

function manifest(files: readonly object[], errors: readonly object[]): object {
  return { version: '1.1', output_data: files, parse_results: [], info: [], errors };
}

function fileOf(image: KeptImage): object {
  const [pushed] = image.pushed ?? [];
  const path = pushed ? `${pushed.repository}@${pushed.digest}` : (image.tags[0] ?? image.id);
  return { name: nameOf(image), file: { path } };
}

function failureOf({ attempt }: Execution): object {
  const phase = attempt.phases.findLast(({ exitCode }) => exitCode !== undefined && exitCode !== 0)?.phase;
  const { name } = errorBrief(attempt.reason);
  return { name, message: attempt.error ?? '', phase: phase ?? null };
}

function nameOf({ name = 'image' }: KeptImage): string {
  return name;
}
