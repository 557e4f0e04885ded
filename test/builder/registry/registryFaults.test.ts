import { expect } from 'chai';
import type { Reason } from '../../../builder/model/faults.ts';
import { readChallenge } from '../../../builder/steps/registry/challenge.ts';
import { answerFault, pushFault } from '../../../builder/steps/registry/registryFaults.ts';
import { registryAuthHeader, registryConfigHeader } from '../../../builder/steps/registry/registryHeaders.ts';

const withCredential = { hasCredential: true, retried: false };
const withoutCredential = { hasCredential: false, retried: false };

describe('what an engine says of a push', () => {
  const cases: [message: string, reason: Reason][] = [
    ['no basic auth credentials', 'registry_auth'],
    ['unauthorized: authentication required', 'registry_auth'],
    ['unauthorized', 'registry_auth'],
    ['unauthorized: incorrect username or password', 'registry_auth'],
    [
      'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://a.example/token: 401 Unauthorized',
      'registry_auth',
    ],
    ['denied: requested access to the resource is denied', 'registry_denied'],
    ['denied', 'registry_denied'],
    ['unauthorized: unauthorized to access repository: x/y, action: push', 'registry_denied'],
    [
      'push access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      'registry_denied',
    ],
    [
      'unexpected status from POST request to https://r.example/v2/x/blobs/uploads/: 403 Forbidden',
      'registry_denied',
    ],
    ['name unknown: The repository with name x does not exist in the registry', 'registry_denied'],
    ['received unexpected HTTP status: 404 Not Found', 'registry_denied'],
    ['EOF', 'registry_unreachable'],
    ['Put "https://r.example/v2/immutable/denied/manifests/1": EOF', 'registry_unreachable'],
    ['received unexpected HTTP status: 502 Bad Gateway', 'registry_unreachable'],
    [
      'unexpected status from PUT request to https://r.example/v2/x/manifests/1: 503 Service Unavailable',
      'registry_unreachable',
    ],
    [
      'Get "https://denied.example/v2/": dial tcp 10.0.0.1:443: connect: connection refused',
      'registry_unreachable',
    ],
    [
      'Get "https://x.invalid/v2/": dial tcp: lookup x.invalid on 10.0.0.53:53: no such host',
      'registry_unreachable',
    ],
    [
      'Get "https://x/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      'registry_unreachable',
    ],
    ['net/http: TLS handshake timeout', 'registry_unreachable'],
    ['write tcp 10.0.0.2:4->10.0.0.1:443: write: broken pipe', 'registry_unreachable'],
    ['toomanyrequests: slow down', 'registry_unreachable'],
    [
      'error parsing HTTP 429 response body: invalid character \'s\' looking for beginning of value: "slow"',
      'registry_unreachable',
    ],
    ['blob upload unknown', 'registry_unreachable'],
    ['manifest invalid: manifest invalid', 'push_failed'],
    ['tag invalid: The image tag already exists and is immutable', 'push_failed'],
    ['denied: the tag 1 is immutable', 'push_failed'],
    ['received unexpected HTTP status: 507 Insufficient Storage', 'push_failed'],
    ['error parsing HTTP 413 response body: invalid character', 'push_failed'],
    ['Get "https://10.0.0.1/v2/": http: server gave HTTP response to HTTPS client', 'push_failed'],
    ['Get "https://10.0.0.1/v2/": x509: certificate signed by unknown authority', 'push_failed'],
    ['write /var/lib/docker/tmp/x: no space left on device', 'disk_full'],
  ];
  for (const [message, reason] of cases)
    it(`"${message.slice(0, 70)}" is ${reason}`, () => {
      const fault = pushFault('a/b:1', message, withCredential);
      expect(fault.reason).to.equal(reason);
      expect(fault.message).to.equal(`a/b:1 could not be pushed: ${message}`);
    });

  it('"denied" wants a credential where there was none', () => {
    const fault = pushFault('a', 'denied', withoutCredential);
    expect(fault.reason).to.equal('registry_auth');
    expect(fault.message).to.match(/^a could not be pushed: denied \(it was asked without a credential/);
  });

  it('what is not a registry, or has no such name, wants no credential', () => {
    const message = 'error parsing HTTP 404 response body: unexpected end of JSON input: ""';
    const fault = pushFault('a', message, withoutCredential);
    expect(fault.reason).to.equal('registry_denied');
    expect(fault.message).to.equal(`a could not be pushed: ${message}`);
  });

  it('is final where the engine had tried again for long', () => {
    expect(pushFault('a', 'EOF', withCredential).isFinal).to.equal(false);
    expect(pushFault('a', 'EOF', { hasCredential: true, retried: true }).isFinal).to.equal(true);
  });
});

describe('what a registry answers', () => {
  const cases: [status: number, reason: Reason][] = [
    [400, 'push_failed'],
    [401, 'registry_auth'],
    [403, 'registry_denied'],
    [404, 'registry_denied'],
    [413, 'push_failed'],
    [429, 'registry_unreachable'],
    [500, 'registry_unreachable'],
    [503, 'registry_unreachable'],
    [507, 'push_failed'],
  ];
  for (const [status, reason] of cases)
    it(`${status} is ${reason}`, () => {
      const fault = answerFault('a:1', { status, said: 'no', retryAfterMs: 5 }, true);
      expect(fault).to.include({
        reason,
        retryAfterMs: 5,
        message: `a:1: the registry answered ${status}: no`,
      });
    });
});

describe('what a registry wants to be shown', () => {
  const bearer = 'Bearer realm="https://a/t?x=1,2",service="s \\"1\\"",scope="r:a:pull,push"';
  const entries = { realm: 'https://a/t?x=1,2', service: 's "1"', scope: 'r:a:pull,push' };

  it('is a token before a password', () => {
    for (const header of [bearer, `Basic realm="x", ${bearer}`, `${bearer}, basic realm=x`]) {
      const challenge = readChallenge(header);
      expect(challenge?.scheme).to.equal('bearer');
      expect(Object.fromEntries(challenge?.parameters ?? [])).to.deep.equal(entries);
    }
  });

  it('is a password where it is nothing else', () => {
    expect(readChallenge('Basic realm="Bearer x"')?.scheme).to.equal('basic');
    expect(readChallenge('Negotiate, BASIC')?.scheme).to.equal('basic');
  });

  it('is nothing where it is not known, or endless', () => {
    for (const header of [undefined, '', 'Negotiate', 'Bearerx y=z', `Bearer ${'a'.repeat(10_000)}`])
      expect(readChallenge(header)).to.equal(undefined);
  });
});

describe('credentials for the engine', () => {
  const decode = (header: string | undefined): unknown =>
    JSON.parse(Buffer.from(header ?? '', 'base64url').toString());

  it('are written with the padding that the engine wants, whatever their length', () => {
    for (const password of ['a', 'ab', 'abc', '???>>>']) {
      const header = registryAuthHeader({ username: 'bob', password }, 'quay.io')['X-Registry-Auth'];
      expect(header).to.match(/^[\w-]+={0,2}$/);
      expect(header.length % 4).to.equal(0);
      expect(decode(header)).to.deep.equal({ username: 'bob', password, serveraddress: 'quay.io' });
    }
  });

  it('are empty for a push without one, and not sent with a build without one', () => {
    expect(decode(registryAuthHeader(undefined, 'quay.io')['X-Registry-Auth'])).to.deep.equal({});
    expect(registryConfigHeader(new Map())).to.deep.equal({});
  });

  it('are by the names that the engine keeps them under', () => {
    const header = registryConfigHeader(
      new Map([
        ['docker.io', { identityToken: 't' }],
        ['r.example:5000', { identityToken: 'u' }],
      ]),
    );
    expect(decode(header['X-Registry-Config'])).to.deep.equal({
      'https://index.docker.io/v1/': { identitytoken: 't', serveraddress: 'https://index.docker.io/v1/' },
      'r.example:5000': { identitytoken: 'u', serveraddress: 'r.example:5000' },
    });
  });
});
