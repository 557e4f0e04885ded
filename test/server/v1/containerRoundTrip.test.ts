import { expect } from 'chai';
import fc from 'fast-check';
import { containerJson, containerOf } from '../../../server/doors/v1/jobs/containerFields.ts';
import { container } from '../../../server/doors/v1/schemas/container.ts';
import { mergeDefinition } from '../../../server/room/jobs/definition.ts';
import { openV1, type V1 } from './fixture.ts';

const fields = Object.keys(container.shape);
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const secret = name.map((text) => `secret:${text}`);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const words = fc.array(fc.string({ unit: 'grapheme' }).filter(isText), { minLength: 1, maxLength: 4 });

function isText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Whatever a container can be. */
const good = fc.record(
  {
    image: fc.oneof(
      name,
      name.map((text) => `quay.io/acme/${text}:1`),
      name.map((job) => ({ job })),
    ),
    command: words,
    entrypoint: words,
    env: fc.dictionary(name, fc.oneof(words.map(String), secret), { minKeys: 1, maxKeys: 3 }),
    working_dir: path,
    user: fc.oneof(name, fc.tuple(fc.nat(), fc.nat()).map(String)).map((text) => text.replace(',', ':')),
    memory_bytes: fc.integer({ min: 6 * 1024 * 1024, max: Number.MAX_SAFE_INTEGER }),
    cpus: fc.double({ min: 0.01, max: 1024, noNaN: true }),
    pids_limit: fc.integer({ min: 1, max: 32_768 }),
    network: fc.constantFrom('none', 'bridge', 'back-end_1'),
    read_only: fc.boolean(),
    tmpfs: fc.dictionary(path, fc.nat(), { minKeys: 1, maxKeys: 3 }),
    pull: fc.constantFrom('missing', 'always', 'never'),
    credentials: fc.record({ username: secret, password: secret }),
    message: fc.constantFrom('env', 'file', 'stdin'),
    stop_grace_secs: fc.integer({ min: 1, max: 3600 }),
    result: fc.oneof(
      fc.constant('last_line'),
      path.map((file) => ({ file })),
    ),
  },
  { requiredKeys: ['image'], noNullPrototype: true },
);

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown[]>(
    -1,
    0,
    0.001,
    1e300,
    2 ** 53,
    '',
    '\0',
    '\ud800',
    '..',
    '/../..',
    '/proc/self',
    'host',
    'container:x',
    'secret:',
    'x'.repeat(200_000),
    { __proto__: null, constructor: 'x' },
    { job: '__proto__' },
    { file: '/x' },
    ['__proto__'],
    [''],
    [[]],
  ),
);

describe('a container as a request says it', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('is shown as it was said, and is what it was shown as', () => {
    fc.assert(
      fc.property(good, (body) => {
        const { container: definition } = mergeDefinition(
          'container',
          {},
          { container: containerOf(container.parse(body)) },
        );
        if (!definition) throw new Error('the definition has no container');
        const shown: unknown = JSON.parse(JSON.stringify(containerJson(definition)));
        expect(shown).to.deep.equal(JSON.parse(JSON.stringify(body)));
      }),
      { numRuns: 300 },
    );
  });

  it('makes a job or is refused with a sentence, and never fails the server', async () => {
    const usual = { project_id: 'p1', name: 'n', slug: 's' };
    const made = await v1.post('/v1/jobs', { ...usual, container: { image: 'busybox' } });
    const given = fc.dictionary(fc.constantFrom(...fields, 'privileged', '__proto__'), odd, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(given, async (wish) => {
        const another = await v1.post('/v1/jobs', { ...usual, container: { image: 'busybox', ...wish } });
        expect(another.status, another.text).to.be.oneOf([400, 409]);
        const changed = await v1.patch(`/v1/jobs/${String(made.json['id'])}`, { container: wish });
        expect(changed.status, changed.text).to.be.oneOf([200, 400]);
        if (changed.status === 400) expect(changed.json['error']).to.be.a('string').that.is.not.empty;
      }),
      { numRuns: 150 },
    );
  });
});
