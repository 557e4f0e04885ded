import { expect } from 'chai';
import { knownHoles } from '../../../builder/model/knownHoles.ts';
import { runNetwork } from '../../../builder/model/runNetwork.ts';
import { negotiatedVersion } from '../../../builder/steps/engine/engineInfo.ts';
import { fits } from '../../../server/room/engines/fits.ts';
import { labelsOf } from '../../../server/room/engines/seat.ts';

const about = (platform: string) => ({ version: '1', apiVersion: '1.41', platform, warnings: [] });

describe('known holes of an engine', () => {
  const holes = (name: string, version: string): string =>
    knownHoles([{ name, version }])
      .flatMap((text) => text.match(/CVE-\d+-\d+|GHSA-[\w-]+/) ?? [])
      .join(' ');
  const leaky = 'CVE-2024-21626';
  const masked = 'CVE-2025-31133';

  for (const [component, version, expected] of [
    ['runc', '1.1.5+ds1', `${leaky} ${masked}`],
    ['runc', '1.1.11', `${leaky} ${masked}`],
    ['runc', '1.1.12', masked],
    ['runc', '1.0.0~rc93+ds1', `${leaky} ${masked}`],
    ['runc', '1.2.7', masked],
    ['runc', '1.2.8', ''],
    ['runc', '1.3.0-rc.2', masked],
    ['runc', '1.3.2', masked],
    ['runc', '1.3.3', ''],
    ['runc', '1.4.0-rc.2', masked],
    ['runc', '1.4.0-rc.3', ''],
    ['runc', '1.4.0', ''],
    ['runc', '2.0.0', ''],
    ['runc', 'unknown', ''],
    ['buildkit', 'v0.12.4', 'CVE-2024-23651 GHSA-4c29-8rgm-jvjj'],
    ['BuildKit', 'v0.12.5', 'GHSA-4c29-8rgm-jvjj'],
    ['buildkit', '0.28.0', 'GHSA-4c29-8rgm-jvjj'],
    ['buildkit', '0.28.1', ''],
    ['Engine', '20.10.24+dfsg1', 'CVE-2024-23651'],
    ['Engine', '24.0.9', ''],
    ['Engine', '25.0.1', 'CVE-2024-23651'],
    ['Engine', '26.1.5', ''],
    ['containerd', '1.0.0', ''],
  ] as const)
    it(`of ${component} ${version} are ${expected || 'none'}`, () => {
      expect(holes(component, version)).to.equal(expected);
    });

  it('are told with what they mean, and that the distribution may have mended them', () => {
    expect(knownHoles([{ name: 'runc', version: '1.3.1' }])).to.deep.equal([
      'runc 1.3.1 may have CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881: a build may leave its container. ' +
        'It is mended in 1.2.8, 1.3.3 or 1.4.0-rc.3, or by your distribution.',
    ]);
  });
});

describe('an engine fits a platform', () => {
  const own = (platform: string, labels = {}) => ({ about: about(platform), labels });
  for (const [engine, platform, expected] of [
    [own('linux/amd64'), 'linux/amd64', true],
    [own('linux/amd64'), 'linux/arm64', false],
    [own('linux/amd64'), 'windows/amd64', false],
    [own('linux/x86_64'), 'linux/amd64', true],
    [own('linux/arm64'), 'linux/arm64/v8', true],
    [own('linux/arm64'), 'linux/aarch64', true],
    [own('linux/arm'), 'linux/arm/v7', true],
    [own('linux/arm64'), 'linux/arm/v7', false],
    [own('linux/amd64', { platform: 'linux/arm/v6' }), 'linux/arm/v7', false],
    [own('linux/amd64', { platform: 'linux/arm64' }), 'linux/amd64', false],
    [own('linux/amd64', { platform: 'linux/amd64, linux/arm64' }), 'linux/arm64', true],
    [{ about: undefined, labels: {} }, 'linux/amd64', false],
  ] as const)
    it(`${JSON.stringify(labelsOf(engine))}: ${platform} ${expected}`, () => {
      expect(fits(engine, platform)).to.equal(expected);
    });
});

describe('the network of RUN', () => {
  it('is what was asked for, at most what the engine allows', () => {
    const table = [undefined, 'bridge', 'none'].map((wish) =>
      [undefined, 'default', 'none', 'builds'].map((allowed) => runNetwork(wish, allowed) ?? '-'),
    );
    expect(table).to.deep.equal([
      ['-', 'default', 'none', 'builds'],
      ['bridge', 'default', 'none', 'builds'],
      ['none', 'none', 'none', 'none'],
    ]);
  });
});

describe('the version that is spoken with an engine', () => {
  it("is the engine's own, up to the newest that we know", () => {
    const spoken = Array.from({ length: 20 }, (_, i) => negotiatedVersion(`1.${40 + i}`));
    expect(spoken.slice(0, 12)).to.deep.equal(Array.from({ length: 12 }, (_, i) => `/v1.${40 + i}`));
    expect(new Set(spoken.slice(11))).to.deep.equal(new Set(['/v1.51']));
  });
});
