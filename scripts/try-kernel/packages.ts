/**
 * Debian's kernel packages: found and downloaded, never installed. apt does both, and checks what it gets, with
 * lists and a cache of its own under the user's cache folder; the mirrors are those that this machine's apt has.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SpliceError } from '../../src/core/errors.ts';
import { output } from './tools.ts';

/** The suites that have kernels, by the label of the archive that they are in. */
const SUITES: Record<string, readonly string[]> = {
  Debian: ['bookworm', 'bookworm-backports', 'trixie', 'trixie-backports', 'sid', 'experimental'],
  'Debian-Security': ['bookworm-security', 'trixie-security'],
};
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Lists are asked for again after so long. */
const FRESH_MS = 12 * 3600_000;

/** What lies where is kept from one try to the next. */
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sockmap-splice', 'try-kernel');

/** A kernel, unpacked. */
export interface Kernel {
  package: string;
  /** What `uname -r` says. */
  release: string;
  image: string;
  /** The folder that is /lib/modules/RELEASE. */
  modules: string;
}

/** Every kernel package of the suites. Asks the mirrors when the lists are not fresh. */
export function listPackages(): string[] {
  const stamp = join(CACHE, 'apt', 'asked');
  const sources = join(CACHE, 'apt', 'sources.list');
  mkdirSync(join(CACHE, 'apt', 'lists', 'partial'), { recursive: true, mode: 0o700 });
  mkdirSync(join(CACHE, 'apt', 'archives', 'partial'), { recursive: true });
  writeFileSync(sources, sourceLines().join(''));
  if (!existsSync(stamp) || Date.now() - statSync(stamp).mtimeMs > FRESH_MS) {
    apt('apt-get', ['-q', 'update', '--error-on=any']);
    writeFileSync(stamp, '');
  }
  return apt('apt-cache', ['search', '--names-only', '^linux-image-[0-9].*-amd64$'])
    .split('\n')
    .flatMap((line) => line.split(' ', 1)[0] || []);
}

/** Downloads and unpacks a kernel package, and those that it has its image and modules from. */
export function fetchKernel(name: string): Kernel {
  const folder = join(CACHE, 'kernels', name);
  if (!existsSync(folder)) {
    const making = `${folder}.${process.pid}`;
    try {
      unpack(name, making);
      // Another try may have been faster.
      if (!existsSync(folder)) renameSync(making, folder);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  return find(name, folder);
}

function unpack(name: string, folder: string): void {
  const packages = join(folder, 'packages');
  mkdirSync(packages, { recursive: true, mode: 0o700 });
  const depends = /^Depends: (.*)$/m.exec(apt('apt-cache', ['show', '--no-all-versions', name]))?.[1] ?? '';
  const parts = [...depends.matchAll(/linux-(?:binary|modules)-\d\S+/g)].map(([part]) => part);
  apt('apt-get', ['-q', 'download', name, ...parts], packages);
  for (const file of readdirSync(packages)) output('dpkg-deb', ['--extract', join(packages, file), folder]);
  rmSync(packages, { recursive: true });
  const { release } = find(name, folder);
  const base = existsSync(join(folder, 'lib')) ? folder : join(folder, 'usr');
  output('depmod', ['-b', base, release]);
}

/** The image lies in /boot, and from Linux 7.2 on beside the modules; the modules in /lib or in /usr/lib. */
function find(name: string, folder: string): Kernel {
  const [libraries] = ['lib/modules', 'usr/lib/modules'].map((path) => join(folder, path)).filter(existsSync);
  const [release] = libraries === undefined ? [] : readdirSync(libraries);
  if (libraries !== undefined && release !== undefined) {
    const modules = join(libraries, release);
    const [image] = [join(folder, 'boot', `vmlinuz-${release}`), join(modules, 'vmlinuz')].filter(existsSync);
    if (image !== undefined) return { package: name, release, image, modules };
  }
  throw new SpliceError('TOOL_FAILED', `the package ${name} has no kernel in it`, 'name another package');
}

/** This machine's mirrors, with the suites that have kernels. */
function sourceLines(): string[] {
  const targets = output('apt-get', ['indextargets', '--format', '$(LABEL) $(REPO_URI)', 'Created-By: Packages']);
  const mirrors = new Map(targets.split('\n').map((line) => line.split(' ') as [string, string]));
  const signed = existsSync(KEYRING) ? ` signed-by=${KEYRING}` : '';
  const lines = Object.entries(SUITES).flatMap(([label, suites]) => {
    const mirror = mirrors.get(label);
    return mirror === undefined ? [] : suites.map((suite) => `deb [arch=amd64${signed}] ${mirror} ${suite} main\n`);
  });
  if (lines.length > 0) return lines;
  throw new SpliceError('TOOL_FAILED', "this machine's apt knows no mirror of Debian", 'apt-get update, on a Debian');
}

function apt(program: 'apt-get' | 'apt-cache', args: readonly string[], cwd: string = CACHE): string {
  const own = {
    'Dir::Etc::sourcelist': join(CACHE, 'apt', 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(CACHE, 'apt'),
    'Dir::State::lists': join(CACHE, 'apt', 'lists'),
    'Dir::Cache': join(CACHE, 'apt'),
    'APT::Architecture': 'amd64',
    // Its user for downloads may not look into somebody's cache folder.
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
  };
  const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return output(program, [...options, ...args], { cwd });
}
