import { cameraNeedsHttps } from '../model/explain.ts';
import { playSampleClip } from './sample-clip.ts';

/** What the camera page shows: a webcam, a file that is played as a camera, or the clip made of the samples. */
export type SourceChoice =
  | { readonly kind: 'webcam'; readonly deviceId: string }
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'sample' };

/** A source that plays. */
export interface CameraSource {
  /** Plays the picture; nobody else has it. */
  readonly video: HTMLVideoElement;
  /** What `nf.watch` is given. */
  readonly input: MediaStream | HTMLVideoElement;
  /** What the camera is called where it has no name yet. */
  readonly name: string;
  /** By which its record is found again: the device, or what stands for an address. */
  readonly key: { readonly deviceId?: string; readonly url?: string };
  /** Calls back if the source ends by itself. */
  onEnded(callback: () => void): void;
  close(): void;
}

/** Opens a source and lets it play. Rejects with why it cannot be had. */
export async function openSource(choice: SourceChoice): Promise<CameraSource> {
  if (choice.kind === 'file') return playFile(choice.file);
  if (choice.kind === 'sample') {
    const { stream, stop } = await playSampleClip();
    return streamSource(stream, 'Sample clip', { url: 'sample:clip' }, stop);
  }
  const stream = await openWebcam(choice.deviceId);
  const [track] = stream.getVideoTracks();
  const deviceId = track?.getSettings().deviceId ?? choice.deviceId;
  const stop = (): void => stream.getTracks().forEach((one) => one.stop());
  return streamSource(stream, track?.label || 'Camera', deviceId ? { deviceId } : { url: 'camera:' }, stop);
}

function newVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, playsInline: true });
  video.setAttribute('aria-label', 'Camera picture');
  return video;
}

async function streamSource(
  stream: MediaStream,
  name: string,
  key: CameraSource['key'],
  stop: () => void,
): Promise<CameraSource> {
  const video = newVideo();
  video.srcObject = stream;
  await play(video, stop);
  return {
    ...{ video, input: stream, name, key },
    onEnded: (callback) => stream.getVideoTracks()[0]?.addEventListener('ended', callback),
    close() {
      stop();
      video.srcObject = null;
    },
  };
}

async function playFile(file: File): Promise<CameraSource> {
  const video = newVideo();
  const url = URL.createObjectURL(file);
  const close = (): void => {
    video.pause();
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(url);
  };
  video.loop = true;
  video.src = url;
  await play(video, close);
  return {
    video,
    input: video,
    name: file.name,
    key: { url: `file:${file.name}` },
    onEnded: () => {},
    close,
  };
}

async function play(video: HTMLVideoElement, stop: () => void): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    stop();
    throw error;
  }
}

async function openWebcam(deviceId: string): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw cameraNeedsHttps();
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  const video = deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: 'user' };
  return navigator.mediaDevices.getUserMedia({ video, audio: false });
}
