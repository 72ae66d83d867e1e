import { Text } from 'ink';
import { quantile, type Turnaround } from '../../core/index.ts';
import { formatTurnaround } from '../../view/format.ts';
import { condense, sparkline } from '../../view/sparkline.ts';
import type { Rate } from '../rows/rates.ts';
import { styleOf } from '../theme.ts';
import { Field } from './Field.tsx';

interface Props {
  readonly history: readonly Rate[];
  readonly turnaround: Turnaround | null;
  readonly width: number;
}

/** What stands beside the line of bars takes as much. */
const BESIDE = 70;
const SECONDS = 60;

/** Redirects in the last minute, and what the splice made of the turnaround. */
export function Minute({ history, turnaround, width }: Props) {
  const room = Math.max(8, Math.min(SECONDS, width - BESIDE));
  const redirects = history.map((rate) => rate.redirects);
  return (
    <Text>
      <Field label="last minute">
        <Text {...styleOf('spliced')}>{sparkline(condense(redirects, room), room)}</Text>
      </Field>
      {turnaround && <Field label="turnaround p50">{describe(turnaround)}</Field>}
    </Text>
  );
}

function describe({ byTcp, redirected }: Turnaround): string {
  const [before, after] = [quantile(byTcp, 0.5), quantile(redirected, 0.5)];
  if (before === null && after === null) return '-';
  const ratio = before !== null && after !== null ? `, ${(before / after).toFixed(1)}×` : '';
  return `${formatTurnaround(before)} by TCP, ${formatTurnaround(after)} spliced${ratio}`;
}
