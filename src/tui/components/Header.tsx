import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { PASS_REASONS, printable, type Status } from '../../core/index.ts';
import { REASON_LABELS } from '../../view/columns.ts';
import { formatBytes, formatCount, formatRate } from '../../view/format.ts';
import type { Rate } from '../rates.ts';
import { styleOf } from '../theme.ts';
import { Field } from './Field.tsx';

interface Props {
  readonly status: Status | null;
  readonly rate: Rate | null;
  readonly pin: string;
  readonly intervalMs: number;
  readonly readOnly: boolean;
  readonly width: number;
  /** Lines: the most important come first. */
  readonly height: number;
}

type Loaded = Extract<Status, { loaded: true }>;

export const HEADER_LINES = 5;
const ROOM_FOR_NAME = 60;

/** What is switched on, where, and how much goes through it. */
export function Header({ status, rate, pin, intervalMs, readOnly, width, height }: Props) {
  const loaded = status?.loaded ? status : null;
  const lines = [
    <Line key="switch">
      {width >= ROOM_FOR_NAME && <Text {...styleOf('title')}>splice-tui{'  '}</Text>}
      {loaded ? <Switch status={loaded} rate={rate} /> : <Text {...styleOf('byTcp')}>{'○'} not loaded</Text>}
    </Line>,
    loaded && (
      <Line key="totals">
        <Field label="redirects">
          {formatCount(loaded.totals.redirects)}, {formatBytes(loaded.totals.redirectBytes)}
        </Field>
        <Field label="map">
          {loaded.map.name} (id {loaded.map.id}), {loaded.map.entries}/{loaded.map.maxEntries} entries
        </Field>
      </Line>
    ),
    loaded && (
      <Line key="passes">
        <Field label="passes">{describePasses(loaded)}</Field>
      </Line>
    ),
    loaded && (
      <Line key="cgroups">
        <Field label="cgroups">{loaded.cgroups.join(', ') || 'none'}</Field>
      </Line>
    ),
    <Line key="view">
      <Field label="pin">{printable(pin)}</Field>
      <Field label="refresh">every {intervalMs} ms</Field>
      {readOnly && 'read-only'}
    </Line>,
  ];
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {lines.filter(Boolean).slice(0, height)}
    </Box>
  );
}

function Switch({ status, rate }: { readonly status: Loaded; readonly rate: Rate | null }) {
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
      {formatRate(rate?.passes ?? null)} passes/s
    </Text>
  );
}

function describePasses({ totals }: Loaded): string {
  return PASS_REASONS.map((reason) => `${REASON_LABELS[reason]} ${formatCount(totals.passes[reason])}`).join(', ');
}

function Line({ children }: { readonly children: ReactNode }) {
  return <Text wrap="truncate"> {children}</Text>;
}
