import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** How many milliseconds a key must wait that has made `perMinute` calls within a minute; 0 for one that need not. */
export function rateOf(perMinute: number): (token: number) => Promise<number> {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (token) => {
    try {
      await limiter.consume(String(token));
      return 0;
    } catch (error) {
      if (error instanceof RateLimiterRes) return error.msBeforeNext;
      throw error;
    }
  };
}
