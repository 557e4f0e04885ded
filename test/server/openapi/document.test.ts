import { expect } from 'chai';
import { z } from 'zod';
import { collectComponents } from '../../../server/app/openapi/components.ts';
import { documentPath } from '../../../server/app/openapi/document.ts';
import { operationGroups } from '../../../server/app/openapi/operations.ts';
import { operationKey } from '../../../server/http/operation.ts';
import { allRoutes } from '../../fixtures/routes.ts';
import { openTestWeb, type TestWeb } from '../access/webFixture.ts';

interface Shown {
  operationId: string;
  tags: string[];
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
}

interface Shape {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Shown>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

describe('the document of the interface', () => {
  let web: TestWeb;
  let routes: ReturnType<typeof allRoutes>;
  let shown: Shape;
  let operations: [path: string, method: string, operation: Shown][];

  before(async () => {
    web = await openTestWeb();
    routes = allRoutes(web.app);
    const { status, text, headers } = await web.ask('GET', '/openapi.json');
    expect(status, text).to.equal(200);
    expect(headers['content-type']).to.match(/^application\/json/);
    shown = JSON.parse(text) as Shape;
    operations = Object.entries(shown.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): [string, string, Shown] => [path, method, one]),
    );
  });
  after(() => web.close());

  it('knows every route, and no other', () => {
    const known = operations.map(([path, method]) => `${method} ${path}`);
    const there = routes.map(({ method, path }) => `${method} ${documentPath(path)}`);
    expect(known.toSorted()).to.deep.equal(there.toSorted());
    const described = operationGroups.flatMap((group) => Object.keys(group.operations));
    expect(described.toSorted()).to.deep.equal(routes.map(operationKey).toSorted());
  });

  it('says who may', () => {
    for (const { method, path, rule } of routes) {
      const security = shown.paths[documentPath(path)]?.[method]?.security ?? [];
      const expected = path.startsWith('/sdk/') ? [{ runToken: [] }] : [];
      if (rule === 'public' || rule === 'signed') expect(security, path).to.deep.equal(expected);
      else expect(security, path).to.deep.equal([{ key: [rule] }, { password: [] }, { session: [] }]);
    }
  });

  it('hangs together', () => {
    expect(shown.openapi).to.equal('3.1.0');
    const ids = operations.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    const tags = shown.tags.map(({ name }) => name);
    for (const [path, , operation] of operations) {
      expect(tags).to.include.members(operation.tags);
      const inPath = (operation.parameters ?? []).flatMap((one) => (one.in === 'path' ? [one.name] : []));
      expect(inPath.map((name) => `{${name}}`)).to.deep.equal(path.match(/\{\w+\}/g) ?? []);
      expect(Object.keys(operation.responses))
        .to.include('default')
        .and.to.match(/[23]\d\d/);
      for (const security of operation.security)
        expect(Object.keys(shown.components.securitySchemes)).to.include.members(Object.keys(security));
    }
    const named = new Set(Object.keys(shown.components.schemas));
    const referred = JSON.stringify(shown).match(/(?<="\$ref":")[^"]+/g) ?? [];
    const missing = referred.filter(
      (reference) => !named.has(reference.replace('#/components/schemas/', '')),
    );
    expect(missing).to.deep.equal([]);
  });

  it('describes what it takes and gives', () => {
    const { Job, JobRun, Problem } = shown.components.schemas as Record<string, { required: string[] }>;
    expect(Job?.required).to.include.members(['id', 'project_id', 'slug', 'version_id', 'created_at']);
    expect(JobRun?.required).to.include.members(['id', 'job_id', 'status', 'attempt', 'created_at']);
    expect(Problem?.required).to.include.members(['error', 'message', 'code', 'request_id']);
    expect(JSON.stringify(shown.components.schemas['CreateJobRequest'])).to.include('"retry_strategy"');
  });

  it('is for everybody, and asked for again costs nothing', async () => {
    const { headers } = await web.ask('GET', '/openapi.json');
    const again = await web.ask('GET', '/openapi.json', { headers: { 'If-None-Match': headers['etag'] } });
    expect([again.status, again.text]).to.deep.equal([304, '']);
    const page = await web.ask('GET', '/docs.html');
    expect(page.status).to.equal(200);
    expect(page.text).not.to.match(/<script(?![^>]*src="page\/)|style="|https?:\/\//);
  });

  it('refuses two schemas of one name', () => {
    const components = collectComponents();
    const named = () => z.object({ a: z.string() }).meta({ id: 'Twice' });
    expect(components.refer(z.array(named()))).to.deep.equal({
      type: 'array',
      items: { $ref: '#/components/schemas/Twice' },
    });
    components.refer(named());
    expect(Object.keys(components.named())).to.deep.equal(['Twice']);
    const other = z.object({ b: z.string() }).meta({ id: 'Twice' });
    expect(() => components.refer(other)).to.throw('two schemas of the document are named Twice');
  });
});
