/** Recordings in files of a folder that ends with the test. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Asked, type RecordedLook, Recorder } from '../../src/recording/recorder.ts';

/** A splice as far as a recorder asks it. */
export const ASKED: Asked = {
  pin: '/sys/fs/bpf/splice',
  processDetail: (pid) => ({ cmdline: `program ${pid}`, cgroup: `/cgroup/${pid}` }),
  findRoute: async (_key, own, peer) => (own === peer ? ['loopback'] : ['veth', 'bridge', 'veth']),
};

export class RecordingFiles implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'splice-recording-'));
  #count = 0;

  /** A name that no file has yet. */
  newPath(): string {
    return join(this.folder, `${++this.#count}.jsonl`);
  }

  /** Records looks; returns the path. */
  record(looks: readonly RecordedLook[]): string {
    const path = this.newPath();
    using recorder = new Recorder(path, ASKED, { intervalMs: 250 });
    for (const look of looks) recorder.record(look);
    return path;
  }

  /** A file with these lines, and nothing behind the last. */
  write(...lines: readonly (string | object)[]): string {
    const path = this.newPath();
    writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}
