/** Told what a build touches of the images of its engine, while it goes on. */
export interface ImageTraces {
  /** A step of the classic builder made an image, or went on from one that was there: 12 hex digits of its id. */
  layer(id: string, cached: boolean): void;
  /** Names of all images that the build begins with. */
  bases(names: readonly string[]): void;
}
