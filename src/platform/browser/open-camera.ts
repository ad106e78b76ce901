import { NearFaceError } from '../../core/errors.ts';

/** As {@link Host.openCamera}. */
export async function openCamera(deviceId: string): Promise<{ readonly stream: MediaStream; stop(): void }> {
  const { mediaDevices } = navigator as { readonly mediaDevices?: MediaDevices };
  if (!mediaDevices)
    throw new NearFaceError(
      'BACKEND_UNAVAILABLE',
      'This page may use no camera: it needs https:, or http://localhost; give the stream by options.source instead',
    );
  try {
    const stream = await mediaDevices.getUserMedia({ video: { deviceId: { exact: deviceId } } });
    return { stream, stop: () => stream.getTracks().forEach((track) => track.stop()) };
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new NearFaceError(
      'BACKEND_UNAVAILABLE',
      `The camera of deviceId '${deviceId}' cannot be opened (${why}); plug it in, allow its use, or name another`,
      { deviceId },
      error,
    );
  }
}
