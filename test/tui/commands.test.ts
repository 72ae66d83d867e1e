import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Commands } from '../../src/tui/commands.ts';
import { Store } from '../../src/tui/store.ts';
import { anEntry } from '../view/fixtures.ts';
import { BUSY, Scene } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'splice-tui-'));
afterAll(() => rmSync(folder, { recursive: true }));

function setUp() {
  const scene = new Scene();
  const store = new Store({ source: scene, intervalMs: 250 });
  store.lookNow();
  return { scene, store, commands: new Commands(store) };
}

describe('the bypass', () => {
  test('is flipped', () => {
    const { scene, commands } = setUp();
    commands.toggleBypass();
    expect(scene.bypass).toBe(true);
    commands.toggleBypass();
    expect(scene.bypass).toBe(false);
  });

  test('stays when core refuses, which is told', () => {
    const { scene, store, commands } = setUp();
    scene.failure = BUSY;
    commands.toggleBypass();
    expect(store.getState().notice).toMatchObject({ kind: 'refused', error: { code: 'BUSY' } });
    expect(scene.bypass).toBe(false);
  });

  test('is left alone when nothing is loaded', () => {
    const { scene, store, commands } = setUp();
    scene.loaded = false;
    store.lookNow();
    commands.toggleBypass();
    expect(scene.bypass).toBe(false);
  });
});

test('adopt tells how many came in, and how many could not', () => {
  const { store, commands } = setUp();
  commands.adopt();
  expect(store.getState().notice).toEqual({ kind: 'done', text: 'adopted 3 connections; 1 could not be' });
});

test('remove says that it waits, then what it came to', async () => {
  const { scene, store, commands } = setUp();
  const { key, cookie } = anEntry();
  scene.entries = [anEntry()];
  const removed = commands.remove({ key, cookie });
  expect(store.getState().notice).toMatchObject({ kind: 'busy' });
  await removed;
  expect(store.getState().notice).toEqual({ kind: 'done', text: `removed ${key}` });
  expect(scene.entries).toEqual([]);
});

test('a removal that the end of the view comes upon is given up, and that is waited for', async () => {
  const { scene, store, commands } = setUp();
  const { key, cookie } = anEntry();
  scene.entries = [anEntry()];
  scene.isUnread = true;
  void commands.remove({ key, cookie });
  expect(scene.isDraining).toBe(true);
  await store.stop();
  expect(scene.isDraining).toBe(false);
  expect(scene.entries).toEqual([anEntry()]);
});

describe('save', () => {
  const saved = (name: string) => {
    const { scene, store, commands } = setUp();
    scene.entries = [anEntry({ cookie: '2', process: null }), anEntry({ cookie: '1' })];
    store.lookNow();
    const path = join(folder, name);
    return { path, complaint: commands.save(path), notice: store.getState().notice };
  };

  test('writes JSON in the order of the rows, with the processes, for nobody else to read', () => {
    const { path, complaint, notice } = saved('rows.json');
    expect(complaint).toBeNull();
    expect(notice).toEqual({ kind: 'done', text: `wrote 2 entries to ${path}` });
    const entries = JSON.parse(readFileSync(path, 'utf8'));
    expect(entries).toEqual([anEntry({ cookie: '1' }), anEntry({ cookie: '2', process: { pid: 2, comm: 'curl' } })]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('writes CSV when the name ends so', () => {
    const { path } = saved('rows.csv');
    expect(readFileSync(path, 'utf8')).toMatch(/^key,sip,.*\r\n10\.0\.0\.1:5000->10\.0\.0\.2:80,.*\r\n.*\r\n$/);
  });

  test('writes nothing over, and follows no link', () => {
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, join(folder, 'link.json'));
    for (const name of ['precious', 'link.json']) {
      expect(saved(name).complaint).toMatchObject({ error: { code: 'FILE_NOT_WRITTEN' } });
    }
    expect(saved('no-such-folder/rows.json').complaint).toMatchObject({ error: { code: 'FILE_NOT_WRITTEN' } });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });
});
