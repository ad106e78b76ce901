import { expect, it } from 'vitest';
import { refusalOf } from './stranger.ts';

const refusal = (
  url: string,
  headers: Record<string, string> = {},
  origins: readonly string[] = [],
): unknown => refusalOf({ url, headers: new Headers(headers) }, origins);

it('this machine is answered by its own names, whoever asks from it', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
    const url = `http://${host}:8000/v1/faces`;
    expect(refusal(url)).toBeUndefined();
    expect(refusal(url, { origin: `http://${host}:8000` })).toBeUndefined();
    expect(refusal(url, { origin: 'https://app.example' }, ['https://app.example'])).toBeUndefined();
    expect(refusal(url, { origin: 'https://app.example' }, ['*'])).toBeUndefined();
  }
});

it('a page’s name that leads here, and pages of other origins, are refused', () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '0.0.0.0',
  ])
    expect(refusal(`http://${host}:8000/v1/faces`, {}, ['*'])).toContain('--token');
  for (const origin of ['https://evil.example', 'http://localhost:9000', 'null'])
    expect(refusal('http://localhost:8000/v1/face', { origin }, ['https://app.example'])).toContain(
      '--origin',
    );
});
