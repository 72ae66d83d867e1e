import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { PASS_REASONS, printable, type Status } from '../../core/index.ts';
import { REASON_LABELS } from '../../view/columns.ts';
import { describeKeptOut } from '../../view/event-text.ts';
import { formatBytes, formatCount, formatRate } from '../../view/format.ts';
import { describeSort } from '../rows/sort-order.ts';
import type { Store, TuiState } from '../store.ts';
import { styleOf } from '../theme.ts';
import { Field } from './Field.tsx';
import { Minute } from './Minute.tsx';
import { Switch } from './Switch.tsx';

interface Props {
  readonly store: Store;
  readonly state: TuiState;
  readonly readOnly: boolean;
  readonly width: number;
  /** Lines: the most important come first. */
  readonly height: number;
}

type Loaded = Extract<Status, { loaded: true }>;

const ROOM_FOR_NAME = 60;

/** Lines that it takes where there is room. */
export function headerLines(status: Status | null): number {
  return status?.loaded ? 6 : 2;
}

/** What is switched on, where, and how much goes through it. */
export function Header({ store, state, readOnly, width, height }: Props) {
  const { status, rates, turnaround } = state;
  const loaded = status?.loaded ? status : null;
  const keptOut = loaded ? describeKeptOut(loaded.keptOut) : '';
  const lines = [
    <Line key="switch">
      {width >= ROOM_FOR_NAME && <Text {...styleOf('title')}>splice-tui{'  '}</Text>}
      {loaded && <Switch status={loaded} rate={rates.total} />}
      {status?.loaded === false && <Text {...styleOf('byTcp')}>{'○'} not loaded</Text>}
    </Line>,
    loaded && (
      <Line key="minute">
        <Minute history={rates.history} turnaround={turnaround} width={width} />
      </Line>
    ),
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
        {formatRate(rates.total?.passes ?? null)}/s
      </Line>
    ),
    <Line key="view">
      {readOnly && <Field label="">read-only</Field>}
      {state.isPaused && <Text {...styleOf('notice')}>PAUSED{'   '}</Text>}
      {keptOut !== '' && (
        <Field label="kept out">
          <Text {...styleOf('notice')}>{keptOut}</Text>
        </Field>
      )}
      <View state={state} />
      <Field label="pin">{printable(store.source.pin)}</Field>
      <Field label="refresh">every {state.intervalMs} ms</Field>
    </Line>,
    loaded && (
      <Line key="cgroups">
        <Field label="cgroups">{printable(loaded.cgroups.join(', ')) || 'none'}</Field>
        <Field label="kernel">{printable(store.kernel)}</Field>
      </Line>
    ),
  ];
  return (
    <Box flexDirection="column" height={height} flexShrink={0} overflow="hidden">
      {lines.filter(Boolean).slice(0, height)}
    </Box>
  );
}

/** Filter and sort, where they are not those that one begins with. */
function View({ state }: { readonly state: TuiState }) {
  const { filter, sort } = state.rows.arrangement;
  return (
    <>
      {filter.text !== '' && (
        <Field label="filter">
          <Text {...styleOf('notice')}>{printable(filter.text)}</Text>
        </Field>
      )}
      {sort.column !== null && <Field label="sort">{describeSort(sort)}</Field>}
    </>
  );
}

function describePasses({ totals }: Loaded): string {
  return PASS_REASONS.map((reason) => `${REASON_LABELS[reason]} ${formatCount(totals.passes[reason])}`).join(', ');
}

function Line({ children }: { readonly children: ReactNode }) {
  return <Text wrap="truncate"> {children}</Text>;
}
