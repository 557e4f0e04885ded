import type { Wish } from '../../words/wish.ts';

export interface Wishes {
  /** Of the whole server. */
  server: Wish;
  /** By the engine's name; who is not there is `on`. */
  engines: ReadonlyMap<string, Wish>;
}

export interface EngineReads {
  /** What was last wished of engines and of the server. */
  wishes(): Promise<Wishes>;
}

export interface EngineWrites {
  setServerWish(wish: Wish): Promise<void>;
  setEngineWish(name: string, wish: Wish, now: number): Promise<void>;
}
