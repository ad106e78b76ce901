import { expect, test } from 'vitest';
import { addressOf, type ApiInput, curlOf, requestOf } from './api-call.ts';
import { API_DIALECTS } from './api-dialects.ts';

const [compreface, findface] = API_DIALECTS as [(typeof API_DIALECTS)[0], (typeof API_DIALECTS)[0]];
const BASE = 'http://localhost:8000';
const blob = (text: string): Blob => new Blob([text], { type: 'image/jpeg' });
const input: ApiInput = {
  photo: { name: 'photo.jpg', blob: blob('photo') },
  selfie: { name: 'selfie.jpg', blob: blob('selfie') },
  facen: Uint8Array.of(1, 2, 3, 4),
};

test('a form is sent by curl as it is by the page', async () => {
  const verify = compreface.calls.find(({ id }) => id === 'verify')!;
  expect(curlOf(verify, compreface, BASE)).toBe(
    [
      `curl -X POST 'http://localhost:8000/api/v1/verification/verify' \\`,
      `  -H 'x-api-key: a-key-of-your-own' \\`,
      `  -F 'source_image=@selfie.jpg' \\`,
      `  -F 'target_image=@photo.jpg'`,
    ].join('\n'),
  );
  const request = await requestOf(verify, compreface, BASE, input);
  expect(request.headers.get('x-api-key')).toBe('a-key-of-your-own');
  const form = await request.formData();
  expect(await (form.get('source_image') as File).text()).toBe('selfie');
  expect((form.get('target_image') as File).name).toBe('photo.jpg');
});

test('pictures in JSON are base64, put there by the shell', async () => {
  const anysee = API_DIALECTS.find(({ api }) => api === 'anysee')!;
  const compare = anysee.calls.find(({ id }) => id === 'compare')!;
  expect(curlOf(compare, anysee, BASE)).toContain(
    `"imageTwo":{"data":"$(base64 < selfie.jpg | tr -d '\\n')"`,
  );
  const request = await requestOf(compare, anysee, BASE, input);
  expect(request.headers.get('content-type')).toBe('application/json');
  const { imageOne, imageTwo } = (await request.json()) as Record<string, { data: string }>;
  expect([imageOne, imageTwo].map((image) => atob(image!.data))).toEqual(['selfie', 'selfie']);
});

test('quotes in a field end no argument', () => {
  const call = {
    ...compreface.calls[0]!,
    body: { kind: 'form', fields: { name: `O'Hara; rm -r` } },
  } as const;
  expect(curlOf(call, compreface, BASE)).toContain(`-F 'name=O'\\''Hara; rm -r'`);
});

test('an id stands in the path once it is known', () => {
  const remove = findface.calls.find(({ id }) => id === 'delete')!;
  expect(addressOf(remove, BASE)).toBe(`${BASE}/v1/face/id/ID`);
  expect(curlOf(remove, findface, BASE, '7 8')).toContain(`-X DELETE '${BASE}/v1/face/id/7%208'`);
  expect(remove.idFrom?.take({ results: [{ id: 12 }] })).toBe('12');
  for (const answer of [undefined, null, '', { results: [] }, { results: [{ id: {} }] }])
    expect(remove.idFrom?.take(answer)).toBeUndefined();
});

test('every call that needs an id names one before it', () => {
  for (const { calls } of API_DIALECTS)
    for (const [i, { path, idFrom }] of calls.entries()) {
      expect(path.includes('{id}')).toBe(idFrom !== undefined);
      if (idFrom) expect(calls.slice(0, i).map(({ id }) => id)).toContain(idFrom.call);
    }
});
