import { expect } from 'chai';
import { createEnginePool, type EnginePool } from '../../../server/room/engines.ts';
import type { EngineSeat } from '../../../server/room/engines/seat.ts';
import type { Report } from '../../../server/room/room.ts';
import type { Wish } from '../../../server/words/wish.ts';
import { sharedEngine } from '../../fixtures/engine.ts';
import { waitFor } from '../../fixtures/waitFor.ts';
import { listedEngine } from '../access/webFixture.ts';

describe('a pool of engines', () => {
  let pool: EnginePool;
  let seat: EngineSeat;
  let time: number;
  let wish: Wish;
  let events: string[];

  beforeEach(async () => {
    const { socket } = await sharedEngine();
    [time, wish, events] = [1_000_000, 'on', []];
    const say: Report['info'] = (_fields, sentence) => void events.push(sentence);
    pool = createEnginePool({
      report: { info: say, warn: say, error: say },
      wishes: { of: () => wish },
      greet: async () => void events.push('greeted'),
      tend: async () => void events.push('tended'),
      onReachable: () => {},
      now: () => time,
      retryMs: 20,
      checkMs: 1_000_000,
    });
    pool.replace([listedEngine('one', socket)]);
    const [first] = pool.seats();
    if (!first) throw new Error('no seat');
    seat = first;
    await waitFor('the engine to be met', () => seat.state === 'ok');
  });
  afterEach(() => pool.close());

  it('greets an engine before it gets work, and again when it was suspected', async () => {
    const usual = ['greeted', 'tended', 'engine answers'];
    expect(events.filter((one) => one !== 'engine with a known hole')).to.deep.equal(usual);
    events = [];
    const checking = pool.check();
    pool.suspect(seat, 'it broke');
    expect(pool.free()).to.equal(undefined);
    await checking;
    // The check that was under way had its answer before.
    expect(seat.state).to.equal('unreachable');
    await waitFor('it to be met again', () => seat.state === 'ok');
    expect(events.slice(-3)).to.deep.equal(usual);
    expect(seat.problem).to.equal(undefined);
  });

  it('tells an outage once, whatever the engine is said to suffer from, and keeps the newest problem', () => {
    events = [];
    pool.suspect(seat, 'it broke');
    pool.suspect(seat, 'it is gone');
    expect(events).to.deep.equal(['engine does not answer: its builds wait']);
    expect(seat.problem).to.equal('it is gone');
  });

  it('gives work to an engine that failed one attempt at a time, and to one that is held back none', () => {
    for (let i = 0; i < 3; i++) pool.judge(seat, 'failed');
    expect(pool.free()).to.equal(undefined);
    time += 30_000;
    expect(pool.free()).to.equal(seat);
    const leave = pool.takePlace(seat);
    expect(leave).not.to.equal(undefined);
    expect(pool.free()).to.equal(undefined);
    expect(pool.takePlace(seat)).to.equal(undefined);
    pool.judge(seat, 'ok');
    expect(pool.free()).to.equal(seat);
    wish = 'draining';
    expect(pool.free()).to.equal(undefined);
    // A build that was begun may take another place.
    pool.takePlace(seat)?.();
    leave?.();
    expect(seat.busy).to.equal(0);
    expect(events.slice(-2)).to.deep.equal([
      'engine failed again and again: it is left alone for a while',
      'engine builds again',
    ]);
  });

  it('keeps the seat of an engine whose settings change', async () => {
    const { socket } = await sharedEngine();
    pool.replace([{ ...seat, slots: 7, labels: { a: 'b' }, dedicated: true }, listedEngine('two', socket)]);
    expect(pool.seats()[0]).to.equal(seat);
    expect(seat).to.deep.include({ slots: 7, labels: { a: 'b' }, dedicated: true });
    expect(pool.seats()).to.have.length(2);
  });
});
