import { expect } from 'chai';
import fc from 'fast-check';
import { createCircuits } from '../../../server/room/http/circuits.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { startReceiver } from '../notify/receiver.ts';
import { openHttpWorld } from './httpWorld.ts';

const origin = 'http://a';

function newCircuits() {
  const clock = { now: 1000 };
  const circuits = createCircuits({ now: () => clock.now, threshold: 3, pauseMs: 100, maxPauseMs: 300 });
  /** Asks and fails or not; the time before which nobody may ask, where that is so. */
  function ask(verdict: 'ok' | 'failed' | 'unknown', of = origin): number | undefined {
    const pass = circuits.enter(of);
    if ('reopensAt' in pass) return pass.reopensAt;
    pass.done(verdict);
    return undefined;
  }
  return { clock, circuits, ask };
}

describe('the circuits of endpoints', () => {
  it('open after failures in a row, for a pause that grows', () => {
    const { clock, ask } = newCircuits();
    const pauses: number[] = [];
    for (let i = 0; i < 3; i++) expect(ask('failed')).to.equal(undefined);
    for (let i = 0; i < 4; i++) {
      const reopensAt = ask('failed') ?? 0;
      pauses.push(reopensAt - clock.now);
      clock.now = reopensAt;
      expect(ask('failed')).to.equal(undefined);
    }
    expect(pauses).to.deep.equal([100, 200, 300, 300]);
  });

  it('are closed by one success', () => {
    const { clock, ask } = newCircuits();
    for (let i = 0; i < 3; i++) ask('failed');
    clock.now = ask('ok') ?? 0;
    expect(ask('ok')).to.equal(undefined);
    for (let i = 0; i < 3; i++) expect(ask('failed')).to.equal(undefined);
    expect(ask('ok')).to.equal(clock.now + 100);
  });

  it('are tried by one request at a time', () => {
    const { clock, circuits } = newCircuits();
    for (let i = 0; i < 3; i++) {
      const pass = circuits.enter(origin);
      if ('done' in pass) pass.done('failed');
    }
    clock.now += 100;
    const probe = circuits.enter(origin);
    expect(circuits.enter(origin)).to.deep.equal({ reopensAt: clock.now + 100 });
    if ('done' in probe) probe.done('unknown');
    expect(circuits.enter(origin)).to.have.property('done');
    expect(circuits.enter(origin)).to.have.property('reopensAt');
    clock.now += 60_000;
    expect(circuits.enter(origin)).to.have.property('done');
  });

  it('count each origin by itself, and forget the oldest of very many', () => {
    const { ask } = newCircuits();
    for (let i = 0; i < 3; i++) ask('failed');
    expect(ask('failed', 'http://b')).to.equal(undefined);
    expect(ask('failed')).to.be.a('number');
    for (let i = 0; i < 1000; i++) ask('failed', `http://c${i}`);
    expect(ask('ok')).to.equal(undefined);
  });

  it('never stay open without a time, and never open without failures', () => {
    const steps = fc.array(
      fc.record({ verdict: fc.constantFrom('ok', 'failed', 'unknown'), ms: fc.nat(500) }),
    );
    fc.assert(
      fc.property(steps, (history) => {
        const { clock, ask } = newCircuits();
        let failures = 0;
        for (const { verdict, ms } of history) {
          clock.now += ms;
          const reopensAt = ask(verdict);
          if (reopensAt !== undefined) {
            expect(failures).to.be.at.least(3);
            expect(reopensAt).to.be.within(clock.now + 1, clock.now + 300);
          } else if (verdict !== 'unknown') failures = verdict === 'ok' ? 0 : failures + 1;
        }
      }),
    );
  });
});

describe('an endpoint that keeps failing', () => {
  it('is left alone for a while: no attempt is spent on it, and its runs are done when it is back', async () => {
    const world = await openHttpWorld({ DOCKER_BUILDER_HTTPCONCURRENCY: '1' });
    let healthy = false;
    const endpoint = await startReceiver((response) => {
      response.statusCode = healthy ? 200 : 500;
      response.end();
    });
    try {
      const failing = await world.job(endpoint.url, { maxAttempts: 1 });
      for (let i = 0; i < 10; i++) expect((await world.done(failing)).state).to.equal('dead_letter');
      const run = await world.trigger(failing);
      const waiting = await world.waiting(run);
      expect(waiting).to.include({ attempt: 2, countedAttempts: 1, reason: 'released' });
      expect(waiting.error).to.equal(
        `${new URL(endpoint.url).origin} keeps failing: it is left alone for a while`,
      );
      expect(endpoint.received).to.have.length(10);
      expect(await world.room.logs.lineCount(run.id)).to.equal(undefined);
      healthy = true;
      world.later((waiting.nextRetryAt ?? 0) - world.room.now());
      expect(await world.ended(run)).to.include({ state: 'completed', countedAttempts: 1 });
      expect(endpoint.received.at(-1)?.headers).not.to.have.property('x-previous-error');
      expect((await world.done(failing)).state).to.equal('completed');
      expect(world.reports).to.deep.equal([]);
    } finally {
      await world.close();
      await endpoint.close();
    }
  });

  it('costs its runs their tries in the end', async () => {
    const world = await openHttpWorld();
    world.room.circuits = { enter: () => ({ reopensAt: world.room.now() + 1000 }) };
    try {
      const run = await world.trigger(await world.job('http://127.0.0.1:9', { maxAttempts: 2 }));
      const end = await waitFor('the run to end', async () => {
        const now = await world.room.store.read.run(run.id);
        if (now?.completedAt != null) return now;
        world.later(Math.max(0, (now?.nextRetryAt ?? 0) - world.room.now()));
        return undefined;
      });
      expect(end).to.include({ state: 'dead_letter', reason: 'endpoint_unreachable' });
      expect(end).to.include({ attempt: 32, countedAttempts: 2 });
    } finally {
      await world.close();
    }
  });
});
