import { cleanup, render } from 'ink-testing-library';
import { afterEach, expect, test } from 'vitest';
import { PromptLines } from '../../src/tui/components/PromptLines.tsx';
import { displayWidth } from '../../src/view/width.ts';

afterEach(cleanup);

test('a question gives way to its answers where there is little room', () => {
  const text = 'Take [fd00::1234]:50000->[fd00::5678]:60000 out of the map? Its traffic goes on by TCP.';
  const choices = ['yes', 'no'].map((label) => ({ key: label.charAt(0), label }));
  const { lastFrame } = render(
    <PromptLines prompt={{ kind: 'choice', question: { text, choices } }} position="" width={80} height={1} />,
  );
  expect(lastFrame()).toMatch(/^ Take .*out of the map.*… {3}y yes {3}n no$/);
  expect(displayWidth(lastFrame() ?? '')).toBeLessThanOrEqual(80);
});
