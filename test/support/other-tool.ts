/** other-sockmap.bpf.c, loaded and attached with bpftool as another tool does it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './run.ts';

const ENV = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

function bpftool(...argv: string[]): string {
  return execFileSync('bpftool', argv, { env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export class OtherTool implements Disposable {
  readonly #pins: string;
  readonly #cgroup: string;

  /** @param how `multi` lets others be attached beside it; without it, it stands alone */
  constructor(cgroup: string, name: string, how: 'multi' | 'alone') {
    this.#cgroup = cgroup;
    this.#pins = `/sys/fs/bpf/${name}-other`;
    const folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
    try {
      const object = join(folder, 'other.o');
      const source = join(import.meta.dirname, 'other-sockmap.bpf.c');
      execFileSync('bash', [join(ROOT, 'scripts/build-bpf.sh'), source, object], { stdio: 'pipe' });
      bpftool('prog', 'loadall', object, this.#pins, 'pinmaps', `${this.#pins}-maps`);
    } finally {
      rmSync(folder, { recursive: true });
    }
    bpftool(
      'prog',
      'attach',
      'pinned',
      `${this.#pins}/other_msg`,
      'msg_verdict',
      'pinned',
      `${this.#pins}-maps/other_sockets`,
    );
    bpftool(
      'cgroup',
      'attach',
      cgroup,
      'sock_ops',
      'pinned',
      `${this.#pins}/other_ops`,
      ...(how === 'multi' ? [how] : []),
    );
  }

  /** The id of its SOCK_OPS program. */
  get id(): number {
    return (JSON.parse(bpftool('-j', 'prog', 'show', 'pinned', `${this.#pins}/other_ops`)) as { id: number }).id;
  }

  [Symbol.dispose](): void {
    bpftool('cgroup', 'detach', this.#cgroup, 'sock_ops', 'pinned', `${this.#pins}/other_ops`);
    for (const pins of [this.#pins, `${this.#pins}-maps`]) rmSync(pins, { recursive: true });
  }
}
