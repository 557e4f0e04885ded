import { parseImageReference } from './imageReference.ts';
import type { ImageRecipe } from './recipe.ts';
import { mask } from './redact.ts';
import type { ImageResult } from './spec.ts';

/** What the record says besides the image itself. Times are milliseconds since 1970. */
export interface BuildFacts {
  image: ImageResult;
  commit?: string;
  /** Who answers for the build: an address, or a urn. */
  builderId: string;
  /** Names the one build among all of the builder's. */
  invocationId: string;
  engine: string;
  startedAt: number;
  finishedAt: number;
}

/** A statement of in-toto v1 with a predicate of SLSA provenance v1. */
export interface BuildRecord {
  _type: 'https://in-toto.io/Statement/v1';
  subject: readonly Resource[];
  predicateType: 'https://slsa.dev/provenance/v1';
  predicate: {
    buildDefinition: {
      buildType: typeof buildType;
      externalParameters: Partial<Omit<ImageRecipe, 'images'>>;
      internalParameters: { engine: string; platform: string; builder?: string };
      resolvedDependencies: readonly Resource[];
    };
    runDetails: {
      builder: { id: string };
      metadata: { invocationId: string; startedOn: string; finishedOn: string };
    };
  };
}

/** Something that a record speaks of; digests are hex, by their algorithm. */
interface Resource {
  name?: string;
  uri?: string;
  digest?: Readonly<Record<string, string>>;
}

/** What the parameters mean is in docs/http.md. */
const buildType = 'urn:docker-builder:image:v1';
/** Arguments that are called so are passwords by mistake: a build argument stays in the image's history. */
const secretName =
  /(?:^|_)(?:TOKEN|SECRETS?|PASS|PASSWORD|PASSWD|PWD|PASSPHRASE|CREDENTIALS?|AUTH|(?:API|ACCESS|PRIVATE|SECRET|SIGNING|SSH)_?KEY)(?:_|$)/i;

/** The build record of an image. Of build arguments whose names say that they are secret it tells the names only. */
export function provenanceOf(facts: BuildFacts): BuildRecord {
  const { image, builderId, invocationId, engine, startedAt, finishedAt } = facts;
  const { platform, builder, recipe } = image;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjectsOf(image),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: recipe ? parametersOf(recipe) : {},
        internalParameters: { engine, platform, ...(builder && { builder }) },
        resolvedDependencies: [...sourceOf(facts), ...imagesOf(image)],
      },
      runDetails: {
        builder: { id: builderId },
        metadata: {
          invocationId,
          startedOn: new Date(startedAt).toISOString(),
          finishedOn: new Date(finishedAt).toISOString(),
        },
      },
    },
  };
}

/** What registries have of it; where none has it, the image itself. */
function subjectsOf({ pushed = [], id, name, tags }: ImageResult): Resource[] {
  const places = pushed.map(({ repository, digest }) => ({ name: repository, digest: digestOf(digest) }));
  if (places.length > 0) return places;
  const [first = name ?? id] = tags;
  return [{ name: parseImageReference(first)?.name ?? first, digest: digestOf(id) }];
}

function parametersOf({ images: _found, buildArgs, ...asked }: ImageRecipe): Omit<ImageRecipe, 'images'> {
  if (!buildArgs) return asked;
  const shown = Object.entries(buildArgs).map(([name, value]) => [
    name,
    secretName.test(name) ? mask : value,
  ]);
  return { ...asked, buildArgs: Object.fromEntries(shown) as Record<string, string> };
}

function sourceOf({ image: { recipe }, commit }: BuildFacts): Resource[] {
  if (recipe?.source === undefined) return [];
  const ref = recipe.ref === undefined ? '' : `@${recipe.ref}`;
  const digest = commit !== undefined && { digest: { gitCommit: commit } };
  return [{ uri: `git+${recipe.source}${ref}`, ...digest }];
}

/** The base with its digest, and the other images of the Dockerfile. */
function imagesOf({ base, recipe }: ImageResult): Resource[] {
  const others = (recipe?.images ?? []).filter((name) => name !== base?.name);
  return [...(base ? [imageOf(base.name, base.digest)] : []), ...others.map((name) => imageOf(name))];
}

function imageOf(name: string, digest = parseImageReference(name)?.digest): Resource {
  const uri = packageUrl(name, digest);
  return digest === undefined ? { name, uri } : { name, uri, digest: digestOf(digest) };
}

/** `pkg:docker/quay.io/acme/app@1.2?digest=sha256:…`, as BuildKit writes it. */
function packageUrl(written: string, digest: string | undefined): string {
  const { name, tag = digest === undefined ? 'latest' : '' } = parseImageReference(written) ?? {
    name: written,
  };
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:docker/${path}${tag && `@${tag}`}${digest === undefined ? '' : `?digest=${digest}`}`;
}

function digestOf(digest: string): Record<string, string> {
  const colon = digest.indexOf(':');
  return colon < 0 ? { sha256: digest } : { [digest.slice(0, colon)]: digest.slice(colon + 1) };
}
