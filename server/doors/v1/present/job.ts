import type { Policy } from '../../../room/room.ts';
import type {
  Dependency,
  HttpDefinition,
  ImageDefinition,
  Job,
  JobDefinition,
  JobKind,
  JobVersion,
} from '../../../words/job.ts';
import { attemptTimeoutMs } from '../../../words/timing.ts';
import { containerJson } from '../jobs/containerFields.ts';
import { plainFields } from '../jobs/fields.ts';
import { optionsJson } from '../jobs/imageFields.ts';
import { hidden } from '../schemas/jobFields.ts';

/** What stands where a definition says nothing. */
export type Defaults = Pick<Policy, 'maxAttempts' | 'timeoutSecs'>;

/** A job as this door shows it; what is undefined does not come into the JSON, and no secret is told. */
export function jobJson(job: Job, defaults: Defaults): object {
  const { id, project, slug, kind, enabled, paused, version, versionId, definition } = job;
  return {
    id,
    project_id: project,
    ...definitionJson(kind, slug, definition, defaults),
    kind,
    queue: definition.queue ?? 'default',
    enabled,
    paused,
    version,
    version_id: versionId,
    version_policy: definition.versionPolicy ?? 'pin',
    ...(job.createdBy !== null && { created_by: job.createdBy }),
    ...(job.updatedBy !== null && { updated_by: job.updatedBy }),
    created_at: time(job.createdAt),
    updated_at: time(job.updatedAt),
  };
}

export function versionJson(row: JobVersion, kind: JobKind, defaults: Defaults): object {
  const { id, jobId, version, versionId, slug, definition, createdAt } = row;
  return {
    id,
    job_id: jobId,
    version,
    version_id: versionId,
    ...definitionJson(kind, slug, definition, defaults),
    created_at: time(createdAt),
  };
}

export function dependencyJson({ id, jobId, dependsOnJobId, condition, createdAt }: Dependency): object {
  return {
    id,
    job_id: jobId,
    depends_on_job_id: dependsOnJobId,
    condition,
    created_at: time(createdAt),
  };
}

function definitionJson(kind: JobKind, slug: string, definition: JobDefinition, defaults: Defaults): object {
  const { http, image, container, rateLimitKeys, webhookSecret, name = slug } = definition;
  return {
    ...plainJson(definition),
    name,
    slug,
    image: image && imageJson(image),
    container: container && containerJson(container),
    ...endpointJson(http),
    max_attempts: definition.maxAttempts ?? defaults.maxAttempts,
    timeout_secs: attemptTimeoutMs(kind, definition, defaults.timeoutSecs) / 1000,
    rate_limit_keys: rateLimitKeys?.map(({ name: key, max, windowSecs }) => ({
      name: key,
      max,
      window_secs: windowSecs,
    })),
    webhook_secret: webhookSecret === undefined ? undefined : hidden,
  };
}

function endpointJson(http: HttpDefinition | undefined): object {
  return {
    endpoint_url: http?.url ?? '',
    fallback_endpoint_url: http?.fallbackUrl,
    endpoint_headers: http?.headers,
    endpoint_signing_secret: http?.signingSecret === undefined ? undefined : hidden,
  };
}

function plainJson(definition: JobDefinition): object {
  const named = plainFields.flatMap(([wire, field]) =>
    definition[field] === undefined ? [] : [[wire, definition[field]] as const],
  );
  return Object.fromEntries(named);
}

function imageJson({ source, url, ref, ...options }: ImageDefinition): object {
  return {
    source: { ...source, ...(url !== undefined && { url }), ...(ref !== undefined && { ref }) },
    ...optionsJson(options),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
