/** The policy in the kernel: the maps of bpf/policy.h, read and replaced while the splice runs. */
import { closeSync } from 'node:fs';
import { SpliceError } from './errors.ts';
import { readChunk } from './iterators.ts';
import { LAYOUT, PORT_RULES } from './layout.ts';
import {
  BPF_ANY,
  createIteratorLink,
  deleteElement,
  listKeys,
  lookupElement,
  startIterator,
  updateElement,
} from './libbpf.ts';
import { loadOurObject } from './objects.ts';
import { PIN, POLICY_MAP_PINS } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import type { Policy } from './policy.ts';

/** Where the maps' descriptors come from: the pins of a splice, or the object that is being loaded. */
type FdOf = (name: string) => number;

const ONLY = Buffer.alloc(4);

/** The policy that holds now. */
export function readPolicy(fdOf: FdOf): Policy {
  const policy: Policy = { ports: [], excludePorts: [], excludeComms: [] };
  const ports = fdOf(PIN.policyPorts);
  const rule = Buffer.alloc(4);
  for (const key of listKeys(ports, rule.length)) {
    if (!lookupElement(ports, key, rule)) continue;
    const list = PORT_RULES[rule.readUInt32LE()] === 'allow' ? policy.ports : policy.excludePorts;
    list.push(key.readUInt32LE());
  }
  for (const key of listKeys(fdOf(PIN.policyComms), LAYOUT.comm.size)) {
    policy.excludeComms.push(key.toString('utf8', 0, key.indexOf(0)));
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

/** Replaces the policy. The caller holds the pin directory's lock. */
export function replacePolicy(fdOf: FdOf, policy: Policy): void {
  write(fdOf, policy);
  if (policy.excludeComms.length > 0) rememberOwners(fdOf);
}

/**
 * What the new one excludes is in before what only the old one excludes is out,
 * so that a connection established meanwhile, or after a replacement that was cut short, never
 * enters against both.
 */
function write(fdOf: FdOf, policy: Policy): void {
  const [ports, comms] = [fdOf(PIN.policyPorts), fdOf(PIN.policyComms)];
  const before = readPolicy(fdOf);
  for (const comm of policy.excludeComms) updateElement(comms, commKey(comm), Buffer.alloc(4), BPF_ANY);
  for (const port of policy.excludePorts) updateElement(ports, portKey(port), ruleValue('exclude'), BPF_ANY);
  for (const port of policy.ports) updateElement(ports, portKey(port), ruleValue('allow'), BPF_ANY);
  updateElement(fdOf(PIN.policy), ONLY, policyValue(policy), BPF_ANY);
  for (const port of [...before.ports, ...before.excludePorts]) {
    if (!policy.ports.includes(port) && !policy.excludePorts.includes(port)) deleteElement(ports, portKey(port));
  }
  for (const comm of before.excludeComms) {
    if (!policy.excludeComms.includes(comm)) deleteElement(comms, commKey(comm));
  }
}

/**
 * Looks at every open file for sockets that listen already, and marks those of excluded processes;
 * those that begin to are seen by the programs, which know the new policy already.
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

function portKey(port: number): Buffer {
  return Buffer.from(Uint32Array.of(port).buffer);
}

function ruleValue(rule: (typeof PORT_RULES)[number]): Buffer {
  return Buffer.from(Uint32Array.of(PORT_RULES.indexOf(rule)).buffer);
}

function commKey(comm: string): Buffer {
  const key = Buffer.alloc(LAYOUT.comm.size);
  key.write(comm);
  return key;
}

function policyValue({ ports, excludeComms }: Policy): Buffer {
  const value = Buffer.alloc(LAYOUT.policy.size);
  const { only_allowed_ports, excludes_comms } = LAYOUT.policy.fields;
  value.writeUInt32LE(Number(ports.length > 0), only_allowed_ports);
  value.writeUInt32LE(Number(excludeComms.length > 0), excludes_comms);
  return value;
}
