/** Brings a splice up and stays, to be killed. Arguments: the pin directory, the cgroup. */
import { openSplice } from '../../src/core/index.ts';

const [pin = '', cgroup = ''] = process.argv.slice(2);
openSplice({ pin }).up({ cgroups: [cgroup] });
process.stdout.write('up\n');
setInterval(() => {}, 1000);
