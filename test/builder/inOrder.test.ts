import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { inOrder, onePlace, type Places } from '../../builder/steps/inOrder.ts';

interface Item {
  plan: { name: string; depends: string[] };
}

const never = new AbortController().signal;

/** Items that depend only on earlier ones, shuffled. */
const anyItems = fc
  .array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 })
  .map((lists) =>
    lists.map((depends, i): Item => {
      const earlier = depends.filter((one) => one < i).map(String);
      return { plan: { name: String(i), depends: [...new Set(earlier)] } };
    }),
  )
  .chain((items) => fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length }));

describe('work in order', () => {
  it('does everything once, after what it depends on, within the places, and gives the results in order', () =>
    fc.assert(
      fc.asyncProperty(anyItems, fc.nat(3), async (items, extra) => {
        const done = new Set<string>();
        let [running, most, taken] = [0, 0, 0];
        const takePlace = () => {
          if (taken >= extra) return undefined;
          taken++;
          return () => void taken--;
        };
        const results = await inOrder(
          items,
          { ...onePlace, take: takePlace },
          async ({ plan: { name, depends } }) => {
            expect([...done]).to.include.members(depends);
            most = Math.max(most, ++running);
            await pause(0);
            running--;
            expect(done.has(name)).to.equal(false);
            done.add(name);
            return `did ${name}`;
          },
          never,
        );
        expect(results).to.deep.equal(items.map(({ plan: { name } }) => `did ${name}`));
        expect(most).to.be.at.most(1 + extra);
        expect(taken).to.equal(0);
      }),
      { numRuns: 50 },
    ));

  it('gives back the place of what rests, also its own, and waits for one where more is to be done', () =>
    fc.assert(
      fc.asyncProperty(anyItems, fc.integer({ min: 1, max: 3 }), async (items, slots) => {
        let [taken, working] = [1, 0];
        let isOwnLeft = false;
        const waiting: (() => void)[] = [];
        const leave = () => {
          taken--;
          waiting.shift()?.();
        };
        const enter = () => {
          taken++;
          expect(taken).to.be.at.most(slots);
          return leave;
        };
        const places: Places = {
          take: () => (taken < slots ? enter() : undefined),
          async wait() {
            while (taken >= slots) await new Promise<void>((resolve) => waiting.push(resolve));
            return enter();
          },
          leave() {
            expect(isOwnLeft).to.equal(false);
            isOwnLeft = true;
            leave();
          },
        };
        const done = new Set<string>();
        const work = async ({ plan: { name, depends } }: Item, _signal: AbortSignal, rest: () => void) => {
          expect([...done]).to.include.members(depends);
          expect(++working).to.be.at.most(slots);
          await pause(0);
          working--;
          if (Number(name) % 2 === 0) rest();
          await pause(0);
          return done.add(name);
        };
        await inOrder(items, places, work, never);
        expect(done.size).to.equal(items.length);
        expect(taken).to.equal(isOwnLeft ? 0 : 1);
        if (items.length === 1) expect(isOwnLeft).to.equal(true);
      }),
      { numRuns: 50 },
    ));

  it('stops what is under way at the first failure, waits for it, and begins nothing more', async () => {
    const failure = new Error('no');
    const begun: string[] = [];
    let stopped = false;
    const work = async ({ plan: { name } }: Item, signal: AbortSignal): Promise<void> => {
      begun.push(name);
      if (name === 'bad') throw failure;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await pause(5);
      stopped = true;
    };
    const items = ['good', 'bad', 'later'].map((name) => ({
      plan: { name, depends: name === 'later' ? ['bad'] : [] },
    }));
    const outcome = await inOrder(items, { ...onePlace, take: () => () => {} }, work, never).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.equal(failure);
    expect({ begun, stopped }).to.deep.equal({ begun: ['good', 'bad'], stopped: true });
  });
});
