import { expect } from 'chai';
import { type Pump, startPump } from '../../server/room/pump.ts';
import { waitFor } from '../fixtures/waitFor.ts';

const quiet = { info() {}, warn() {}, error() {} };

describe('a pump that is woken within a transaction', () => {
  /** Of each turn that began: what lets it look, and what ends it. */
  let turns: { look(): void; end(hasMore?: boolean): void }[];
  let pump: Pump;
  beforeEach(() => {
    turns = [];
    pump = startPump(quiet, (look) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      turns.push({ look, end: (hasMore = false) => resolve(hasMore) });
      return promise;
    });
  });
  afterEach(async () => {
    for (const { end } of turns) end();
    await pump.stop();
  });

  const turn = (number: number) => waitFor(`turn ${number}`, () => turns[number - 1]);
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('begins a turn at once where none is under way', () => {
    pump.wakeEarly();
    expect(turns).to.have.length(1);
  });

  it('is content with a turn that looks after it', async () => {
    pump.wake();
    const first = await turn(1);
    pump.wakeEarly();
    first.look();
    first.end();
    await settled();
    expect(turns).to.have.length(1);
    pump.wake();
    expect(turns).to.have.length(2);
  });

  it('begins another turn after one that looked before it', async () => {
    pump.wake();
    const first = await turn(1);
    first.look();
    pump.wakeEarly();
    first.end();
    await turn(2);
  });

  it('begins another turn after one that never looked', async () => {
    pump.wake();
    const first = await turn(1);
    pump.wakeEarly();
    first.end();
    await turn(2);
  });

  it('heeds whoever wakes it otherwise, whatever a turn looks at', async () => {
    pump.wake();
    const first = await turn(1);
    pump.wake();
    first.look();
    first.end();
    await turn(2);
  });
});
