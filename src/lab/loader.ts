/** A tool of the lab that brings a splice up and watches it, until it is killed. */
import { type Mode, openSplice } from '../core/index.ts';
import { answerQuestions } from '../host/answering.ts';

const WATCH_MS = 10;

const [pin = '', cgroup = '', mode = ''] = process.argv.slice(2);
const splice = openSplice({ pin });
splice.up({ cgroups: [cgroup], mode: mode as Mode });
setInterval(() => splice.entries({ owners: false }), WATCH_MS);
answerQuestions(async () => null);
