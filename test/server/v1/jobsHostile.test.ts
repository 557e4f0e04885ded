import { expect } from 'chai';
import fc from 'fast-check';
import { changeJobBody, createJobBody } from '../../../server/doors/v1/schemas/jobRequests.ts';
import { openV1, type V1 } from './fixture.ts';

const fields = Object.keys(createJobBody.shape);
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    -1,
    0,
    1.5,
    1e300,
    2 ** 31,
    '',
    '\0',
    '\ud800',
    '__proto__',
    '../..',
    'ver_',
    ' ',
    'x'.repeat(5000),
  ),
);

describe('requests that nobody sends in good faith', () => {
  let v1: V1;
  before(async () => (v1 = await openV1()));
  after(() => v1[Symbol.asyncDispose]());

  it('make jobs or are refused, and never a failure of the server', async () => {
    const usual = { project_id: 'p1', name: 'n', slug: 's', endpoint_url: 'http://127.0.0.1/' };
    const { id } = await v1.job();
    const body = fc.dictionary(fc.constantFrom(...fields, 'image', 'foo'), odd, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(body, async (given) => {
        const made = await v1.post('/v1/jobs', { ...usual, ...given });
        expect(made.status, made.text).to.be.oneOf([201, 400, 409]);
        const changed = await v1.patch(`/v1/jobs/${id}`, given);
        expect(changed.status, changed.text).to.be.oneOf([200, 400, 409]);
      }),
      { numRuns: 150 },
    );
  });

  it('may be nested as deeply as they like', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    for (const field of ['foo', 'payload_schema', 'tags', 'image', 'retry_delays_secs']) {
      const body = `{"project_id":"p1","name":"n","slug":"deep","endpoint_url":"http://127.0.0.1/","${field}":${deep}}`;
      expect((await v1.post('/v1/jobs', body)).status, field).to.be.oneOf([201, 400, 409]);
    }
    const schema = `{"items":${'{"items":'.repeat(50_000)}{}${'}'.repeat(50_000)}}`;
    const { status, json } = await v1.patch('/v1/jobs/deep', `{"payload_schema":${schema}}`);
    expect([status, json['error']]).to.deep.equal([
      400,
      'invalid payload_schema: a value is nested too deeply (max 500 levels)',
    ]);
  });

  it('may name what cannot be a name', async () => {
    const { id } = await v1.job();
    for (const path of ['versions/%00', 'dependencies/%00', 'versions/x', `versions/${'9'.repeat(5000)}`])
      expect((await v1.get(`/v1/jobs/${id}/${path}`)).status, path).to.be.oneOf([404, 405]);
    expect((await v1.delete(`/v1/jobs/${id}/dependencies/%00`)).status).to.equal(404);
    for (const query of [
      'project_id=%00',
      'project_id=p1&slug=%00',
      'project_id=p1&tag_key=%00',
      'project_id=p1&tag_key=a&tag_value=%00',
    ])
      expect((await v1.get(`/v1/jobs?${query}`)).status, query).to.be.oneOf([400, 404]);
    const far = await v1.get('/v1/jobs?project_id=p1&cursor=2026-01-01T00:00:00.0009999999999Z');
    expect(far.status).to.equal(200);
  });

  it('are longer than is taken', async () => {
    const { status, json } = await v1.post('/v1/jobs', `{"x":"${'x'.repeat(6 * 1024 * 1024)}"}`);
    expect([status, json['code']]).to.deep.equal([413, 'payload_too_large']);
  });

  it('cannot change what only creation sets', () => {
    expect(Object.keys(changeJobBody.shape)).to.not.include.members(['project_id', 'id', 'version']);
  });
});
