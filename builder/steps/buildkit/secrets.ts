import type { Access } from '../../model/access.ts';
import { decodeAsked, encodeBytes } from '../../model/buildkit/sessionMessages.ts';
import { type Method, NotThere } from './session.ts';

/** Answers `RUN --mount=type=secret,id=…` with the values of the secrets that the build was given, by their ids. */
export function secrets(
  given: readonly { id: string; secret: string }[],
  access: Pick<Access, 'secret'>,
): Method {
  const names = new Map(given.map(({ id, secret }) => [id, secret]));
  return {
    path: '/moby.buildkit.secrets.v1.Secrets/GetSecret',
    answer: async (request) => {
      const id = decodeAsked(request);
      const name = names.get(id);
      if (name === undefined) throw new NotThere(`the build was given no secret ${id}`);
      return encodeBytes(Buffer.from(await access.secret(name)));
    },
  };
}
