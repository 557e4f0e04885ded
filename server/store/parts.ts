type Part = (source: never) => object;
type All<T> = (T extends unknown ? (one: T) => void : never) extends (all: infer A) => void ? A : never;
type Source<P extends readonly Part[]> = All<Parameters<P[number]>[0]>;
type Whole<P extends readonly Part[]> = All<ReturnType<P[number]>>;

/**
 * Puts together what several functions make of one source. Each is asked when something of its part is used for the
 * first time: a work of a transaction uses five methods, and making all the hundred of them takes longer than one.
 */
export function inParts<P extends readonly Part[]>(...parts: P): (source: Source<P>) => Whole<P> {
  class Begun {
    readonly made: object[] = [];
    readonly source: Source<P>;

    constructor(source: Source<P>) {
      this.source = source;
    }
  }
  for (const [index, part] of parts.entries())
    // They make functions that use the source, and none of these is called here.
    for (const name of Object.keys(part(undefined as never)))
      Object.defineProperty(Begun.prototype, name, {
        get(this: Begun): unknown {
          return Reflect.get((this.made[index] ??= part(this.source as never)), name);
        },
      });
  return (source) => new Begun(source) as unknown as Whole<P>;
}
