/** All experiments, in the order of the list of hazards. */
import type { Experiment } from '../experiment.ts';
import { absentPeer } from './absent-peer.ts';
import { bystander } from './bystander.ts';
import { crash } from './crash.ts';
import { halfClose } from './half-close.ts';
import { lossOnDelete } from './loss-on-delete.ts';
import { namespaces } from './namespaces.ts';
import { reorder } from './reorder.ts';
import { slowReader } from './slow-reader.ts';
import { usedAgain } from './used-again.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  reorder,
  lossOnDelete,
  slowReader,
  absentPeer,
  namespaces,
  bystander,
  halfClose,
  crash,
  usedAgain,
];
