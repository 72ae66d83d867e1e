/** What tests could leave behind on the machine, and the look before and after that finds it. */
import { execFileSync } from 'node:child_process';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCgroup2 } from '../../src/core/cgroup.ts';

const SOURCES = join(import.meta.dirname, '../../bpf');
/** The kernel keeps this much of the name of a program or map. */
const NAME_LENGTH = 15;

/** Everything of ours that is there now, each thing as one line of text. */
export function lookAround(): Set<string> {
  return new Set([
    ...bpfObjects('prog'),
    ...bpfObjects('map'),
    ...bpfObjects('link'),
    ...namesIn('/sys/fs/bpf').map((name) => `pin /sys/fs/bpf/${name}`),
    ...namesIn('/run/netns').map((name) => `network namespace ${name}`),
    ...namesIn('/sys/class/net').map((name) => `network interface ${name}`),
    ...cgroups(),
    ...namesIn(tmpdir())
      .filter((name) => name.startsWith('splice'))
      .map((name) => `temporary file ${join(tmpdir(), name)}`),
  ]);
}

function bpfObjects(kind: 'prog' | 'map' | 'link'): string[] {
  const ours = ownNames();
  return bpftool(kind)
    .filter((object) => kind === 'link' || ours.has((object.name ?? '').slice(0, NAME_LENGTH)))
    .map((object) => `eBPF ${kind} ${object.id} ${object.name ?? `(${object.type})`}`);
}

function bpftool(kind: string): { id: number; name?: string; type?: string }[] {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  try {
    return JSON.parse(execFileSync('bpftool', ['-j', kind, 'show'], { env, stdio: 'pipe', encoding: 'utf8' }) || '[]');
  } catch {
    return []; // Not root, or no bpftool: then nothing was loaded either.
  }
}

/** The names of all programs and maps in bpf/, as the kernel keeps them. */
function ownNames(): Set<string> {
  const text = globSync(`${SOURCES}/*.[ch]`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const names = text.matchAll(/^SEC\("[^"]+"\)\s+int\s+(\w+)\(|^\}\s*(\w+)\s+SEC\("\.maps"\)/gm);
  return new Set([...names].map(([, program, map]) => (program ?? map ?? '').slice(0, NAME_LENGTH)));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function cgroups(): string[] {
  try {
    const root = findCgroup2();
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith('splice'))
      .map((entry) => `cgroup ${join(entry.parentPath, entry.name)}`);
  } catch {
    return [];
  }
}
