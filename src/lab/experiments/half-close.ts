import type { Experiment } from '../experiment.ts';

const QUESTION = 'question';
const ANSWER_BYTES = 1 << 20;

/** A client asks and shuts down its writing side; the server reads to the end, and then answers. */
export const halfClose: Experiment = {
  name: 'half-close',
  hazard: 'half-closed connections',
  naive: 'equal',
  explanation: 'A FIN goes by TCP and is read after all redirected bytes: naive holds here.',

  async perform(stage) {
    stage.load();
    const namespace = stage.namespace();
    const [far, near] = [await stage.peer(namespace), await stage.peer(namespace)];
    await near.connect('client', await far.listen());
    await far.accept('server');
    await near.send('client', QUESTION);
    await near.finish('client');
    const asked = await far.readAll('server');
    const reading = near.readAll('client');
    const answered = await far.flood('server', ANSWER_BYTES);
    await far.finish('server');
    const answer = await reading;
    const whole = asked.text === QUESTION && asked.error === null && answer.digest === answered.digest;
    const saw = whole ? 'both got all, then the end' : `${asked.text.length} and ${answer.bytes} bytes arrived`;
    return { saw, behaviour: saw };
  },
};
