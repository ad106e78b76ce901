/** Runs in the page: people of the sample photos who do what they are asked, as frames of a camera. */
import type { ChallengeEvent, ChallengeOptions, ChallengeResult, ChallengeStep } from '../src/index.ts';
import { type Act, ActingFace } from '../tools/drawing/act.ts';

/** How a challenge went, as it crosses to the test. */
export interface Went {
  readonly result: Omit<ChallengeResult, 'best'> & { readonly best?: { readonly score: number } };
  readonly events: readonly string[];
  /** Cosine of the best look with the photo of the first person. */
  readonly cosine?: number;
}

const FPS = 20;
/** Sides of a frame, and the share of it that a face takes. */
const SIDE = 480;
const FACE_SHARE = 0.4;

/** Degrees that a face is drawn turned by; it is seen turned by less. */
const TURN = [12, 25, 38, 45, 45, 45, 45, 45, 45, 28, 12];
/** What a face does for a step, frame by frame, before it looks straight on again. */
const ACTS: Readonly<Record<ChallengeStep, readonly Act[]>> = {
  blink: Array.from({ length: 4 }, () => ({ eyes: 0 })),
  'turn-left': TURN.map((yaw) => ({ yaw: -yaw })),
  'turn-right': TURN.map((yaw) => ({ yaw })),
  smile: Array.from({ length: 14 }, () => ({ smile: 1 })),
  nod: [8, 16, 25, 25, 25, 12, 4].map((pitch) => ({ pitch })),
};

const people = new Map<string, { readonly face: ActingFace; readonly embedding: Float32Array }>();

/** The people of a sample photo, from left to right, by `NUMBER/INDEX`. */
async function prepare(sample: number): Promise<number> {
  const blob = await (await fetch(`/photos/sample${sample}.jpg`)).blob();
  const { faces } = await window.nf.embed(blob, { mode: 'accurate', returnDetails: { mesh: true } });
  const photo = await createImageBitmap(blob);
  const ordered = [...faces].sort((a, b) => a.position.left - b.position.left);
  for (const [i, { position, mesh, embedding }] of ordered.entries()) {
    const side = Math.max(position.width, position.height) / FACE_SHARE;
    const left = position.left + position.width / 2 - side / 2;
    const top = position.top + position.height / 2 - side / 2;
    const canvas = new OffscreenCanvas(SIDE, SIDE);
    const scale = SIDE / side;
    canvas
      .getContext('2d')!
      .drawImage(photo, -left * scale, -top * scale, photo.width * scale, photo.height * scale);
    const points = mesh!.map(({ x, y, z }) => ({
      x: (x - left) * scale,
      y: (y - top) * scale,
      z: z * scale,
    }));
    const face = new ActingFace(canvas.transferToImageBitmap(), points);
    people.set(`${sample}/${i}`, { face, embedding: embedding! });
  }
  return ordered.length;
}

/** Who is before the camera, and what they do when something is asked. */
export interface Player {
  readonly who: string;
  /** What is done for a step; the step itself unless it says otherwise. */
  readonly does?: Readonly<Partial<Record<ChallengeStep, ChallengeStep | 'nothing'>>>;
  /** Who is there instead from the second step on. */
  readonly then?: string;
  /** Who is there instead while something is done. */
  readonly actor?: string;
}

/** Plays a challenge to somebody. Frames come as fast as they are looked at. */
async function play({ who, does = {}, then, actor }: Player, options: ChallengeOptions): Promise<Went> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d')!;
  let acts: Act[] = [];
  let asked = 0;
  const faceNow = (): ActingFace => {
    const name =
      then !== undefined && asked > 1 ? then : actor !== undefined && acts.length > 0 ? actor : who;
    return people.get(name)!.face;
  };
  async function* frames(): AsyncGenerator<ImageBitmap> {
    for (let i = 0; i < 60 * FPS; i++) {
      // Events of the frame before are heard first.
      await new Promise((done) => setTimeout(done));
      const face = faceNow();
      face.draw(context, acts.shift() ?? {});
      yield canvas.transferToImageBitmap();
    }
  }
  const challenge = window.nf.challenge(frames(), { ...options, fps: FPS });
  const events: string[] = [];
  const hear = (event: ChallengeEvent): void => {
    events.push(
      [event.type, 'step' in event ? event.step : '', event.type === 'hint' ? (event.hint ?? '') : '']
        .filter(Boolean)
        .join(' '),
    );
    if (event.type !== 'asked') return;
    asked++;
    const answer = does[event.step] ?? event.step;
    acts = answer === 'nothing' ? [] : [{}, {}, {}, ...ACTS[answer]];
  };
  for await (const event of challenge) hear(event);
  const { best, ...result } = await challenge.result;
  const first = people.get(who)!.embedding;
  const cosine = best && best.embedding.reduce((sum, x, k) => sum + x * first[k]!, 0);
  return {
    result: { ...result, ...(best && { best: { score: best.score } }) },
    events,
    ...(cosine !== undefined && { cosine }),
  };
}

/** What the test calls. */
export interface ChallengePage {
  readonly prepare: typeof prepare;
  readonly play: typeof play;
}

(globalThis as { challengePage?: ChallengePage }).challengePage = { prepare, play };
