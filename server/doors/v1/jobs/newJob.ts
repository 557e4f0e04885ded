import type { JobWish } from '../../../room/jobs/create.ts';
import { Problem } from '../../../words/problems.ts';
import { authorOf, type Identity, sees } from '../../../words/scopes.ts';
import { checked, mistaken } from '../body.ts';
import { hidden } from '../schemas/jobFields.ts';
import { type CreateJobBody, createJobBody } from '../schemas/jobRequests.ts';
import { refuseForeignAccount } from './account.ts';
import { wishOf } from './wish.ts';

/** The fields of which a job has exactly one, with the kind that each makes it. */
const kinds = { image: 'image', container: 'container', endpoint_url: 'http' } as const;
const kindFields = Object.keys(kinds) as (keyof typeof kinds)[];

/** A new job as a body asks for it. Throws a Problem with every mistake; forbidden for another project than the key's. */
export function newJobOf(fields: Record<string, unknown>, identity: Identity): JobWish {
  const body = withUsualNames(checked(createJobBody, fields, mistakesOf(fields)));
  const { project_id: project = '', slug = '', enabled = true } = body;
  if (!sees(identity, project))
    throw new Problem('forbidden', `the key is for another project than ${project}`, { field: 'project_id' });
  refuseHiddenSecrets(body);
  const definition = wishOf(body, { project, slug });
  refuseForeignAccount(identity, definition);
  return {
    project,
    slug,
    kind: kindFields.filter((field) => body[field]).map((field) => kinds[field])[0] ?? 'http',
    enabled,
    definition,
    createdBy: authorOf(identity),
  };
}

/** What only the whole body can tell. */
function mistakesOf(fields: Record<string, unknown>): string[] {
  const given = kindFields.filter((field) => fields[field] !== undefined && fields[field] !== '');
  const isImage = given.includes('image');
  const required = isImage ? namesOfSource(fields['image']) : ['project_id', 'name', 'slug'];
  const missing = required.filter((field) => fields[field] === undefined);
  return [
    ...missing.map((field) => `${field} is required`),
    ...kindMistakes(given, isImage ? fields['image'] : undefined),
  ];
}

function kindMistakes(given: readonly string[], image: unknown): string[] {
  if (given.length === 0) return ['endpoint_url is required, or image or container in its place'];
  if (given.length > 1) return [`give only one of ${given.join(', ')}`];
  return image !== undefined && sourceIn(image) === undefined ? ['image.source is required'] : [];
}

/** The names of an image job are those of its source, where it says nothing else. */
function namesOfSource(image: unknown): string[] {
  const source = sourceIn(image) ?? {};
  return [...('account' in source ? [] : ['project_id']), ...('repo' in source ? [] : ['slug'])];
}

function sourceIn(image: unknown): object | undefined {
  if (typeof image !== 'object' || image === null || !('source' in image)) return undefined;
  return typeof image.source === 'object' && image.source !== null ? image.source : undefined;
}

function withUsualNames(body: CreateJobBody): CreateJobBody {
  const { account, repo } = body.image?.source ?? {};
  const { project_id = account, slug = repo } = body;
  return {
    ...body,
    ...(project_id !== undefined && { project_id }),
    ...(slug !== undefined && { slug }),
  };
}

function refuseHiddenSecrets({ webhook_secret, endpoint_signing_secret }: CreateJobBody): void {
  const mistakes = Object.entries({ webhook_secret, endpoint_signing_secret })
    .filter(([, value]) => value === hidden)
    .map(([field]) => `${field} is hidden: a new job needs the secret itself`);
  if (mistakes.length > 0) throw mistaken(mistakes);
}
