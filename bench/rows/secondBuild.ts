import { buildByHand } from '../measure/byHand.ts';
import { createOldRepository } from '../measure/oldRepository.ts';
import { comparePairs } from '../measure/pairs.ts';
import { sourceText } from '../measure/project.ts';
import { atMost, type Figure } from '../measure/row.ts';
import { syncBuild } from '../measure/syncBuild.ts';
import { withWorld } from '../measure/world.ts';

const files = 5000;
const commits = 2000;
const rounds = 5;

/** A later build of a repository that the server has seen, one file changed, against a fresh clone and build by hand. */
export function secondBuild(): Promise<Figure> {
  return withWorld(async ({ engine, git, server }) => {
    const repository = await createOldRepository(git, 'acme/old', { files, commits });
    let changes = commits;
    const change = () => repository.update({ 'src/changed.txt': sourceText(changes++, 4000) });
    await syncBuild(server, 'old');
    const { ratio, details } = await comparePairs(
      rounds,
      async () => {
        await change();
        return (await syncBuild(server, 'old')).ms;
      },
      async () => {
        await change();
        return buildByHand({ engine, url: repository.url, tag: 'by-hand/old' });
      },
    );
    return atMost('second-build', { value: ratio, unit: 'of by hand', reach: 0.65 }, true, {
      files,
      commits,
      ...details,
    });
  });
}
