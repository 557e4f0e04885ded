import type { OperationGroup } from '../../../http/operation.ts';
import { apiKey, apiKeyList, createKeyBody, madeApiKey, rotateKeyBody } from '../schemas/keys.ts';
import { linkHeader, paging } from '../../../http/lists.ts';
import { project } from './lists.ts';

const location = { Location: 'The key.' };

/** Credentials of programs. */
export const keyOperations: OperationGroup = {
  tag: 'API keys',
  description: 'Credentials of programs. Their text is shown once.',
  operations: {
    'get /v1/api-keys': {
      id: 'listAPIKeys',
      summary: 'List API keys',
      query: project.extend(paging.shape),
      answers: { 200: { description: 'Newest first.', schema: apiKeyList, headers: linkHeader } },
    },
    'post /v1/api-keys': {
      id: 'createAPIKey',
      summary: 'Create an API key',
      description: 'It can do no more than the one who makes it.',
      body: { schema: createKeyBody },
      answers: { 201: { description: 'The key, and its text.', schema: madeApiKey, headers: location } },
    },
    'get /v1/api-keys/:id': {
      id: 'getAPIKey',
      summary: 'Get an API key',
      answers: { 200: { description: 'The key.', schema: apiKey } },
    },
    'delete /v1/api-keys/:id': {
      id: 'revokeAPIKey',
      summary: 'Revoke an API key',
      answers: { 204: { description: 'It works no more.' } },
    },
    'post /v1/api-keys/:id/rotate': {
      id: 'rotateAPIKey',
      summary: 'Rotate an API key',
      description: 'A new key takes its place; the old one goes on for a time.',
      body: { schema: rotateKeyBody, optional: true },
      answers: { 201: { description: 'The new key, and its text.', schema: madeApiKey, headers: location } },
    },
  },
};
