import { executionOperations } from '../../doors/barbeque/operations.ts';
import { engineOperations } from '../../doors/engines/operations.ts';
import { gcOperations } from '../../doors/gc/operations.ts';
import { metricsOperations } from '../../doors/metrics/operations.ts';
import { imageOperations } from '../../doors/images/operations.ts';
import { buildOperations } from '../../doors/jobs/operations.ts';
import { queueOperations } from '../../doors/queues/operations.ts';
import { scaleExecutionOperations } from '../../doors/scale/executions/operations.ts';
import { scaleOperations } from '../../doors/scale/operations.ts';
import { reportOperations } from '../../doors/sdk/operations.ts';
import { jobOperations } from '../../doors/v1/openapi/jobs.ts';
import { keyOperations } from '../../doors/v1/openapi/keys.ts';
import { runOperations } from '../../doors/v1/openapi/runs.ts';
import { triggerOperations } from '../../doors/v1/openapi/triggers.ts';
import { webhookOperations } from '../../doors/v1/openapi/webhooks.ts';
import { workerOperations } from '../../doors/workers/operations.ts';
import type { OperationGroup } from '../../http/operation.ts';
import { incomingOperations } from './incoming.ts';
import { serverOperations } from './server.ts';

/** Everything that the document describes, in its order. */
export const operationGroups: readonly OperationGroup[] = [
  buildOperations,
  imageOperations,
  jobOperations,
  triggerOperations,
  runOperations,
  executionOperations,
  scaleExecutionOperations,
  ...scaleOperations,
  webhookOperations,
  keyOperations,
  reportOperations,
  incomingOperations,
  gcOperations,
  metricsOperations,
  engineOperations,
  workerOperations,
  queueOperations,
  serverOperations,
];
