import { expect } from 'chai';
import { readEngineAddress } from '../../../server/config/engineAddress.ts';
import { readEnvironment } from '../../../server/config/environment.ts';
import { ConfigError } from '../../../server/config/mistakes.ts';
import { checkSettings } from '../../../server/config/settingsSchema.ts';
import { createEngineList } from '../../../server/engineList.ts';

function mistakesOf(engine: object): string[] {
  try {
    checkSettings({ engines: [{ name: 'x', address: 'unix:///s', ...engine }] });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ place, problem }) => `${place.replace('engines[0]', '')} ${problem}`);
  }
}

const whole = {
  name: 'arm',
  address: 'ssh://builder@arm.example:2222',
  slots: 3,
  labels: { platform: 'linux/arm64', rack: 'b 7' },
  memoryBytes: 1e9,
  cpus: 1.5,
  network: 'none',
  dedicated: true,
  disk: { highBytes: 50e9, lowBytes: 40e9 },
};

describe('engines in the settings', () => {
  it('may say where they are, what they are good for, and what their builds get', async () => {
    const { settings } = checkSettings({ engines: [whole, { name: 'plain', address: 'unix:///s' }] });
    expect(settings.engines).to.deep.equal([whole, { name: 'plain', address: 'unix:///s' }]);
    const listed = await createEngineList({}, readEnvironment({ DOCKER_BUILDER_CONCURRENCY: '5' }))(settings);
    expect(listed.map(({ engine }) => engine.name)).to.deep.equal(['arm', 'plain']);
    expect(listed.map(({ engine: _connection, ...rest }) => rest)).to.deep.equal([
      {
        slots: 3,
        labels: whole.labels,
        terms: { memoryBytes: 1e9, cpus: 1.5, network: 'none' },
        dedicated: true,
        disk: whole.disk,
      },
      { slots: 5, labels: {}, terms: {}, dedicated: false, disk: undefined },
    ]);
    expect(await readEngineAddress(whole)).to.deep.equal({
      kind: 'ssh',
      user: 'builder',
      host: 'arm.example',
      port: 2222,
    });
  });

  it('stay connected whatever changes but their address', async () => {
    const list = createEngineList({}, readEnvironment({}));
    const engineOf = async (engine: object) => {
      const [first] = await list(
        checkSettings({ engines: [{ name: 'x', address: 'unix:///s', ...engine }] }).settings,
      );
      return first?.engine;
    };
    const engine = await engineOf({});
    expect(await engineOf({ slots: 9, labels: { a: 'b' }, cpus: 1, dedicated: true })).to.equal(engine);
    expect(await engineOf({ address: 'unix:///t' })).not.to.equal(engine);
  });

  it('are refused with every mistake and its place', () => {
    expect(mistakesOf({ address: 'ssh://-oProxyCommand=x' })).to.deep.equal([
      '.address must be unix:///path, tcp://host:port or ssh://[user@]host[:port]',
    ]);
    expect(mistakesOf({ address: 'ssh://h', ca: '/c' })).to.deep.equal([
      ' can have ca, cert and key with tcp:// only',
    ]);
    expect(mistakesOf({ disk: { highBytes: 5, lowBytes: 5 } })).to.deep.equal([
      '.disk.lowBytes must be less than highBytes',
    ]);
    expect(mistakesOf({ network: 'a b' })).to.deep.equal([
      '.network must be default, none or the name of a network',
    ]);
    const places = mistakesOf({
      labels: { 'a b': 'x', c: '', d: 1 },
      memoryBytes: 1024,
      cpus: 0,
      dedicated: 'yes',
      disk: { highBytes: 1, lowBytes: 0, colour: 1 },
    }).map((mistake) => mistake.split(' ', 1)[0]);
    expect(places).to.have.members([
      '.labels.a',
      '.labels.c',
      '.labels.d',
      '.memoryBytes',
      '.cpus',
      '.dedicated',
      '.disk.colour',
    ]);
  });
});
