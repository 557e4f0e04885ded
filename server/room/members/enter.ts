import { setTimeout as pause } from 'node:timers/promises';
import type { Holder, MemberRow, Members, NewMember } from '../../store/contract/members.ts';
import { lostMs } from './times.ts';

/** Between two looks whether whoever has the name is dead, in milliseconds. */
const lookMs = 250;

/** Two that live want to be called the same. */
export class NameTaken extends Error {}

/** As what a member came in. */
export interface Entrance {
  name: string;
  /** Ids of members that were processes beside it, and are dead: nobody else can have what they had. */
  dead: readonly string[];
}

/**
 * Enters a member under its name, or one that is made of it. A member that died without a word has its name until it was
 * silent for long enough, unless it is seen to be dead. Throws NameTaken.
 */
export async function enterMember(members: Members, member: NewMember): Promise<Entrance> {
  const dead = await removeDead(members, member);
  const giveUpAt = performance.now() + 2 * lostMs;
  let before: Holder | undefined;
  for (;;) {
    const entered = await members.enter(member, lostMs);
    if ('name' in entered) return { name: entered.name, dead };
    const { holder } = entered;
    const isAlive = before?.id === holder.id && before.seenAt !== holder.seenAt;
    if (isAlive || performance.now() > giveUpAt) throw new NameTaken(sentence(member.name, holder));
    if (isDead({ ...holder, name: member.name }, member)) dead.push(...(await removeDead(members, member)));
    else await pause(lookMs);
    before = holder;
  }
}

/** Gives the ids of those that it removed. */
async function removeDead(members: Members, me: NewMember): Promise<string[]> {
  const dead = (await members.list()).filter((one) => isDead(one, me)).map(({ id }) => id);
  for (const id of dead) await members.remove(id);
  return dead;
}

function sentence(name: string, holder: Holder): string {
  return `another docker-builder on this database is called ${name} (${placeOf(holder)}): ${otherName}`;
}

/** For a person, where another one took a member's name that lives, but was not heard of for long enough. */
export function nameLost({ name, isFixed }: Pick<NewMember, 'name' | 'isFixed'>, holder: Holder): NameTaken {
  return new NameTaken(
    `this docker-builder was not heard of for so long that another one is called ${name} by now (${placeOf(holder)}): ${
      isFixed ? otherName : 'start this one again, and it is given another name'
    }`,
  );
}

const otherName = 'give this one another name with --name or DOCKER_BUILDER_NAME';

function placeOf({ host, pid }: Holder): string {
  return `process ${pid} on ${host}`;
}

/** Whether it was a process beside this one that is gone. */
function isDead({ machine, pid, name }: Pick<MemberRow, 'machine' | 'pid' | 'name'>, me: NewMember): boolean {
  if (machine === undefined || machine !== me.machine) return false;
  // One process may be several members only under several names.
  if (pid === me.pid) return name === me.name;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
