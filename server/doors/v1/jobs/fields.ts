import type { JobDefinition } from '../../../words/job.ts';
import type { ChangeJobBody } from '../schemas/jobRequests.ts';

/** Fields that are the same on both sides but for their names. */
export const plainFields = [
  ['name', 'name'],
  ['description', 'description'],
  ['group_id', 'groupId'],
  ['environment_id', 'environmentId'],
  ['tags', 'tags'],
  ['payload_schema', 'payloadSchema'],
  ['default_run_metadata', 'defaultRunMetadata'],
  ['cron', 'cron'],
  ['timezone', 'timezone'],
  ['cron_overlap_policy', 'overlapPolicy'],
  ['execution_window_cron', 'executionWindowCron'],
  ['max_attempts', 'maxAttempts'],
  ['timeout_secs', 'timeoutSecs'],
  ['retry_strategy', 'retryStrategy'],
  ['retry_delays_secs', 'retryDelaysSecs'],
  ['run_ttl_secs', 'runTtlSecs'],
  ['max_concurrency', 'maxConcurrency'],
  ['max_concurrency_per_key', 'maxConcurrencyPerKey'],
  ['rate_limit_max', 'rateLimitMax'],
  ['rate_limit_window_secs', 'rateLimitWindowSecs'],
  ['dedup_window_secs', 'dedupWindowSecs'],
  ['debounce_window_secs', 'debounceWindowSecs'],
  ['supersede_policy', 'supersedePolicy'],
  ['queue', 'queue'],
  ['version_policy', 'versionPolicy'],
  ['backwards_compatible', 'backwardsCompatible'],
  ['webhook_url', 'webhookUrl'],
] as const satisfies readonly (readonly [keyof ChangeJobBody, keyof JobDefinition])[];
