import { Text } from 'ink';
import type { Status } from '../../core/index.ts';
import { totalPasses } from '../../view/columns.ts';
import { formatBytes, formatRate } from '../../view/format.ts';
import type { Rate } from '../rows/rates.ts';
import { styleOf } from '../theme.ts';

interface Props {
  readonly status: Extract<Status, { loaded: true }>;
  readonly rate: Rate | null;
}

/** Whether it is on, and how much goes through it at the moment. */
export function Switch({ status, rate }: Props) {
  return (
    <Text>
      <Text {...styleOf('title')}>{status.mode}</Text>{' '}
      {status.bypass ? (
        <Text {...styleOf('byTcp')}>{'○'} BYPASS, all by TCP</Text>
      ) : (
        <Text {...styleOf('spliced')}>{'●'} redirecting</Text>
      )}
      {'  '}
      <Text {...styleOf('title')}>{formatRate(rate?.redirects ?? null)}</Text> redirects/s
      {'  '}
      {rate ? `${formatBytes(rate.bytes)}/s` : '-'}
      {'  '}
      {describeShare(rate, status)}
    </Text>
  );
}

/** Redirected messages of all: at the moment; when nothing is sent, since it is up. */
function describeShare(rate: Rate | null, { totals }: Props['status']): string {
  const now = rate && share(rate.redirects, rate.passes);
  const ever = share(totals.redirects, totalPasses(totals));
  if (now !== null) return `${now} spliced`;
  return ever === null ? '' : `${ever} were spliced`;
}

function share(redirects: number, passes: number): string | null {
  const all = redirects + passes;
  if (all === 0) return null;
  const percent = (100 * redirects) / all;
  // Not 100 % while anything goes by TCP.
  return `${percent < 100 ? Math.min(99.9, percent).toFixed(1) : '100'}%`;
}
