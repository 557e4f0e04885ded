import type { Wish } from '../../words/wish.ts';

export interface Wishes {
  /** Of the whole server. */
  server: Wish;
  /** By the engine's name; who is not there is `on`. */
  engines: ReadonlyMap<string, Wish>;
  /** By the member's name; who is not there is `on`. */
  members: ReadonlyMap<string, Wish>;
  /** When an engine was last told to work again, by its name: its failures before are forgotten. */
  pardons: ReadonlyMap<string, number>;
}

export interface EngineReads {
  /** What was last wished of engines, of members and of the server. */
  wishes(): Promise<Wishes>;
}

export interface EngineWrites {
  setServerWish(wish: Wish): Promise<void>;
  /** `on` also pardons it. */
  setEngineWish(name: string, wish: Wish, now: number): Promise<void>;
  setMemberWish(name: string, wish: Wish, now: number): Promise<void>;
}
