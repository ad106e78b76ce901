import type { Degradation } from '../../tools/drawing/degrade.ts';

/** The ways in which photos are made worse, by name. */
export const CONDITIONS: readonly (readonly [name: string, how: Degradation])[] = [
  ['60 px', { faceSize: 60 }],
  ['40 px', { faceSize: 40 }],
  ['30 px', { faceSize: 30 }],
  ['22 px', { faceSize: 22 }],
  ['16 px', { faceSize: 16 }],
  ['blur 6 %', { blur: 0.06 }],
  ['blur 12 %', { blur: 0.12 }],
  ['JPEG 10', { jpeg: 0.1 }],
  ['dark', { dark: 0.12 }],
  ['yaw 35', { yaw: 35 }],
  ['yaw −55', { yaw: -55 }],
  ['roll 30', { roll: 30 }],
  ['mask', { mask: 1 }],
  ['black mask', { mask: 2 }],
  ['dark glasses', { glasses: true }],
  ['mask, 40 px', { mask: 0, faceSize: 40 }],
  ['glasses, blur', { glasses: true, blur: 0.07 }],
  ['mask, yaw 35', { mask: 1, yaw: 35 }],
];
