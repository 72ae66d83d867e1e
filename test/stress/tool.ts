/** A tool of ours at work, to be killed. Arguments: what it does, the pin directory, and a cgroup or a key. */
import { openSplice, SpliceError } from '../../src/core/index.ts';

const [work, pin = '', target = ''] = process.argv.slice(2);
const splice = openSplice({ pin });

async function once(): Promise<void> {
  if (work === 'up') splice.up({ cgroups: [target] });
  else if (work === 'entries') splice.entries();
  else if (work === 'del') await splice.del(target);
  else if (work === 'down') await splice.down({ timeoutMs: 1000 });
  else throw new Error(`no work '${work}'`);
}

process.stdout.write('ready\n');
for (;;) {
  try {
    await once();
  } catch (error) {
    // Others are at work on the same splice.
    if (!(error instanceof SpliceError)) throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
