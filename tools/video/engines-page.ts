/** Runs in the page: every frame of the files in `files.json`, and of clips that are made here, counted. */
import { openElement } from '../../src/platform/browser/frames/element-frames.ts';
import { FileFrames } from '../../src/platform/browser/frames/file-frames.ts';
import { decoderIn, openFrames } from '../../src/platform/browser/frames/open-frames.ts';
import { SeekFrames } from '../../src/platform/browser/frames/seek-frames.ts';
import { openStream } from '../../src/platform/browser/frames/stream-frames.ts';
import { drawNumber, readNumber } from './bar-code.ts';
import { renderClip } from './render-clip.ts';

/** How one file was read. */
export interface FileReport {
  readonly file: string;
  readonly way?: string;
  readonly about?: string;
  readonly frames?: number;
  /** Frames whose picture was not that of their number; only of clips that are made here. */
  readonly wrong?: number;
  readonly perSecond?: number;
  readonly error?: string;
}

declare global {
  interface Window {
    frameReports: { readonly files: readonly FileReport[]; readonly done: boolean };
  }
}

const assets = new URL('/lib/', location.href).href;
const [WIDTH, HEIGHT] = [304, 64];

async function read(file: string, input: Blob | string, isNumbered: boolean): Promise<FileReport> {
  const source = await openFrames(input, { assets });
  const { way, width, height, fps, codec } = source.info;
  const about = `${codec} ${width} × ${height} at ${fps?.toFixed(3)}, ${source.info.frames} in the index`;
  const start = performance.now();
  let [frames, wrong] = [0, 0];
  let error: string | undefined;
  try {
    for (let frame = await source.next(); frame; frame = await source.next()) {
      const isRight = frame.index === frames && (!isNumbered || numberOf(frame.image) === frames);
      if (!isRight) wrong++;
      frames++;
      frame.close();
    }
    // And from the middle.
    if (frames > 2) {
      await source.seek!(frames >> 1);
      const frame = await source.next();
      if (frame?.index !== frames >> 1 || (isNumbered && numberOf(frame.image) !== frames >> 1)) wrong++;
      frame?.close();
    }
  } catch (thrown) {
    error = String(thrown);
  }
  const perSecond = Math.round((frames * 1000) / (performance.now() - start));
  await source.close();
  return { file, way, about, frames, wrong, perSecond, ...(error !== undefined && { error }) };
}

function numberOf(image: CanvasImageSource): number {
  try {
    return readNumber(image, WIDTH, HEIGHT);
  } catch {
    return -1;
  }
}

async function live(): Promise<FileReport> {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  document.body.append(canvas);
  let drawn = 0;
  const draw = (): void => drawNumber(canvas.getContext('2d')!, drawn++);
  draw();
  const timer = setInterval(draw, 40);
  const source = openStream(canvas.captureStream(25), {});
  const seen: number[] = [];
  while (seen.length < 25) {
    const frame = await source.next();
    seen.push(numberOf(frame!.image));
    frame!.close();
  }
  const wrong = seen.filter((number, k) => number < (seen[k - 1] ?? 0)).length;
  await source.close();
  clearInterval(timer);
  return { file: 'a canvas as a camera', way: source.info.way, frames: seen.length, wrong };
}

/** The page's own `<video>`, played. */
async function element(): Promise<FileReport> {
  const video = document.createElement('video');
  document.body.append(video);
  Object.assign(video, { muted: true, src: URL.createObjectURL(await clip('vp8', 'webm')) });
  const source = openElement(video, {});
  await video.play();
  const seen: number[] = [];
  for (let frame = await source.next(); frame; frame = await source.next()) {
    seen.push(numberOf(frame.image));
    frame.close();
  }
  const wrong = seen.filter((number, k) => number < (seen[k - 1] ?? 0)).length;
  return { file: 'a <video> that is played', way: source.info.way, frames: seen.length, wrong };
}

/** As where there is no decoder. */
async function seeking(codec: 'avc' | 'vp9', container: 'mp4' | 'webm'): Promise<FileReport> {
  const file = { source: await clip(codec, container), name: `${codec} by seeking` };
  const decoded = await FileFrames.open(file, decoderIn(assets));
  await decoded.close();
  const source = await SeekFrames.open(file, decoded.info, decoded.times!);
  const start = performance.now();
  let [frames, wrong] = [0, 0];
  for (let frame = await source.next(); frame; frame = await source.next()) {
    if (numberOf(frame.image) !== frames++) wrong++;
    frame.close();
  }
  const perSecond = Math.round((frames * 1000) / (performance.now() - start));
  return { file: file.name, way: source.info.way, frames, wrong, perSecond };
}

async function clip(codec: 'avc' | 'vp9' | 'vp8', container: 'mp4' | 'webm'): Promise<Blob> {
  const options = { frames: 60, fps: 30000 / 1001, width: WIDTH, height: HEIGHT, draw: drawNumber };
  return renderClip({ ...options, codec, container });
}

async function main(): Promise<void> {
  const files: FileReport[] = [];
  const steps: [string, () => Promise<FileReport>][] = [
    ...(['avc', 'vp9', 'vp8'] as const).map((codec): [string, () => Promise<FileReport>] => {
      const container = codec === 'avc' ? 'mp4' : 'webm';
      return [
        `made here: ${codec}`,
        async () => read(`made here: ${codec}`, await clip(codec, container), true),
      ];
    }),
    ['a canvas as a camera', live],
    ['a <video> that is played', element],
    ['avc by seeking', () => seeking('avc', 'mp4')],
    ['vp9 by seeking', () => seeking('vp9', 'webm')],
  ];
  const given = (await (await fetch('files.json')).json()) as string[];
  for (const name of given) {
    const isNumbered = name.startsWith('numbered');
    steps.push([
      name,
      async () => read(name, new File([await (await fetch(`/files/${name}`)).blob()], name), isNumbered),
    ]);
  }
  const first = given[0];
  if (first) steps.push([`${first}, by URL`, () => read(`${first}, by URL`, `/files/${first}`, false)]);
  for (const [file, step] of steps) {
    window.frameReports = { files: [...files, { file, error: 'not done' }], done: false };
    const late = new Promise<FileReport>((done) =>
      setTimeout(() => done({ file, error: 'not done after 30 s' }), 30_000),
    );
    files.push(
      await Promise.race([step().catch((error: unknown) => ({ file, error: String(error) })), late]),
    );
  }
  window.frameReports = { files, done: true };
}

void main();
