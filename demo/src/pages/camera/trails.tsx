import type { VNode } from 'preact';
import { useStore } from '../../state/store.ts';
import type { PictureSize } from '../../ui/stage-size.ts';

interface TrailsProps {
  readonly size: PictureSize;
  readonly mirrored: boolean;
}

/** Where the middles of the faces were lately. */
export function Trails({ size: { width, height }, mirrored }: TrailsProps): VNode {
  const { camera } = useStore();
  return (
    <svg
      class={mirrored ? 'points mirrored' : 'points'}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {[...camera.view.value.trails].map(([id, points]) => (
        <polyline
          key={id}
          class={`trail hue-${id % 6}`}
          points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        />
      ))}
    </svg>
  );
}
