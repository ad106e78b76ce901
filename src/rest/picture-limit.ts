import { RestError } from './problem.ts';

/** A call's place among those that have a picture. */
export interface PicturePlace {
  /** Takes it, however often it is asked for. @throws RestError 503 where all are taken */
  take(): void;
  /** Frees it, if it was taken. */
  leave(): void;
}

/** Bounds how many calls with a picture are answered at a time. */
export class PictureLimit {
  readonly #most: number;
  #taken = 0;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  /** For one call. */
  place(): PicturePlace {
    let isTaken = false;
    return {
      take: () => {
        if (isTaken) return;
        if (this.#taken >= this.#most) throw tooMany(this.#most);
        isTaken = true;
        this.#taken++;
      },
      leave: () => {
        if (isTaken) this.#taken--;
        isTaken = false;
      },
    };
  }
}

function tooMany(most: number): RestError {
  const message = `${most} calls with a picture are being answered already; call again in a moment`;
  const headers = { 'Retry-After': '1' };
  return new RestError({ status: 503, code: 'SERVICE_UNAVAILABLE', message, headers });
}
