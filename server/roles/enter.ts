import type { Environment } from '../config/environment.ts';
import { enterMember, NameTaken } from '../room/members/enter.ts';
import { machineName, type Me, newMe, pidSpace } from '../room/members/me.ts';
import { StartError } from '../startError.ts';
import type { NewMember } from '../store/contract/members.ts';
import type { Store } from '../store/store.ts';
import { programVersion } from '../version.ts';

type Description = Pick<Environment, 'role' | 'name' | 'labels'>;

/** This process, and how it stands in the database where others have that open, too. */
export interface Entered {
  me: Me;
  member: Omit<NewMember, 'report'>;
  /** Ids of dead members that nobody else speaks for. */
  dead: readonly string[];
}

/** Enters this process among those that share the store. Throws a StartError where another one has its name. */
export async function enter(store: Store, environment: Description, now: () => number): Promise<Entered> {
  const { role, labels } = environment;
  const name = environment.name ?? machineName();
  const me = newMe({ name, role, labels, version: programVersion() }, now());
  const member = { ...me, isFixed: environment.name !== undefined, machine: pidSpace() };
  if (!store.shared) return { me, member, dead: [] };
  const report = JSON.stringify({ version: me.version, labels });
  try {
    const { name: given, dead } = await enterMember(store.shared.members, { ...member, report });
    return { me: { ...me, name: given }, member: { ...member, name: given }, dead };
  } catch (error) {
    throw error instanceof NameTaken ? new StartError(error.message, { cause: error }) : error;
  }
}
