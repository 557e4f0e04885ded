/** Something in the configuration that cannot be. */
export interface Mistake {
  /** Where: the name of an environment variable, or a file and a path in it. */
  place: string;
  /** What is wrong and what to write instead. Never the value of a secret. */
  problem: string;
}

/** All that is wrong with a part of the configuration, at once. */
export class ConfigError extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(({ place, problem }) => `${place}: ${problem}`).join('\n'));
    this.name = 'ConfigError';
    this.mistakes = mistakes;
  }
}
