import type { Operation, OperationGroup } from '../../http/operation.ts';
import { waitQuery } from '../../http/wait.ts';
import { shownEngine, shownServer } from './schemas.ts';

const engine = { 200: { description: 'The engine.', schema: shownEngine } };
const server = { 200: { description: 'The server.', schema: shownServer } };

function change(id: string, summary: string, answers: Operation['answers']): Operation {
  return { id, summary, answers };
}

/** Where builds are made, and whether any begin. */
export const engineOperations: OperationGroup = {
  tag: 'Engines',
  description: 'Where builds are made, and whether any begin. For keys of all projects only.',
  operations: {
    'get /engines': {
      id: 'listEngines',
      summary: 'List engines',
      answers: { 200: { description: 'In the order of the settings.', schema: shownEngine.array() } },
    },
    'get /engines/:name': { id: 'getEngine', summary: 'Get an engine', answers: engine },
    'post /engines/:name/pause': change('pauseEngine', 'Give an engine no more builds for now', engine),
    'post /engines/:name/drain': change('drainEngine', 'Let an engine finish what it has', engine),
    'post /engines/:name/resume': {
      ...change('resumeEngine', 'Give an engine builds again', engine),
      description: 'Its failures are forgotten.',
    },
    'get /server': {
      id: 'getServer',
      summary: 'Whether the server works, or wait until it is idle',
      query: waitQuery,
      answers: server,
    },
    'post /server/pause': change('pauseServer', 'Begin no more runs for now', server),
    'post /server/drain': change('drainServer', 'Let the server finish what it has', server),
    'post /server/resume': change('resumeServer', 'Begin runs again', server),
  },
};
