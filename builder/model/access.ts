/** Who we are for a registry. */
export type RegistryCredential =
  | { username: string; password: string; email?: string }
  /** What some registries and credential helpers give in place of a password. */
  | { identityToken: string };

/** What a build may use besides its source. Whoever asks the builder for a build decides it. */
export interface Access {
  /** The credential for exactly this host (`docker.io` for Docker Hub), lower case, with its port; undefined without one. */
  registry(host: string): Promise<RegistryCredential | undefined>;
  /** The value of a secret by its name. Throws a BuildFault `secret_refused` where there is none, or none for this build. */
  secret(name: string): Promise<string>;
  /** Why an image may not be given this name (without a tag); undefined where it may. */
  refusedName(repository: string): Promise<string | undefined>;
  /** Why no image may be taken from this registry; undefined where one may. */
  refusedRegistry(host: string): string | undefined;
  /**
   * Whether images are called what they are meant to be called. Else they get names that no other build asks for, so
   * that nothing is made FROM what a stranger wrote.
   */
  realNames: boolean;
  /** Whether images may be pushed. */
  push: boolean;
  /** Whether what is built may be put into a cache that other builds use. */
  cacheExport: boolean;
  /** Whether the Bobfile of the commit counts; else that of the repository's default branch is read. */
  ownBobfile: boolean;
}
