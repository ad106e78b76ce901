import type { Window } from './lower.ts';

/** The size of what windows over an image give. */
export function outputSize(
  from: { readonly height: number; readonly width: number },
  { kernel, stride, dilation, pads }: Window,
): [height: number, width: number] {
  const along = (size: number, side: number, step: number, pad: number): number =>
    Math.floor((size + pad - dilation * (side - 1) - 1) / step) + 1;
  return [
    along(from.height, kernel[0], stride[0], pads[0] + pads[2]),
    along(from.width, kernel[1], stride[1], pads[1] + pads[3]),
  ];
}

/** Whether the image itself is the matrix of the windows. */
export function isDirect({ kernel, stride, pads }: Window): boolean {
  return [...kernel, ...stride].every((side) => side === 1) && pads.every((pad) => pad === 0);
}
