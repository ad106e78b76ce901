import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Box, Camera } from 'nearface';
import type { AreaKind } from '../../state/camera-store.ts';
import { useStore } from '../../state/store.ts';
import { AreaFields } from '../../ui/area-fields.tsx';
import { Problem } from '../../ui/problem.tsx';

interface CameraAreasProps {
  readonly kind: AreaKind;
  readonly camera: Camera;
}

const MEANING: Readonly<Record<AreaKind, string>> = {
  rot: 'Faces are looked for here only, which saves work',
  roi: 'Only faces whose middle is here are reported and noted',
};

/** An area of the camera in numbers. */
export function CameraAreas({ kind, camera: record }: CameraAreasProps): VNode | null {
  const { camera } = useStore();
  const [error, setError] = useState<unknown>();
  const size = camera.size.value;
  if (!size) return null;
  const set = (area: Box | undefined): void => {
    camera.setArea(kind, area).then(() => setError(undefined), setError);
  };
  return (
    <>
      <AreaFields key={kind} picture={size} area={record[kind]} onArea={set}>
        {MEANING[kind]}
      </AreaFields>
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
