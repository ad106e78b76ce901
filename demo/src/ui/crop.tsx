import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { AlignedCrop } from 'nearface';

/** An aligned crop, as the embedding model sees it; `label` is empty where text beside it says the same. */
export function Crop({ crop, label, large }: { crop: AlignedCrop; label: string; large?: boolean }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(crop.data, crop.width, crop.height), 0, 0);
  }, [crop]);
  return (
    <canvas
      ref={canvas}
      class={large ? 'crop large' : 'crop'}
      width={crop.width}
      height={crop.height}
      {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
    />
  );
}
