import { expect } from 'chai';
import fc from 'fast-check';
import { parseImageReference, registryName } from '../../builder/model/imageReference.ts';
import { accessPolicyOf } from '../../server/accessPolicy.ts';
import { readEnvironment } from '../../server/config/environment.ts';
import { checkSettings } from '../../server/config/settingsSchema.ts';
import type { Registry } from '../../server/configuration.ts';

const login = { username: 'robot', password: 'pass' };
const registries: Registry[] = [
  { host: 'quay.io', path: 'acme', projects: ['acme'], credential: login },
  { host: 'docker.io', path: 'acme', projects: ['acme'], credential: login },
  { host: 'r.internal:5000', path: undefined, projects: ['acme'], credential: undefined },
  { host: '169.254.1.1', path: undefined, projects: ['acme'], credential: undefined },
];

/** One name has many spellings, and a rule that knows one of them is none. */
describe('attack: a name of an image that belongs to somebody else', () => {
  const policy = accessPolicyOf(
    {
      environment: readEnvironment({ DOCKER_BUILDER_CFGUN: 'me', DOCKER_BUILDER_CFGPASS: 'mine' }),
      current: {
        settings: checkSettings({}).settings,
        credentials: new Map(),
        secrets: new Map(),
        registries,
      },
    },
    { DOCKER_CONFIG: '/nowhere' },
  );
  const refused = (name: string, project = 'other') => policy.refusedName(name, project);

  const official = [
    'busybox',
    'library/busybox',
    'docker.io/busybox',
    'docker.io/library/busybox',
    'DOCKER.IO/library/busybox',
    'docker.io:443/library/busybox',
    'docker.io:0443/busybox',
    'index.docker.io/busybox',
    'index.docker.io:443/library/busybox',
    'Registry-1.Docker.io/library/busybox',
    'registry-1.docker.io/busybox',
    'registry.hub.docker.com/library/busybox',
  ];
  for (const name of official)
    it(`${name} is Docker's own`, () => expect(refused(name, 'acme')).to.match(/Docker's own/));

  const foreign = [
    'quay.io/acme',
    'quay.io/acme/app',
    'QUAY.io/acme/app',
    'quay.io:443/acme/app',
    'quay.io:00443/acme/app',
    'acme/app',
    'docker.io/acme/app',
    'index.docker.io/acme/app',
    'registry-1.docker.io/acme/app',
    'registry-1.docker.io:443/acme/app',
    'r.internal:5000/any',
    'r.internal:05000/any/thing',
    'R.Internal:5000/any',
  ];
  for (const name of foreign)
    it(`${name} is for its project only`, () => {
      expect(refused(name)).to.match(/do not let other/);
      expect(refused(name, 'acme')).to.equal(undefined);
    });

  const none = [
    'quay.io./acme/app',
    'docker.io./library/busybox',
    'quay.io//acme/app',
    'quay.io/acme/../acme/app',
    'quay.io/./acme/app',
    'quay.io/acme/app/',
    '/quay.io/acme/app',
    ' quay.io/acme/app',
    'quay.io/acme/app\n',
    'quay.io\t/acme/app',
    'quay.io:/acme/app',
    'quay.io:443:443/acme/app',
    'quay.io/Acme/app',
    'quay。io/acme/app',
    'ｑuay.io/acme/app',
    'quay.io/аcme/app',
    'quay.io/acme%2fapp',
    'user@quay.io/acme/app',
    'http://quay.io/acme/app',
    'quay.io\\acme\\app',
    'x/acme\u0000/app',
  ];
  for (const name of none)
    it(`${JSON.stringify(name)} is no name at all`, () =>
      expect(refused(name)).to.match(/is no name of an image/));

  const free = [
    'quay.io/acmes/app',
    'quay.io/other/acme',
    'other/app',
    'r.internal/any',
    'quay.io:444/acme/x',
  ];
  for (const name of [...free, 'localhost/library/x', 'localhost:5000/acme/app', '10.0.0.5:5000/x'])
    it(`${name} is free`, () => expect(refused(name)).to.equal(undefined));

  const metadata = [
    '169.254.169.254',
    '169.254.169.254:80',
    '0xa9fea9fe:80',
    '2852039166:80',
    '0251.0376.0251.0376',
    '[fd00:ec2::254]',
    '[fe80::1]:5000',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]:80',
    '100.100.100.200',
    'metadata.google.internal',
  ];
  for (const host of metadata)
    it(`${host} is no registry`, () => expect(policy.refusedRegistry(host)).to.match(/no place for images/));

  it('a link-local registry that the settings list is one', () => {
    expect(policy.refusedRegistry('169.254.1.1')).to.equal(undefined);
    expect(policy.refusedRegistry('169.254.1.1:443')).to.equal(undefined);
    expect(policy.refusedRegistry('169.254.1.1:80')).to.match(/no place/);
  });

  it('brings the credential of its project with no spelling either', async () => {
    for (const host of [
      'quay.io',
      'quay.io:443',
      'index.docker.io',
      'registry-1.docker.io',
      'docker.io:443',
    ]) {
      expect(await policy.registry(host, 'other'), host).to.equal(undefined);
      expect(await policy.registry(host, 'acme'), host).to.equal(login);
    }
    for (const host of ['quay.io.evil.example', 'quay.io:5000', 'evil.example', 'docker.io.evil.example'])
      expect(await policy.registry(host, 'acme'), host).to.equal(undefined);
  });

  it('never differs by the case of its host, nor by what may stand before a port', () => {
    const host = fc.domain();
    const property = fc.property(host, fc.nat(65_535), fc.nat(3), (name, port, zeros) => {
      const one = `${name}:${port}/x/y`;
      const other = `${name.toUpperCase()}:${'0'.repeat(zeros)}${port}/x/y`;
      const [a, b] = [one, other].map((text) => parseImageReference(text)?.host);
      if (a !== undefined && b !== undefined) expect(registryName(a)).to.equal(registryName(b));
    });
    fc.assert(property, { numRuns: 300 });
  });
});
