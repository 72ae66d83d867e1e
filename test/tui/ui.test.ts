import { describe, expect, test, vi } from 'vitest';
import { Ui } from '../../src/tui/ui.ts';

const ENTRY = { cookie: '7', key: '10.0.0.1:5000->10.0.0.2:80' };

describe('views', () => {
  test('lie over each other, and go away one by one', () => {
    const ui = new Ui();
    const names = () => ui.getState().view.name;
    ui.open({ name: 'events' });
    ui.open({ name: 'detail', entry: ENTRY });
    expect(ui.getState().view).toEqual({ name: 'detail', entry: ENTRY });
    ui.back();
    expect(names()).toBe('events');
    ui.back();
    ui.back();
    expect(names()).toBe('table');
  });

  test('one that is below comes up again', () => {
    const ui = new Ui();
    ui.open({ name: 'events' });
    ui.open({ name: 'help' });
    ui.open({ name: 'events' });
    ui.back();
    expect(ui.getState().view.name).toBe('table');
  });
});

describe('keys', () => {
  test('do what the table of keys says in the view on screen', () => {
    const ui = new Ui();
    const handlers = { back: vi.fn(), down: vi.fn() };
    const away = ui.register(() => handlers);
    ui.press('j');
    ui.press('escape');
    ui.press('ß');
    expect(handlers.down).toHaveBeenCalledTimes(1);
    ui.open({ name: 'help' });
    ui.press('escape');
    expect(handlers.back).toHaveBeenCalledTimes(1);
    away();
    ui.press('escape');
    expect(handlers.back).toHaveBeenCalledTimes(1);
  });

  test('that change something do nothing when read-only', () => {
    const toggleBypass = vi.fn();
    for (const readOnly of [true, false]) {
      const ui = new Ui({ readOnly });
      ui.register(() => ({ toggleBypass }));
      ui.press(' ');
      expect(toggleBypass).toHaveBeenCalledTimes(readOnly ? 0 : 1);
    }
  });
});
