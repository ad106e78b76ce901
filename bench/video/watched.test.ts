import { describe, expect, test } from 'vitest';
import { scenes } from '../../tools/video/scene-list.ts';
import type { ReadyPerson, Watched } from './page-types.ts';
import { answersOf, appearancesOf, countedFrames, type KnownFace, toldOf, truthIn } from './watched.ts';

const people = [...'abcdefgh'].map((name, i): ReadyPerson => ({
  ...{ name, isKnown: i % 2 === 0, shapes: [[0.8, 1]] },
}));
const scene = scenes({ people: people.map(({ name }) => name), seed: 1 }).find(
  ({ name }) => name === 'leaving and returning',
)!;
const truth = truthIn(scene, people);

/** A session that saw all that is half visible, and knew everybody. */
function perfect(): Watched {
  const faces = truth.map((frame) =>
    frame
      .filter(({ visible }) => visible >= 0.5)
      .map(({ id, box }) => ({ id: id + 1, box, predicted: false })),
  );
  const lost = appearancesOf(scene, truth).map(({ id, person, start, end }) => ({
    ...{ trackId: id + 1, firstFrame: start[1], lastFrame: end[0], reason: 'ended' },
    ...(people.find(({ name }) => name === person)!.isKnown && { name: person }),
  }));
  return { frames: faces.length, faces, appeared: [], lost, names: [], shots: [], likenesses: [] };
}

const told = (watched: Watched): ReturnType<typeof toldOf> =>
  toldOf(scene, truth, answersOf(watched), people, watched);

describe('what a session told', () => {
  test('has no fault where all is as it is', () => {
    const { appearances, foundAppearances, named, known, strangersNamed, faults } = told(perfect());
    expect([appearances, foundAppearances, named, strangersNamed]).toEqual([3, 3, known, 0]);
    expect(faults).toEqual([]);
  });

  test('is late by three frames', () => {
    const watched = perfect();
    const lost = watched.lost.map((each) => ({ ...each, firstFrame: each.firstFrame + 3 }));
    expect(told({ ...watched, lost })).toMatchObject({ appearances: 3, foundAppearances: 0 });
  });

  test('gives a stranger a name, and somebody known a wrong one', () => {
    const watched = perfect();
    const lost = watched.lost.map((each) => ({ ...each, name: 'nobody here' }));
    const { named, known, strangers, strangersNamed, wrongNames } = told({ ...watched, lost });
    expect([named, strangersNamed, wrongNames]).toEqual([0, strangers, known]);
  });
});

test('an answer on a face that is hardly visible is no fault, one beside it is', () => {
  const box = { left: 0, top: 0, width: 100, height: 100 };
  const hidden: KnownFace = { id: 1, person: 'a', visible: 0.2, box };
  const away = { id: 8, box: { ...box, left: 300 } };
  const [frame] = countedFrames([[hidden]], [[{ id: 7, box }, away]]);
  expect(frame).toEqual({ truth: [], answer: [away] });
});

test('frames before a track was sure are filled in', () => {
  const box = { left: 0, top: 0, width: 10, height: 10 };
  const there = [{ id: 1, box: { ...box, left: 20 }, predicted: false }];
  const appeared = [{ trackId: 1, frame: 0, box, told: 2 }];
  const answers = answersOf({ ...perfect(), faces: [[], [], there], appeared });
  expect(answers.map(([named]) => named?.box.left)).toEqual([0, 10, 20]);
});

test('a best shot stands where the frames that are clearly more like the enrolled photo put it', () => {
  const one = { ...scene, onePhoto: true };
  const shotAt = (cosine: number, clearest = 4): ReturnType<typeof toldOf> => {
    const watched = perfect();
    const { id: trackId } = watched.faces[0]![0]!;
    const of = (frame: number, value: number) => ({ trackId, frame, cosines: people.map(() => value) });
    // The clearest frame is the fifth, in which the person looks otherwise than on the enrolled photo.
    const likenesses = Array.from({ length: 20 }, (_, i) => ({
      ...of(i, 0.5 + i / 100),
      shown: people.map(() => (i === clearest ? 0.99 : 0.9)),
    }));
    const shown = { ...watched, likenesses, shots: [of(0, cosine)] };
    return toldOf(one, truth, answersOf(shown), people, shown);
  };
  // 0.67 .. 0.69 are above it, of which 0.67 no more than frames of one face differ.
  expect(shotAt(0.665)).toMatchObject({ shots: 1, goodShots: 1, betterFrames: 2 / 20 });
  expect(shotAt(0.645)).toMatchObject({ shots: 1, goodShots: 0, betterFrames: 4 / 20 });
  expect([4, 17, 19].map((clearest) => shotAt(0.6, clearest).attainableShots)).toEqual([0, 1, 1]);
  // One that nobody can be made out in is the worst.
  expect(shotAt(-1)).toMatchObject({ shots: 1, goodShots: 0, betterFrames: 1 });
});
