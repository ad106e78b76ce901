/** Runs in the demo: a camera before which the left person of a sample photo does what the page says. */
import type * as Library from '../src/index.ts';
import { type Act, ActingFace } from '../tools/drawing/act.ts';

const SIDE = 480;
const FACE_SHARE = 0.4;
const FPS = 12;
const TURN = [15, 30, 45, 45, 45, 45, 45, 30, 15];
/** What is done for each instruction, by a word of it; `turn` by the side of the picture. */
const ACTS: readonly (readonly [word: string, acts: readonly Act[]])[] = [
  ['Close your eyes', Array.from({ length: 4 }, () => ({ eyes: 0 }))],
  ['to your right', TURN.map((yaw) => ({ yaw: -yaw }))],
  ['to your left', TURN.map((yaw) => ({ yaw }))],
  ['Smile', Array.from({ length: 14 }, () => ({ smile: 1 }))],
  ['Nod', [8, 16, 25, 25, 25, 12, 4].map((pitch) => ({ pitch }))],
];

/** Puts the person in the place of every camera. */
async function act(sample: number): Promise<void> {
  const url = new URL('./nearface/nearface.js', location.href).href;
  const { NearFace } = (await import(url)) as typeof Library;
  const nf = await NearFace.create({ assets: './nearface/', device: 'wasm', database: null });
  const blob = await (await fetch(`./samples/sample${sample}.jpg`)).blob();
  const { faces } = await nf.detect(blob, { returnDetails: { mesh: true } });
  await nf.dispose();
  const [face] = [...faces].sort((a, b) => a.position.left - b.position.left);
  const { left, top, width, height } = face!.position;
  const side = Math.max(width, height) / FACE_SHARE;
  const [x0, y0, scale] = [left + width / 2 - side / 2, top + height / 2 - side / 2, SIDE / side];
  const photo = await createImageBitmap(blob);
  const close = new OffscreenCanvas(SIDE, SIDE);
  close
    .getContext('2d')!
    .drawImage(photo, -x0 * scale, -y0 * scale, photo.width * scale, photo.height * scale);
  const points = face!.mesh!.map(({ x, y, z }) => ({
    x: (x - x0) * scale,
    y: (y - y0) * scale,
    z: z * scale,
  }));
  const actor = new ActingFace(close.transferToImageBitmap(), points);
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  const context = canvas.getContext('2d')!;
  let acts: Act[] = [];
  let heard = '';
  setInterval(() => {
    const text = document.querySelector('.sign-in-ask.now')?.textContent ?? '';
    if (text !== heard) acts = [...(ACTS.find(([word]) => text.includes(word))?.[1] ?? [])];
    heard = text;
    actor.draw(context, acts.shift() ?? {});
  }, 1000 / FPS);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(FPS);
}

export type ActBeforeCamera = typeof act;

(globalThis as { actBeforeCamera?: ActBeforeCamera }).actBeforeCamera = act;
