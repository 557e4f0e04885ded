import type { DefinitionWish } from '../../../room/jobs/definition.ts';
import type { ImageDefinition, JobDefinition } from '../../../words/job.ts';
import { mistaken } from '../body.ts';
import type { ImageBody } from '../schemas/image.ts';
import { hidden } from '../schemas/jobFields.ts';
import type { ChangeJobBody } from '../schemas/jobRequests.ts';
import { containerOf } from './containerFields.ts';
import { plainFields } from './fields.ts';
import { optionsOf } from './imageFields.ts';

/** Where the names of an image are taken from that the request does not say. */
export interface Names {
  project: string;
  slug: string;
}

/** What a request wants of a definition. A secret that is shown as `********` stays as it is. */
export function wishOf(body: ChangeJobBody, names: Names): DefinitionWish {
  const http = httpOf(body);
  const { rate_limit_keys: keys, webhook_secret: webhookSecret } = body;
  return {
    ...plainOf(body),
    ...(keys && {
      rateLimitKeys: keys.map(({ name, max, window_secs }) => ({ name, max, windowSecs: window_secs })),
    }),
    ...(webhookSecret !== undefined && webhookSecret !== hidden && { webhookSecret }),
    ...(body.image && { image: imageOf(body.image, names) }),
    ...(body.container && { container: containerOf(body.container) }),
    ...(Object.keys(http).length > 0 && { http }),
  };
}

function plainOf(body: ChangeJobBody): Partial<JobDefinition> {
  const named = plainFields.flatMap(([wire, field]) =>
    body[wire] === undefined ? [] : [[field, body[wire]] as const],
  );
  return Object.fromEntries(named);
}

function httpOf(body: ChangeJobBody): NonNullable<DefinitionWish['http']> {
  const {
    endpoint_url: url,
    fallback_endpoint_url: fallbackUrl,
    endpoint_headers: headers,
    endpoint_signing_secret: signingSecret,
  } = body;
  return {
    ...(url !== undefined && { url }),
    ...(fallbackUrl !== undefined && { fallbackUrl }),
    ...(headers && { headers }),
    ...(signingSecret !== undefined && signingSecret !== hidden && { signingSecret }),
  };
}

function imageOf({ source, ...options }: ImageBody, names: Names): Partial<ImageDefinition> {
  return { ...(source && sourceOf(source, names)), ...optionsOf(options) };
}

/**
 * A source is named by account and repo, or by an address; then the job's own names stand for what is not said. A ref
 * alone changes nothing else of the source.
 */
function sourceOf(source: NonNullable<ImageBody['source']>, { project, slug }: Names): object {
  const { account, repo, url = '', ref = '' } = source;
  if (Object.keys(source).join() === 'ref') return { ref };
  if (url === '' && (account === undefined || repo === undefined))
    throw mistaken(['image.source needs account and repo, or url']);
  return { source: { account: account ?? project, repo: repo ?? slug }, url, ref };
}
