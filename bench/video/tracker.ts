/**
 * `npm run bench:tracker [-- --seeds 1,2,3,4,5 --strides 1,5 --scenes]`: the tracker over simulated scenes with simulated
 * detectors and embeddings, against itself without appearance and against OC-SORT's published rule. `--scenes` says each scene apart.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_TRACKER, OC_SORT, type TrackerOptions } from '../../src/video/tracker-options.ts';
import { printTable } from '../harness/table.ts';
import { addCounts, type Counts, figures, follow, measure, publishedOutput } from './follow.ts';
import { detect, DETECTORS } from './simulate.ts';
import { makeScenes } from './trajectories.ts';

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3,4,5' },
    strides: { type: 'string', default: '1,5' },
    scenes: { type: 'boolean', default: false },
  },
});

interface Contestant {
  readonly name: string;
  readonly tracker: TrackerOptions;
  readonly backlog: boolean;
  readonly published?: boolean;
}

const CONTESTANTS: readonly Contestant[] = [
  { name: 'nearface', tracker: DEFAULT_TRACKER, backlog: true },
  { name: 'without appearance', tracker: { ...DEFAULT_TRACKER, appearance: false }, backlog: true },
  { name: 'OC-SORT, from the first frame', tracker: OC_SORT, backlog: true },
  { name: 'OC-SORT as published', tracker: OC_SORT, backlog: false, published: true },
];

const scenes = makeScenes(args.seeds.split(',').map(Number));
const rows: (string | number)[][] = [];
for (const stride of args.strides.split(',').map(Number))
  for (const detector of DETECTORS)
    for (const { name, tracker, backlog, published } of CONTESTANTS) {
      if (published && stride > 1) continue;
      const counts = scenes.map((scene): [string, Counts] => {
        const faces = detect(scene, detector, 1);
        const { answers, embedded } = follow(scene, faces, { tracker, stride, backlog });
        return [scene.name, measure(scene, published ? publishedOutput(answers) : answers, embedded)];
      });
      const names = args.scenes ? [...new Set(scenes.map((scene) => scene.name))] : [];
      for (const one of names) {
        const some = counts.filter(([scene]) => scene === one).map(([, each]) => each);
        rows.push([stride, detector.name, name, one, ...Object.values(figures(addCounts(some)))]);
      }
      const all = figures(addCounts(counts.map(([, each]) => each)));
      rows.push([stride, detector.name, name, 'all', ...Object.values(all)]);
    }
const header = [
  'IDF1',
  'MOTA',
  'HOTA',
  'DetA',
  'AssA',
  'switches',
  'crossings',
  'per 10',
  'embedded a frame',
];
printTable(['every', 'detector', 'tracker', 'scene', ...header], rows);
