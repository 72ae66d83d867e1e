/** Programs that know nothing of splices, in a spliced cgroup: what goes in comes out. */
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTool } from '../../src/host/tools.ts';
import { describeKernel, describeUnless } from '../setup/kernel-gate.ts';
import { TestBed, until } from '../support/kernel.ts';
import { spawnInCgroup } from '../support/peers.ts';

const MIB = 1 << 20;
const STRESS = join(import.meta.dirname, '../stress');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `splice-test-${process.pid}-`));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A spliced cgroup with programs in it, and a count of what they redirected. */
class Programs implements AsyncDisposable {
  readonly #bed = new TestBed();

  constructor() {
    this.#bed.splice.up({ cgroups: [this.#bed.cgroup] });
  }

  get redirects(): number {
    const status = this.#bed.splice.status();
    return status.loaded ? status.totals.redirects : 0;
  }

  start(argv: readonly string[]): ChildProcess {
    const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    return spawnInCgroup(this.#bed.cgroup, argv, { stdio: ['pipe', 'pipe', 'ignore'], env });
  }

  /** Runs a program to its end. Gives what it printed. */
  async run(argv: readonly string[], input?: Buffer): Promise<Buffer> {
    const child = this.start(argv);
    child.stdin?.end(input);
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    const [status] = await once(child, 'close');
    expect(status, argv.join(' ')).toBe(0);
    return Buffer.concat(parts);
  }

  http(...argv: string[]): Promise<string> {
    return this.run([process.execPath, join(STRESS, 'http-client.ts'), ...argv]).then(String);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    writeFileSync(join(this.#bed.cgroup, 'cgroup.kill'), '1');
    await this.#bed[Symbol.asyncDispose]();
  }
}

/** A file of random bytes, and their checksum. */
function makeFile(name: string, size: number): { path: string; sha256: string } {
  const path = join(folder, name);
  const bytes = randomBytes(size);
  writeFileSync(path, bytes);
  return { path, sha256: sha256(bytes) };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return String(port);
}

function accepts(port: string): Promise<void> {
  const tryIt = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  return until(tryIt, `somebody accepts connections at port ${port}`);
}

/** Null when all are there. */
function missing(programs: readonly string[], debianPackage: string): string | null {
  const absent = programs.filter((name) => findTool(name) === null);
  return absent.length === 0 ? null : `${absent.join(', ')} not installed (Debian: ${debianPackage})`;
}

describeKernel('through a guarded splice, byte for byte', () => {
  test('a Node.js HTTP server on its default listen address', async () => {
    await using programs = new Programs();
    const server = programs.start([process.execPath, join(STRESS, 'http-server.ts')]);
    const [port] = (await once(server.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
    const { path, sha256 } = makeFile('echo', 30 * MIB);
    expect(await programs.http('PUT', `http://127.0.0.1:${String(port).trim()}/`, path)).toBe(`200 ${sha256}\n`);
    expect(programs.redirects).toBeGreaterThan(0);
  });

  describeUnless(missing(['redis-server', 'redis-cli'], 'redis-server'), 'Redis', () => {
    test('data written and read back', async () => {
      await using programs = new Programs();
      const port = await freePort();
      const listen = ['--bind', '127.0.0.1', '--port', port, '--dir', folder];
      programs.start([findTool('redis-server') as string, ...listen, '--save', '', '--appendonly', 'no']);
      await accepts(port);
      const cli = [findTool('redis-cli') as string, '-p', port];
      for (const size of [1, 1000, 100_000, 20 * MIB]) {
        const value = randomBytes(size);
        expect(String(await programs.run([...cli, '-x', 'SET', `key-${size}`], value))).toBe('OK\n');
        const back = await programs.run([...cli, '--raw', 'GET', `key-${size}`]);
        expect(sha256(back.subarray(0, -1))).toBe(sha256(value));
      }
      expect(programs.redirects).toBeGreaterThan(20);
    });
  });

  describeUnless(missing(['nginx'], 'nginx-light'), 'nginx', () => {
    const url = (port: string, file: string) => `http://127.0.0.1:${port}/${file}`;

    async function start(programs: Programs): Promise<string> {
      const port = await freePort();
      const configuration = join(folder, `nginx-${port}.conf`);
      const temporary = ['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
      writeFileSync(
        configuration,
        `daemon off; pid ${folder}/nginx-${port}.pid; error_log stderr; user root;
         events {}
         http {
           access_log off; client_body_temp_path ${folder}/bodies; client_max_body_size 0; ${temporary.join(' ')}
           server { listen 127.0.0.1:${port}; root ${folder}; dav_methods PUT; sendfile on; }
         }`,
      );
      programs.start([findTool('nginx') as string, '-e', 'stderr', '-c', configuration]);
      await accepts(port);
      return port;
    }

    test('a file of 100 MiB served', async () => {
      await using programs = new Programs();
      const port = await start(programs);
      const { sha256 } = makeFile('served', 100 * MIB);
      expect(await programs.http('GET', url(port, 'served'))).toBe(`200 ${sha256}\n`);
      expect(programs.redirects).toBeGreaterThan(0);
    });

    test('a file of 100 MiB received, although nginx takes a short read for an empty socket', async () => {
      await using programs = new Programs();
      const port = await start(programs);
      const { path, sha256 } = makeFile('sent', 100 * MIB);
      expect(await programs.http('PUT', url(port, 'received'), path)).toMatch(/^201 /);
      expect(await sha256OfFile(join(folder, 'received'))).toBe(sha256);
      expect(programs.redirects).toBeGreaterThan(0);
    });
  });

  describeUnless(missing(['git'], 'git'), 'git', () => {
    test('a clone over the git protocol', async () => {
      await using programs = new Programs();
      const [git, port] = [findTool('git') as string, await freePort()];
      const origin = join(folder, 'repositories', 'origin');
      mkdirSync(origin, { recursive: true });
      const { sha256 } = makeFile('repositories/origin/large', 20 * MIB);
      for (let index = 0; index < 200; index++)
        writeFileSync(join(origin, `file-${index}`), `${index}\n`.repeat(index));
      const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
      await programs.run([git, 'init', '--quiet', origin]);
      await programs.run([git, '-C', origin, 'add', '.']);
      await programs.run([git, '-C', origin, ...author, 'commit', '--quiet', '-m', 'all']);

      const base = join(folder, 'repositories');
      programs.start([git, 'daemon', '--export-all', `--base-path=${base}`, '--listen=127.0.0.1', `--port=${port}`]);
      await accepts(port);
      const clone = join(folder, 'clone');
      await programs.run([git, 'clone', '--quiet', `git://127.0.0.1:${port}/origin`, clone]);
      expect(programs.redirects).toBeGreaterThan(0);
      await programs.run([git, '-C', clone, 'fsck', '--full', '--strict', '--no-progress']);
      const head = (of: string) => programs.run([git, '-C', of, 'rev-parse', 'HEAD']).then(String);
      expect(await head(clone)).toBe(await head(origin));
      expect(await sha256OfFile(join(clone, 'large'))).toBe(sha256);
      expect(readFileSync(join(clone, 'file-199'), 'utf8')).toBe('199\n'.repeat(199));
    });
  });
});
