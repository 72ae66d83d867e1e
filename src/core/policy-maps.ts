/** The policy in the kernel: the maps of bpf/policy.h, read and replaced while the splice runs. */
import { closeSync } from 'node:fs';
import { SpliceError } from './errors.ts';
import { readChunk } from './iterators.ts';
import { LAYOUT, RULE_EFFECTS, RULE_KINDS } from './layout.ts';
import { createIteratorLink, objectInfo, startIterator } from './libbpf.ts';
import { BPF_ANY, deleteElement, listKeys, lookupElement, updateElement } from './map-elements.ts';
import { loadOurObject } from './objects.ts';
import { PIN, POLICY_MAP_PINS } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import type { Policy } from './policy.ts';

/** Where the maps' descriptors come from: the pins of a splice, or the object that is being loaded. */
type FdOf = (name: string) => number;

type Kind = (typeof RULE_KINDS)[number];
type Effect = (typeof RULE_EFFECTS)[number];

const ONLY = Buffer.alloc(4);
const FIELDS = LAYOUT.rule.fields;

/** The policy that holds now. */
export function readPolicy(fdOf: FdOf): Policy {
  const policy: Policy = { ports: [], excludePorts: [], excludeComms: [], blockingReaders: 'stay' };
  const { active } = rulesOf(fdOf);
  const effect = Buffer.alloc(4);
  for (const rule of listKeys(active, LAYOUT.rule.size)) {
    if (!lookupElement(active, rule, effect)) continue;
    const kind = RULE_KINDS[rule.readUInt32LE(FIELDS.kind)];
    const isAllowed = RULE_EFFECTS[effect.readUInt32LE()] === 'allow';
    if (kind === 'port') (isAllowed ? policy.ports : policy.excludePorts).push(rule.readUInt32LE(FIELDS.port));
    if (kind === 'noSleepers') policy.blockingReaders = 'leave';
    if (kind === 'comm') policy.excludeComms.push(rule.toString('utf8', FIELDS.comm, rule.indexOf(0, FIELDS.comm)));
  }
  policy.ports.sort((a, b) => a - b);
  policy.excludePorts.sort((a, b) => a - b);
  policy.excludeComms.sort();
  return policy;
}

/**
 * The policy maps of a splice that is up.
 * @throws SpliceError BAD_MODE when the mode is naive, which has none
 */
export function policyMapsOf(pinned: PinnedMaps): FdOf {
  const { mode } = pinned.settings();
  if (mode === 'guarded') return (name) => pinned.fd(name);
  throw new SpliceError(
    'BAD_MODE',
    `a splice that was loaded as ${mode} has no policy: it takes in every connection`,
    "'splice down', then 'splice up --mode guarded'",
  );
}

/**
 * Replaces the policy, in one step at the end: killed before it, the old one holds, and after it the
 * new one. The kernel returns from that step when no program works by the old rules any more
 * (kernel/bpf/syscall.c, maybe_wait_bpf_programs). The caller holds the pin directory's lock.
 */
export function replacePolicy(fdOf: FdOf, policy: Policy): void {
  const { spare } = rulesOf(fdOf);
  for (const rule of listKeys(spare, LAYOUT.rule.size)) deleteElement(spare, rule);
  const add = (kind: Kind, effect: Effect, about: { port?: number; comm?: string } = {}) =>
    updateElement(spare, ruleKey(kind, about), word(RULE_EFFECTS.indexOf(effect)), BPF_ANY);
  if (policy.ports.length > 0) add('onlyPorts', 'allow');
  for (const port of policy.ports) add('port', 'allow', { port });
  for (const port of policy.excludePorts) add('port', 'exclude', { port });
  for (const comm of policy.excludeComms) add('comm', 'exclude', { comm });
  if (policy.blockingReaders === 'leave') add('noSleepers', 'exclude');
  if (policy.excludeComms.length > 0) rememberOwners(fdOf);
  updateElement(fdOf(PIN.policy), ONLY, word(spare), BPF_ANY);
}

/** The rules that hold, and those that a new policy may be written into. */
function rulesOf(fdOf: FdOf): { active: number; spare: number } {
  const [a, b] = [fdOf(PIN.rulesA), fdOf(PIN.rulesB)];
  const active = Buffer.alloc(4);
  // User space that looks into a map of maps is told the id of the inner one.
  lookupElement(fdOf(PIN.policy), ONLY, active);
  // struct bpf_map_info: type, id, …
  return objectInfo(a).getUint32(4, true) === active.readUInt32LE() ? { active: a, spare: b } : { active: b, spare: a };
}

/**
 * Looks at every open file for sockets that listen already, and marks those of excluded processes;
 * those that begin to are seen by the programs, which mark by either map of rules.
 */
function rememberOwners(fdOf: FdOf): void {
  const object = loadOurObject('owners', Object.fromEntries(POLICY_MAP_PINS.map((name) => [name, { fd: fdOf(name) }])));
  try {
    const link = createIteratorLink(object.programFd('remember_owners'));
    try {
      const fd = startIterator(link);
      // It prints nothing: one read runs it to its end.
      readChunk(fd, new Uint32Array(1));
      closeSync(fd);
    } finally {
      closeSync(link);
    }
  } finally {
    object.close();
  }
}

/** `struct rule` */
function ruleKey(kind: Kind, { port = 0, comm = '' }: { port?: number; comm?: string }): Buffer {
  const key = Buffer.alloc(LAYOUT.rule.size);
  key.writeUInt32LE(RULE_KINDS.indexOf(kind), FIELDS.kind);
  key.writeUInt32LE(port, FIELDS.port);
  key.write(comm, FIELDS.comm);
  return key;
}

function word(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}
