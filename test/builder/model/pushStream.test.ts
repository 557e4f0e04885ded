import { expect } from 'chai';
import { BuildFault } from '../../../builder/model/faults.ts';
import { createPushStream, type PushOutcome } from '../../../builder/model/pushStream.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

function layer(id: string, status: string, current?: number, total?: number): object {
  return { id, status, progressDetail: current === undefined ? {} : { current, total } };
}

/** Feeds messages that come `stepMs` after each other. */
function push(messages: object[], stepMs = 0): { lines: string[]; outcome: PushOutcome } {
  const lines: string[] = [];
  let now = 0;
  const stream = createPushStream({ onProgress: (line) => lines.push(line), now: () => now });
  for (const message of messages) {
    now += stepMs;
    stream.write(Buffer.from(`${JSON.stringify(message)}\r\n`));
  }
  return { lines, outcome: stream.end() };
}

describe('the stream of a push', () => {
  it('becomes one line a second', () => {
    const messages = [
      layer('a', 'Preparing'),
      layer('b', 'Waiting'),
      layer('b', 'Layer already exists'),
      ...Array.from({ length: 3000 }, (_, i) => layer('a', 'Pushing', i * 1000, 3_000_000)),
      layer('a', 'Pushed'),
    ];
    const { lines, outcome } = push(messages, 1);
    expect(lines).to.deep.equal([
      'pushed 1.0 of 3.0 MB, 1 of 2 layers',
      'pushed 2.0 of 3.0 MB, 1 of 2 layers',
      'pushed 3.0 of 3.0 MB, 1 of 2 layers',
    ]);
    expect(outcome.summary).to.equal('3.0 MB in 1 layer, 1 layer there already');
  });

  it('says nothing twice while nothing goes on, and counts what the engine tries again', () => {
    const messages = [5, 4, 3, 2, 1].map((left) => layer('a', `Retrying in ${left} seconds`));
    const { lines, outcome } = push([layer('a', 'Pushing', 9, 5_000_000), ...messages], 1000);
    expect(lines).to.deep.equal([
      'pushed 0.0 of 5.0 MB, 0 of 1 layer',
      'pushed 0.0 of 5.0 MB, 0 of 1 layer, 1 layer being tried again',
    ]);
    expect(outcome.retried).to.equal(true);
  });

  it('speaks of no bytes until the engine has', () => {
    const { lines } = push([layer('a', 'Retrying in 5 seconds'), layer('b', 'Waiting')], 1000);
    expect(lines).to.deep.equal([
      'pushed 0 of 1 layer, 1 layer being tried again',
      'pushed 0 of 2 layers, 1 layer being tried again',
    ]);
  });

  it('never has more pushed than there is', () => {
    const { lines } = push([layer('a', 'Pushing', 2_124_800, 1_984_200)], 1000);
    expect(lines).to.deep.equal(['pushed 2.0 of 2.0 MB, 0 of 1 layer']);
  });

  it('counts layers that were taken over from another repository as there already', () => {
    const { outcome } = push([layer('a', 'Mounted from a/b'), layer('b', 'Layer already exists')]);
    expect(outcome.summary).to.equal('0.0 MB in 0 layers, 2 layers there already');
  });

  it('gives the digest, from either of the ways in which engines say it', () => {
    const pushed = { digest, size: 527 };
    expect(push([{ aux: { Tag: '1', Digest: digest, Size: 527 } }]).outcome.pushed).to.deep.equal(pushed);
    expect(push([{ status: `1: digest: ${digest} size: 527` }]).outcome.pushed).to.deep.equal(pushed);
    expect(push([{ id: '1', status: `digest: ${digest} size: 527` }]).outcome.pushed).to.deep.equal(pushed);
    expect(push([{ aux: { Digest: 'sha256:1' } }, { aux: null }]).outcome.pushed).to.equal(undefined);
  });

  it('gives the first error', () => {
    const { outcome } = push([
      { errorDetail: { message: 'denied' }, error: 'denied' },
      { errorDetail: { message: 'second' } },
    ]);
    expect(outcome).to.include({ error: 'denied', pushed: undefined, incomplete: false });
  });

  it('is incomplete inside a message, and refuses what is none', () => {
    const stream = createPushStream({ onProgress: () => undefined, now: () => 0 });
    stream.write(Buffer.from('{"status":"Pu'));
    expect(stream.end().incomplete).to.equal(true);
    expect(() => stream.write(Buffer.from('\n[]\n'))).to.throw(BuildFault);
  });

  it('stays small whatever it is told', () => {
    const many = Array.from({ length: 5000 }, (_, i) => layer(`l${i}`, 'Pushing', 1, 1e15));
    const { lines } = push([...many, { id: 7, status: 8, progressDetail: 'x' }], 1);
    expect(lines.at(-1)).to.match(/of 1000 layers$/);
  });
});
