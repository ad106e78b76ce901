import type { VNode } from 'preact';
import type { Angle, Face, Point } from 'nearface';
import { degrees } from '../model/pose-axes.ts';
import { placeBoxes } from './box-places.ts';
import { PoseArrows } from './pose-arrows.tsx';

/** A face as it is drawn over a picture. */
export interface BoxedFace {
  readonly face: Face;
  /** What stands at the box. */
  readonly label: string;
  /** What a screen reader says. */
  readonly description: string;
  readonly named: boolean;
  /** Keeps the box while others come and go before it. Default: its place in the list. */
  readonly id?: number;
}

interface FaceBoxesProps {
  /** Size of the picture that the boxes are in, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly BoxedFace[];
  readonly selected?: number | undefined;
  readonly onSelect?: (index: number) => void;
  readonly landmarks?: boolean;
  readonly mesh?: boolean;
  /** The axes of each head, and its degrees beside the box. */
  readonly pose?: boolean;
  readonly mirrored?: boolean;
}

/** Boxes, names, points and axes over a picture that fills the same place. */
export function FaceBoxes(props: FaceBoxesProps): VNode {
  const { width, height, faces, selected, onSelect, landmarks, mesh, pose, mirrored = false } = props;
  const points = (pick: (face: Face) => readonly Point[] | undefined): string =>
    faces.map(({ face }) => dots(pick(face) ?? [])).join('');
  const places = placeBoxes(
    faces.map(({ face }) => face.position),
    width,
    height,
    mirrored,
  );
  return (
    <>
      {(landmarks || mesh || pose) && (
        <svg
          class={mirrored ? 'points mirrored' : 'points'}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {mesh && <path class="mesh" d={points((face) => face.mesh)} />}
          {landmarks && <path class="landmarks" d={points((face) => face.landmarks)} />}
          {pose && faces.map(({ face }, i) => <PoseArrows key={i} face={face} />)}
        </svg>
      )}
      {faces.map(({ face, label, description, named, id }, i) => {
        const { style, below, right, foot } = places[i]!;
        const state = `${named ? ' named' : ''}${selected === i ? ' selected' : ''}`;
        const side = `${below ? ' below' : ''}${right ? ' right' : ''}`;
        const inside = (
          <>
            <span class={`face-label${side}`}>{label}</span>
            {pose && face.angle && <Degrees angle={face.angle} foot={foot} />}
          </>
        );
        return onSelect ? (
          <button
            key={id ?? i}
            type="button"
            class={`face-box${state}`}
            style={style}
            aria-label={description}
            aria-pressed={selected === i}
            onClick={() => onSelect(i)}
          >
            {inside}
          </button>
        ) : (
          <div key={id ?? i} class={`face-box${state}`} style={style}>
            {inside}
          </div>
        );
      })}
    </>
  );
}

/** The angles in the colours of the axes that they turn about. */
function Degrees({ angle, foot }: { readonly angle: Angle; readonly foot: string }): VNode {
  return (
    <span class={`pose-degrees ${foot}`} aria-hidden="true">
      {(['yaw', 'pitch', 'roll'] as const).map((turn) => (
        <span key={turn} class={`pose-degree ${turn}`}>
          {turn} {degrees(angle[turn])}
        </span>
      ))}
    </span>
  );
}

/** One zero-length stroke per point: round line ends make them dots of a size that does not scale. */
function dots(points: readonly Point[]): string {
  return points.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join('');
}
