import { expect } from 'chai';
import fc from 'fast-check';
import { adminToken } from '../access/webFixture.ts';
import { type FreshDatabase, freshDatabase } from '../store/freshDatabase.ts';
import { storeKinds } from '../store/temporaryStore.ts';
import { makeF1, openScale, type ScaleWeb } from './executionFixture.ts';

const lists = [
  '/v3/jobs/',
  '/v3/jobs/updates/',
  '/v3/jobs/executions/',
  '/v3/job-types/',
  '/v3/job-types/status/',
  '/v3/job-types/running/',
  '/v3/job-types/system-failures/',
  '/v3/nodes/',
  '/v3/nodes/status/',
  '/v3/errors/',
  '/v3/queue/status/',
  '/v6/jobs/',
  '/v6/jobs/1/executions/',
];
const parameters = [
  'page',
  'page_size',
  'order',
  'started',
  'ended',
  'status',
  'job_id',
  'job_type_id',
  'job_type_name',
  'job_type_category',
  'error_category',
  'node_id',
  'name',
  'category',
  'include_inactive',
];
const things = [
  '/v3/jobs/',
  '/v3/job-types/',
  '/v3/nodes/',
  '/v3/errors/',
  '/v6/jobs/',
  '/v6/jobs/1/executions/',
];
const changes = [
  ['POST', '/v3/queue/new-job/'],
  ['POST', '/v3/queue/requeue-jobs/'],
  ['POST', '/v3/queue/requeue-job/'],
  ['POST', '/v6/jobs/cancel/'],
  ['POST', '/v6/jobs/requeue/'],
  ['PATCH', '/v3/jobs/1/'],
  ['PATCH', '/v3/job-types/1/'],
  ['PATCH', '/v3/nodes/1/'],
  ['PUT', '/v3/nodes/1/'],
  ['PATCH', '/v3/scheduler/'],
] as const;
const fields = [
  'job_type_id',
  'job_data',
  'job_ids',
  'job_id',
  'status',
  'started',
  'ended',
  'job_type_ids',
  'job_type_names',
  'job_type_categories',
  'error_categories',
  'priority',
  'is_paused',
  'pause_reason',
  'hostname',
  'port',
  'is_active',
];

const numbers = fc.oneof(
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.constantFrom(
    '0',
    '1',
    '-1',
    '2147483647',
    '2147483648',
    '1e3',
    '0x1',
    ' 1 ',
    '+1',
    '1.0',
    'last',
    'NaN',
  ),
);
const times = fc.constantFrom(
  'P',
  'PT3H',
  'P99999999999D',
  '2015-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  'P1Y',
);
const words = fc.constantFrom(
  'SYSTEM',
  'FAILED',
  'build',
  'id',
  '-id',
  'job_type__name',
  '__proto__',
  'constructor',
  '\0',
);
const text = fc.oneof(numbers, times, words, fc.string({ unit: 'binary', maxLength: 30 }));

for (const kind of storeKinds) describe(`hostile requests to Scale, on ${kind}`, () => hostileRequests(kind));

function hostileRequests(kind: (typeof storeKinds)[number]): void {
  let web: ScaleWeb;
  let database: FreshDatabase | undefined;
  before(async () => {
    if (kind === 'PostgreSQL') database = await freshDatabase();
    const env = { TOKEN: adminToken, ...(database && { DATABASE: database.url }) };
    web = await openScale({ env, settings: { limits: { triggersPerMinute: 0 } } });
    await makeF1(web);
  });
  after(async () => {
    await web?.close();
    await database?.giveBack();
  });

  async function isNoFault(method: string, path: string, body?: unknown): Promise<void> {
    const { status, text: answer } = await web.ask(method, path, {
      key: adminToken,
      ...(body !== undefined && { body }),
    });
    expect(status, `${method} ${path} ${JSON.stringify(body)}: ${answer}`).to.be.lessThan(500);
  }

  it('are never a fault of lists', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...lists),
        fc.array(fc.tuple(fc.constantFrom(...parameters), text), { maxLength: 5 }),
        (path, query) => isNoFault('GET', `${path}?${new URLSearchParams(query).toString()}`),
      ),
      { numRuns: 120 },
    ));

  it('are never a fault of what a path names', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...things),
        fc.constantFrom('GET', 'PATCH', 'PUT', 'DELETE'),
        text,
        (path, method, part) => isNoFault(method, `${path}${encodeURIComponent(part.toWellFormed())}/`, {}),
      ),
      { numRuns: 80 },
    ));

  it('are never a fault of bodies', () => {
    const value = fc.oneof(text, fc.jsonValue(), fc.array(fc.oneof(text, fc.double())), fc.double());
    const body = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 4 });
    return fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...changes),
        fc.oneof(body, fc.jsonValue(), fc.string({ maxLength: 20 })),
        ([method, path], sent) => isNoFault(method, path, sent),
      ),
      { numRuns: 150 },
    );
  });

  it('are never a fault of the data of a job', () => {
    const input = fc.oneof(fc.record({ name: text, value: fc.jsonValue() }), fc.jsonValue());
    const data = fc.record({ version: fc.constant('1.0'), input_data: fc.array(input) });
    return fc.assert(
      fc.asyncProperty(data, (job_data) =>
        isNoFault('POST', '/v3/queue/new-job/', { job_type_id: 1, job_data }),
      ),
      { numRuns: 50 },
    );
  });
}
