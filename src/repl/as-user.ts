/** The user behind sudo, and acting as that user: the kernel then does the permission checks. */

import { homedir, userInfo } from 'node:os';

export interface User {
  uid: number;
  gid: number;
}

/** The user who called sudo, when this runs as root through it; else null. */
export function userBehindSudo(env: NodeJS.ProcessEnv): User | null {
  const [uid, gid] = [env.SUDO_UID, env.SUDO_GID].map((id) => (/^\d+$/.test(id ?? '') ? Number(id) : -1));
  if (process.geteuid?.() !== 0 || uid === undefined || gid === undefined || uid <= 0 || gid < 0) return null;
  return { uid, gid };
}

/** The home of whoever types: sudo sets HOME to root's. */
export function homeOf(env: NodeJS.ProcessEnv, user: User | null): string {
  const home = env.HOME || homedir();
  return user && home === userInfo().homedir ? asUser(user, () => userInfo().homedir) : home;
}

/** Does something as a user, with this user's groups only, and is root again afterwards. */
export function asUser<T>(user: User, act: () => T): T {
  const groups = process.getgroups?.() ?? [];
  const gid = process.getegid?.() ?? 0;
  process.setgroups?.([user.gid]);
  try {
    process.setegid?.(user.gid);
    process.seteuid?.(user.uid);
    return act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(gid);
    process.setgroups?.(groups);
  }
}
