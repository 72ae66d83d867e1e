/**
 * What an application does with a socket, and what it sees: run the same on plain TCP and on a spliced
 * connection. Each probe answers with a few words; where the words are the same, the sockets are.
 */
import type { Probe } from './probes/pair.ts';
import { RECEIVING } from './probes/receiving.ts';
import { SENDING } from './probes/sending.ts';
import { TLS } from './probes/tls.ts';
import { WAITING } from './probes/waiting.ts';

export const PROBES = {
  /** Nothing more than what every probe begins with. */
  redirect: () => 'alive',
  ...WAITING,
  ...RECEIVING,
  ...SENDING,
  ...TLS,
} as const satisfies Record<string, Probe>;

export type ProbeName = keyof typeof PROBES;

/** Probes that change the network of their process, and so need one of their own. */
export const IN_OWN_NETWORK: ReadonlySet<ProbeName> = new Set<ProbeName>(['linkDown']);

/** Probes that ask for the switch, which a splice without rules does not have. */
export const NEEDS_BYPASS: ReadonlySet<ProbeName> = new Set<ProbeName>(['fionreadTcp']);
