/** A splice tried out: whether it redirects here, and how its sockets differ from plain TCP. */
import { SpliceError } from '../core/index.ts';
import { Bed } from './bed.ts';
import { type Check, missing, type Question } from './check.ts';
import { EXPERIMENTS, type Experiment } from './experiments.ts';
import { type Observation, runProbe } from './probe-process.ts';
import { NEEDS_BYPASS } from './probes.ts';

/** The line that decides. */
const SPLICE: Question = {
  name: 'guarded splice',
  group: 'programs',
  meaning: 'loads, attaches to a cgroup, is pinned, and redirects: `splice up` can be used here',
  remedy: 'what the lines above say; with DEBUG=splice there is more',
};

export interface LiveReport {
  checks: Check[];
  /** What stands against a guarded splice here; null when it can be used. */
  obstacle: SpliceError | null;
}

/** @param pin a splice of the doctor's own is pinned beside it, and gone when this returns */
export async function tryLive(pin: string): Promise<LiveReport> {
  try {
    await using bed = await Bed.make(pin);
    const { spliced } = await runProbe('redirect', bed.spliced, () => {});
    if (!spliced) throw notRedirected();
    const saw = 'spliced a connection in a cgroup of its own';
    const checks: Check[] = [{ ...SPLICE, result: 'works', saw, remedy: '' }];
    for (const experiment of EXPERIMENTS) checks.push(await compare(experiment, bed));
    return { checks, obstacle: null };
  } catch (thrown) {
    const error = thrown instanceof SpliceError ? thrown : notTried(thrown);
    const untried = EXPERIMENTS.map(({ name, group, meaning, remedy }) =>
      missing({ name, group, remedy, meaning: `where it deviates: ${meaning}` }, error, 'not tried: '),
    );
    return { checks: [missing(SPLICE, error), ...untried], obstacle: error };
  }
}

/** Runs an experiment on plain TCP, on a spliced connection, and on one that no rule of ours protects, side by side. */
async function compare({ probe, ...question }: Experiment, bed: Bed): Promise<Check> {
  try {
    const [control, spliced, naive] = await Promise.all([
      runProbe(probe, bed.control, () => {}),
      runProbe(probe, bed.spliced, () => bed.splice.setMode('bypass')),
      // Without a rule there is no bypass either.
      NEEDS_BYPASS.has(probe) ? null : runProbe(probe, bed.naive, () => {}),
    ]);
    return judge(question, control, spliced, naive ?? spliced);
  } catch (error) {
    return missing(question, error, 'no answer: ');
  } finally {
    bed.splice.setMode('guarded');
  }
}

/**
 * What the observations say together.
 * @param naive of a connection that a program without rules redirects
 */
export function judge(question: Question, control: Observation, spliced: Observation, naive: Observation): Check {
  if (control.spliced) {
    const remedy = "'splice down' for the splice that holds all connections of this machine, then the doctor again";
    return { ...question, result: 'missing', saw: 'not judged: plain TCP is spliced here, too', remedy };
  }
  if (!spliced.spliced || !naive.spliced) return missing(question, notRedirected(), 'not judged: ');
  const saw = `spliced: ${spliced.saw}; TCP: ${control.saw}`;
  if (spliced.saw !== control.saw) return { ...question, result: 'deviates', saw };
  const works = {
    ...question,
    result: 'works',
    meaning: 'applications see what they see with TCP',
    remedy: '',
  } as const;
  if (naive.saw === control.saw) return { ...works, saw };
  const meaning = 'a guarded splice leaves such a connection to TCP; any other sockmap would not';
  return { ...works, saw: `${saw}; without a rule: ${naive.saw}`, meaning };
}

function notTried(cause: unknown): SpliceError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SpliceError('KERNEL_REFUSED', `a splice could not be tried: ${why}`, SPLICE.remedy, cause);
}

function notRedirected(): SpliceError {
  return new SpliceError(
    'KERNEL_REFUSED',
    'the splice is up, and does not redirect',
    "the doctor again; if it stays so, what else is attached: 'bpftool cgroup tree', 'bpftool link'",
  );
}
