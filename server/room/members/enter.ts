import { setTimeout as pause } from 'node:timers/promises';
import type { Holder, Members, NewMember } from '../../store/contract/members.ts';
import { lostMs } from './times.ts';

/** Between two looks whether whoever has the name is dead, in milliseconds. */
const lookMs = 250;

/** Two that live want to be called the same. */
export class NameTaken extends Error {}

/**
 * Enters a member under its name, or one that is made of it. A member that died without a word has its name until it was
 * silent for long enough, unless it is seen to be dead. Throws NameTaken.
 */
export async function enterMember(members: Members, member: NewMember): Promise<string> {
  const giveUpAt = performance.now() + 2 * lostMs;
  let before: Holder | undefined;
  for (;;) {
    const entered = await members.enter(member, lostMs);
    if ('name' in entered) return entered.name;
    const { holder } = entered;
    const isAlive = before?.id === holder.id && before.seenAt !== holder.seenAt;
    if (isAlive || performance.now() > giveUpAt) throw new NameTaken(sentence(member.name, holder));
    if (isDead(holder, member)) await members.remove(holder.id);
    else await pause(lookMs);
    before = holder;
  }
}

function sentence(name: string, { host, pid }: Holder): string {
  return `another docker-builder on this database is called ${name} (process ${pid} on ${host}): give this one another name with --name or DOCKER_BUILDER_NAME`;
}

/** Whether it was a process beside this one that is gone. */
function isDead({ machine, pid }: Holder, me: NewMember): boolean {
  if (machine === undefined || machine !== me.machine) return false;
  if (pid === me.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
