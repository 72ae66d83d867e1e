import { cleanup, render } from 'ink-testing-library';
import { afterEach, expect, test, vi } from 'vitest';
import { App } from '../../src/tui/components/App.tsx';
import { Store } from '../../src/tui/store.ts';
import { Ui } from '../../src/tui/ui.ts';
import { patience } from '../setup/patience.ts';
import { anEntry } from '../view/fixtures.ts';
import { BUSY, Scene } from './source.ts';

const stores: Store[] = [];

afterEach(() => {
  cleanup();
  for (const store of stores.splice(0)) store.stop();
});

function show(scene: Scene, headline?: () => string[]) {
  const store = new Store({ source: scene, intervalMs: 250, headline });
  stores.push(store);
  store.lookNow();
  const app = render(<App store={store} ui={new Ui()} />);
  return { store, frame: () => app.lastFrame() ?? '', press: (keys: string) => app.stdin.write(keys) };
}

const PATIENCE_MS = patience(5000);

/** Input and effects run a moment later. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 200));

test('shows in the footer what core refused, until the next key', async () => {
  const scene = new Scene();
  scene.entries = [anEntry()];
  const { frame, press } = show(scene);
  await moment();
  scene.failure = BUSY;
  press(' ');
  await vi.waitFor(() => {
    expect(frame()).toContain('error[BUSY]: somebody else changes it; try: again in a moment');
  }, PATIENCE_MS);
  press('j');
  await vi.waitFor(() => {
    expect(frame()).not.toContain('BUSY');
    expect(frame()).toContain('q quit');
  }, PATIENCE_MS);
});

test('shows the entries it had, and the error, when a poll fails', async () => {
  const scene = new Scene();
  scene.entries = [anEntry()];
  const { store, frame } = show(scene);
  await moment();
  scene.failure = BUSY;
  store.lookNow();
  await vi.waitFor(() => {
    expect(frame()).toContain('10.0.0.1:5000');
    expect(frame()).toContain('error[BUSY]');
  }, PATIENCE_MS);
});

test('shows the error where the table would be when there are no entries', () => {
  const scene = new Scene();
  scene.failure = BUSY;
  expect(show(scene).frame()).toMatch(/error\[BUSY\]: somebody else changes it\s+try: again in a moment/);
});

test('shows the headline of the program around it', () => {
  const frame = show(new Scene(), () => ['before 61 µs', 'after 34 µs']).frame();
  expect(frame).toMatch(/^ before 61 µs\n after 34 µs$/m);
});
