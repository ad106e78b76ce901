"""
Fits what blur, few pixels and a misfit mesh take off the cosine of one photo, for src/video/shot-score.ts, from the faces of lfw-dev that
reliability-faces.ts has found and embed-crops.py embedded (.cache/train/reliability-lfw-dev.*): each photo is held against others of the same person as it is
and made worse, so that nothing but what was done to it differs. Prints the costs, and what a tilt would cost.
"""
import json, re
import numpy as np

FULL_SIZE, POWER, OTHERS = 60, 4, 6
rows = [json.loads(line) for line in open('.cache/train/reliability-lfw-dev.jsonl')]
raw = np.load('.cache/train/reliability-lfw-dev.mobilefacenet.npy')
unit = raw / np.linalg.norm(raw, axis=1)[:, None]
person = [re.sub(r'_\d+\.[a-z]+$', '', row['image']) for row in rows]
size, sharpness, alignment, roll = (np.array([row[key] for row in rows]) for key in ('size', 'sharpness', 'alignment', 'roll'))

as_it_is = {row['image']: i for i, row in enumerate(rows) if not row['how']}
photos = {}
for i in as_it_is.values():
    photos.setdefault(person[i], []).append(i)

# Masks, glasses and turns hide something: other faults are measured of them. So is the light.
HIDING = ('mask', 'glasses', 'yaw', 'dark')
pairs, drops = [], []
for worse, row in enumerate(rows):
    clean = as_it_is.get(row['image'])
    if not row['how'] or clean is None or any(how in row['how'] for how in HIDING):
        continue
    others = [i for i in photos[person[clean]] if i != clean][:OTHERS]
    if others:
        pairs.append((worse, clean))
        drops.append(np.mean(unit[others] @ (unit[clean] - unit[worse])))
worse, clean = np.array(pairs).T
drops = np.array(drops)


def faults(i):
    return np.stack([(1 - sharpness[i]) ** POWER, 1 - alignment[i], np.maximum(0, np.log(FULL_SIZE / size[i])), np.abs(roll[i]) / 20], 1)


change = faults(worse) - faults(clean)
costs = np.linalg.lstsq(change, drops, rcond=None)[0]
left = drops - change @ costs
print(f'{len(drops)} photos made worse lose {drops.mean():.3f} on average')
for name, cost in zip(('blurred', 'misfit', 'small', 'tilted'), costs):
    print(f'{name:8} {cost:7.4f}')
print(f'explained: {1 - left.var() / drops.var():.2f}')
