/** A rate in whole numbers: `frames` in `seconds`. */
interface Rate {
  readonly frames: number;
  readonly seconds: number;
}

/** Rates of television, a thousandth slower than their whole number. */
const SLOWED_BY = 1001;
/** How far a file's rate may be off one of these, of which it is said to be. */
const TOLERANCE = 0.005;
/** Rates of which timecodes leave out numbers, so that they keep up with the clock: two a minute for each 30, but every tenth. */
const DROPPING: ReadonlySet<number> = new Set([30, 60]);

/**
 * A frame's timecode `HH:MM:SS:FF`, in whole numbers alone: FF counts the frames of that second. At 29.97 and 59.94 frames a second
 * `HH:MM:SS;FF`, drop-frame (SMPTE ST 12-1): the first two (four) numbers of each minute are left out, but for every tenth minute. At 23.976
 * seconds have 24 frames. Other rates that are not whole: FF counts from the first frame that is shown in the second of the clock.
 */
export function timecode(frame: number, fps: number): string {
  const nominal = Math.round(fps);
  const isSlowed = nominal > 0 && Math.abs((nominal * 1000) / SLOWED_BY - fps) < TOLERANCE;
  if (isSlowed && DROPPING.has(nominal)) return inParts(withDropped(frame, nominal), nominal, ';');
  const isWhole = nominal > 0 && Math.abs(nominal - fps) < TOLERANCE;
  if (isWhole || isSlowed) return inParts(frame, nominal, ':');
  const { frames, seconds } = rateOf(fps);
  const second = Math.floor((frame * seconds) / frames);
  return text(second, frame - Math.ceil((second * frames) / seconds), ':');
}

/** The number that a frame has once those are counted that are left out. */
function withDropped(frame: number, nominal: number): number {
  const dropped = nominal / 15;
  const inMinute = nominal * 60 - dropped;
  const inTen = nominal * 600 - 9 * dropped;
  const tens = Math.floor(frame / inTen);
  const rest = frame % inTen;
  const minutes = rest < nominal * 60 ? 0 : 1 + Math.floor((rest - nominal * 60) / inMinute);
  return frame + dropped * (9 * tens + minutes);
}

/** To a thousandth of a frame a second. */
function rateOf(fps: number): Rate {
  return { frames: Math.max(1, Math.round(fps * 1000)), seconds: 1000 };
}

function inParts(frame: number, nominal: number, separator: ':' | ';'): string {
  return text(Math.floor(frame / nominal), frame % nominal, separator);
}

function text(second: number, frame: number, separator: ':' | ';'): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  return `${two(hours)}:${two(minutes)}:${two(second % 60)}${separator}${two(frame)}`;
}
