/** What is compared: how bytes get from one process to another. */

export const VARIANTS = ['tcp', 'naive', 'guarded', 'unix'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Those that go through a splice, by the mode of that splice. */
export const SPLICED = ['naive', 'guarded'] as const satisfies readonly Variant[];
export type SplicedVariant = (typeof SPLICED)[number];

/** For people. */
export const VARIANT_TITLES: Readonly<Record<Variant, string>> = {
  tcp: 'TCP',
  naive: 'naive',
  guarded: 'guarded',
  unix: 'Unix socket',
};

/** Whether the variant is one with a splice. */
export function isSpliced(variant: Variant): variant is SplicedVariant {
  return (SPLICED as readonly Variant[]).includes(variant);
}
