import { expect } from 'chai';
import { errorBrief, errorNames } from '../../../server/doors/scale/present/error.ts';
import { errorCatalogue, errorOfReason } from '../../../server/doors/scale/present/errorCatalogue.ts';
import { reasonKinds } from '../../../server/words/reasons.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';
import { asking, type Asking } from './asking.ts';

/** Clients keep these numbers: none is ever given to another error. */
const numbers = {
  unknown: 1,
  'scheduler-lost': 2,
  'node-lost': 3,
  'docker-task-launch': 4,
  'filesystem-io': 5,
  timeout: 6,
  'algorithm-unknown': 7,
  'source-fetch': 8,
  'dockerfile-invalid': 9,
  'registry-push': 10,
  'out-of-memory': 11,
  'image-missing': 12,
  'registry-unreachable': 13,
  'context-invalid': 14,
  'access-refused': 15,
  'request-invalid': 16,
  'results-invalid': 17,
  'platform-unavailable': 18,
  'endpoint-unreachable': 19,
  canceled: 20,
};

describe('the errors of Scale', () => {
  let web: TestWeb;
  let scale: Asking;
  before(async () => {
    web = await openTestWeb();
    scale = asking(web);
  });
  after(() => web.close());

  it('keep their numbers', () => {
    const known = Object.fromEntries(Object.entries(errorCatalogue).map(([name, { id }]) => [name, id]));
    expect(known).to.include(numbers);
    expect(new Set(Object.values(known)).size).to.equal(Object.keys(known).length);
  });

  it('stand for every reason, each for one or more', () => {
    expect(Object.keys(errorOfReason).toSorted()).to.deep.equal(Object.keys(reasonKinds).toSorted());
    expect([...new Set(Object.values(errorOfReason))].toSorted()).to.deep.equal(errorNames.toSorted());
    for (const reason of [null, 'nobody knows it', 'constructor', '__proto__'])
      expect(errorBrief(reason).name).to.equal('unknown');
  });

  it('blame what the original does', () => {
    const categories = {
      lost: 'SYSTEM',
      engine_lost: 'SYSTEM',
      disk_full: 'SYSTEM',
      registry_denied: 'SYSTEM',
      timeout: 'ALGORITHM',
      build_step_failed: 'ALGORITHM',
      command_failed: 'ALGORITHM',
      source_auth: 'DATA',
      dockerfile_invalid: 'DATA',
    };
    for (const [reason, category] of Object.entries(categories))
      expect(errorBrief(reason).category, reason).to.equal(category);
  });

  it('are a list by number, and one by one', async () => {
    const { count, next, previous, results } = await scale.page('/errors/?page_size=4&page=2');
    expect({ count, ids: results.map(({ id }) => id) }).to.deep.equal({ count: 20, ids: [5, 6, 7, 8] });
    expect(next).to.equal(`http://127.0.0.1:${web.port}/errors/?page=3&page_size=4`);
    expect(previous).to.equal(`http://127.0.0.1:${web.port}/errors/?page_size=4`);
    for (const path of ['/errors/7/', '/v3/errors/7/', '/api/errors/07/', '/api/v3/errors/7/'])
      expect(await scale.get(path), path).to.deep.equal(results[2]);
    for (const id of ['0', '21', 'abc', '-1', '7.0', '99999999999999999999', '%00'])
      await scale.refused(404, `/errors/${id}/`, 'Not found.');
    await scale.refused(405, '/errors/', 'Method "POST" not allowed.', { method: 'POST', body: {} });
    expect((await scale.ask('GET', '/v3/version/')).json).to.deep.equal({ version: '3.0.0' });
  });
});
