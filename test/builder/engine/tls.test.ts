import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../builder/model/engineAddress.ts';
import { connectEngine, type Engine } from '../../../builder/steps/engine/engine.ts';
import { readEngineAddress } from '../../../server/config/engineAddress.ts';
import { importBusybox } from '../../fixtures/baseImage.ts';
import { makeCertificates } from '../../fixtures/certificates.ts';
import { startEngine, type TestEngine } from '../../fixtures/engine.ts';
import { freePort } from '../../fixtures/freePort.ts';
import { build } from './builds.ts';

describe('an engine behind TLS', () => {
  let folder: string;
  let test: TestEngine;
  let own: { client: string; server: string };
  let foreign: { client: string };
  let port: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dbtls-'));
    own = await makeCertificates(join(folder, 'own'));
    foreign = await makeCertificates(join(folder, 'foreign'));
    port = await freePort();
    const pem = (name: string) => join(own.server, `${name}.pem`);
    const files = [`--tlscacert=${pem('ca')}`, `--tlscert=${pem('cert')}`, `--tlskey=${pem('key')}`];
    test = await startEngine({ arguments: [`--host=tcp://127.0.0.1:${port}`, '--tlsverify', ...files] });
    await importBusybox(test);
  });
  after(async () => {
    await test.close();
    await rm(folder, { recursive: true, force: true });
  });

  const withFiles = async (ca: string, client?: string): Promise<Engine> => {
    const who = client !== undefined && { cert: join(client, 'cert.pem'), key: join(client, 'key.pem') };
    const settings = { name: 'far', address: `tcp://127.0.0.1:${port}`, ca: join(ca, 'ca.pem'), ...who };
    return connectEngine({ name: 'far', address: await readEngineAddress(settings) });
  };
  const refusal = (engine: Engine) => engine.ping().catch((error: unknown) => error);

  it('builds for whoever has a certificate, named by the settings or by DOCKER_CERT_PATH', async () => {
    const { fault } = await build(await withFiles(own.client, own.client), {
      dockerfile: 'FROM busybox\nRUN echo far\n',
    });
    expect(fault).to.equal(undefined);
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_CERT_PATH: own.client };
    const usual = connectEngine({ name: 'usual', address: engineAddress(env) });
    expect((await usual.ping()).os).to.equal('linux');
  });

  it('is unreachable for whoever has none, or that of another authority', async () => {
    for (const client of [undefined, foreign.client]) {
      const fault = await refusal(await withFiles(own.client, client));
      expect(fault).to.include({ reason: 'engine_unreachable' });
      expect(fault)
        .to.have.property('message')
        .that.matches(/the engine far cannot be reached: TLS: .*certificate/i);
    }
  });

  it('is unreachable where it is not the one that we trust', async () => {
    const fault = await refusal(await withFiles(foreign.client, own.client));
    expect(fault).to.include({ reason: 'engine_unreachable' });
    expect(fault).to.have.property('message').that.matches(/TLS: /);
  });

  it('takes no plain connection', async () => {
    const plain = connectEngine({ name: 'far', address: { kind: 'tcp', host: '127.0.0.1', port } });
    expect(await refusal(plain))
      .to.have.property('message')
      .that.matches(/HTTPS server/);
  });
});
