"""
`reliability.py [mobilefacenet-2 | fused] [--same-embeddings]` fits what the confidence of an embedding model rests on, from the faces that reliability-faces.ts has
found and embed-crops.py embedded (.cache/train/reliability-SET.*):

- the directions along which strangers' embeddings agree (children, groups of people, masks, blur, the dark, turned heads), whose
  share in an embedding is limited; with --same-embeddings those of the last fit stay, and galleries with them;
- the reliability of a face, a small network on what was measured of it;
- by both faces' reliabilities, how impostor scores are shifted and spread, against those of reliable faces.

Writes model-factory/train/reliability.json (fused.json), which model-factory/convert puts into the manifest. Half of lfw-dev's people and half of utkface-dev's
photos are fitted on; `npm run bench:confidence` measures on the others.
"""
import csv, json, os, re, sys
import numpy as np
from sklearn.neural_network import MLPRegressor

MODEL = sys.argv[1] if len(sys.argv) > 1 else 'mobilefacenet-2'
FILES = {'mobilefacenet-2': 'reliability.json', 'fused': 'fused.json'}
DATA = os.environ.get('NEARFACE_DATA', '../shared/data')
# How far groups of people are held to the names, by model; fused's was chosen by cross-validation by people within the half that is fitted on.
# `share` of a level's rate that lfw-dev's strangers may have, at most 0.6, times the rate to the power of `steeper`, since the groups' tails are
# longer; `groups`: whether likeness to one's group lowers reliability, as likeness to masked faces does; `crowd`: the share where both faces are bad.
SETTINGS = {
    'mobilefacenet-2': {'share': 0.6, 'steeper': 0, 'groups': False, 'crowd': 0.4},
    'fused': {'share': 1.8, 'steeper': 0.2, 'groups': True, 'crowd': 0.2},
}[MODEL]
LIMIT = 0.15
HIDDEN = 12
KNOTS = [0, 0.15, 0.3, 0.45, 0.6, 0.8, 1]
KINDS = ['mask', 'glasses', 'small', 'blur', 'yaw+', 'yaw-', 'dark']
GROUPS = ['white', 'black', 'asian', 'indian']
SAME = 'bench/confidence/utkface-same.json'
POINTS = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]
rng = np.random.default_rng(1)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def fusion():
    """What fusion.py has fitted: the matrix for the second network's output, and what its cosine counts."""
    rows = np.fromfile('model-factory/train/fused.weights', '<f2').reshape(-1, 512).astype(np.float32)
    return rows, json.load(open('.cache/train/fusion.json'))['weight']


def embeddings(name):
    """Embeddings of unit length, as yet not limited, and the length of the first network's output."""
    read = lambda network: np.load(f'.cache/train/reliability-{name}.{network}.npy')
    first = read('mobilefacenet')
    length = np.linalg.norm(first, axis=1)
    if MODEL == 'mobilefacenet-2': return unit(first), length
    rows, weight = fusion()
    second = unit(read('fr-feature') @ rows.T)
    return np.concatenate([np.sqrt(1 - weight) * unit(first), np.sqrt(weight) * second], 1).astype(np.float32), length


def load(name):
    rows = [json.loads(line) for line in open(f'.cache/train/reliability-{name}.jsonl')]
    # Several browsers found them, in no certain order.
    order = sorted(range(len(rows)), key=lambda i: (rows[i]['image'], i))
    vectors, length = embeddings(name)
    rows, vectors, length = [rows[i] for i in order], vectors[order], length[order]
    faces = {key: np.array([row[key] for row in rows]) for key in
             ['image', 'size', 'presence', 'alignment', 'sharpness', 'yaw', 'pitch', 'roll']}
    faces.update(length=length, unit=vectors, how=np.array([row['how'] for row in rows], dtype=object))
    faces['clean'] = np.array([len(how) == 0 for how in faces['how']])
    return faces


def join(*some):
    return {key: np.concatenate([faces[key] for faces in some]) for key in some[0]}


def read_lfw():
    faces = load('lfw-dev')
    person = lambda image: re.sub(r'_\d+\.[a-z]+$', '', image)
    people = sorted({person(image) for image in os.listdir(f'{DATA}/lfw-dev/images')})
    half = {name: i % 2 for i, name in enumerate(people)}
    faces['person'] = np.array([person(i) for i in faces['image']])
    faces['half'] = np.array([half[p] for p in faces['person']])
    n = len(faces['image'])
    faces.update(group=np.array([''] * n), age=np.full(n, -1.0), gender=np.array([''] * n))
    return faces


def people_of(images):
    """Who is who in utkface-dev, which has no names: the first photo of each person, by the pairs that were seen to be of one."""
    first = {image: image for image in images}
    for pair in json.load(open(SAME)):
        one, other = sorted(first.get(image, image) for image in pair)
        first = {image: one if person == other else person for image, person in first.items()}
    return [first[image] for image in images]


def read_utkface(name):
    labels = {row['image']: row for row in csv.DictReader(open(f'{DATA}/utkface-dev/labels.csv'))}
    faces = load(name)
    faces['person'] = np.array(['utkface ' + i for i in people_of(faces['image'])])
    faces['half'] = np.array([int(re.sub(r'\D', '', i)) % 2 for i in faces['image']])
    faces['group'] = np.array([labels[i]['group'] for i in faces['image']])
    faces['gender'] = np.array([labels[i]['gender'] for i in faces['image']])
    faces['age'] = np.array([float(labels[i]['age']) for i in faces['image']])
    return faces


def kinds_of(how):
    found = set()
    if 'mask' in how: found.add('mask')
    if how.get('glasses'): found.add('glasses')
    if how.get('faceSize', 99) < 26: found.add('small')
    if how.get('blur', 0) > 0.09: found.add('blur')
    # One mask on all faces is what a shop or a ward looks like.
    if 'mask' in how: found.add(f"mask {how['mask'] % 6}")
    if abs(how.get('yaw', 0)) > 35: found.add('yaw+' if how['yaw'] > 0 else 'yaw-')
    if how.get('dark', 1) < 0.2: found.add('dark')
    return found


def groups_of(faces):
    """The group of each face as it is, as bench:confidence has them; '' for worse copies and where none is labelled."""
    age = faces['age']
    adult = np.where(np.isin(faces['group'], GROUPS) & (age >= 18), faces['group'], '')
    named = np.where(age < 0, '', np.where(age < 13, 'child', np.where(age > 70, 'old', adult)))
    return np.where(faces['clean'], named, '')


def directions_of(faces):
    """Mean directions of kinds of faces, each freed of those before it (Gram and Schmidt)."""
    fit, clean, group, age = faces['half'] == 0, faces['clean'], faces['group'], faces['age']
    kind = {k: np.array([k in kinds_of(how) for how in faces['how']]) for k in KINDS}
    child, adult = clean & (age >= 0) & (age < 13), clean & (age >= 18)
    mean = lambda which: unit(faces['unit'][which & fit].mean(0))
    means = [
        mean(child), mean(kind['mask']), unit(mean(kind['small']) + mean(kind['blur'])), mean(kind['dark']),
        mean(adult & (group == 'asian')), mean(adult & (group == 'black')), mean(adult & (group == 'indian')),
        mean(kind['small'] & (group == 'asian')), mean(kind['mask'] & (group == 'asian')), mean(child & (group == 'asian')),
        mean(clean & (group == 'asian') & (faces['gender'] == 'female') & (age >= 13)),
        mean(kind['glasses']), mean(kind['yaw+']), mean(kind['yaw-']), mean(clean & (age > 70)),
    ]
    directions = []
    for vector in means:
        for other in directions:
            vector = vector - (vector @ other) * other
        directions.append(unit(vector))
    return np.round(np.stack(directions), 5).astype(np.float32)


def last_directions():
    with open(f'model-factory/train/{FILES[MODEL]}') as file:
        return np.array(json.load(file)['common']['directions'], np.float32)


def limited(directions, vectors):
    along = vectors @ directions.T
    return unit(vectors + (np.minimum(along, LIMIT) - along) @ directions)


def features(faces, directions):
    """What src/stages/reliability.ts computes."""
    columns = [
        np.log(np.maximum(faces['size'], 4) / 60), faces['sharpness'], faces['presence'], faces['alignment'],
        faces['length'] / 60, np.abs(faces['yaw']) / 45, np.abs(faces['pitch']) / 30, np.abs(faces['roll']) / 45,
    ]
    return np.concatenate([np.stack(columns, 1), faces['unit'] @ directions.T], 1)


def tails(faces, cohort, share):
    """For each face, the mean of the highest `share` of its scores with strangers of the cohort."""
    E, persons, C = faces['E'], faces['person number'], faces['E'][cohort]
    strangers = persons[cohort]
    most = max(3, int(share * len(cohort)))
    found = np.zeros(len(E))
    for start in range(0, len(E), 1000):
        scores = E[start:start + 1000] @ C.T
        scores[persons[start:start + 1000, None] == strangers[None]] = -1
        found[start:start + 1000] = np.partition(scores, -most, 1)[:, -most:].mean(1)
    return found


def unreliability(faces):
    """How much more alike to strangers of its own kind a face is than a flawless one: the worst of the kinds."""
    fit = faces['half'] == 0
    excess = []
    for kind in [*KINDS, *(f'mask {i}' for i in range(6))]:
        cohort = np.where(fit & np.array([kind in kinds_of(how) for how in faces['how']]))[0]
        cohort = rng.permutation(cohort)[:600]
        tail = tails(faces, cohort, 0.03)
        excess.append(tail - np.median(tail[faces['clean'] & fit]))
    if SETTINGS['groups']:
        # Against what lfw-dev's people have with each other.
        people = faces['clean'] & fit & (faces['age'] < 0)
        usual = np.median(tails(faces, rng.permutation(np.where(people)[0])[:600], 0.03)[people])
        for group in [*GROUPS, 'child', 'old']:
            cohort = rng.permutation(np.where(fit & (faces['groups'] == group))[0])[:600]
            excess.append(tails(faces, cohort, 0.03) - usual)
    return np.max(excess, 0)


def fit_network(faces, inputs, target):
    fit = faces['half'] == 0
    mean, spread = inputs[fit].mean(0), inputs[fit].std(0)
    z = (inputs - mean) / spread
    centre, scale = target[fit].mean(), target[fit].std()
    network = MLPRegressor(hidden_layer_sizes=(HIDDEN,), activation='tanh', alpha=0.3, max_iter=400, early_stopping=True, random_state=3)
    network.fit(z[fit], (target[fit] - centre) / scale)
    told = network.predict(z) * scale + centre
    print(f'reliability network: r = {np.corrcoef(told[fit], target[fit])[0, 1]:.3f}')
    first, second = network.coefs_
    (hidden, (last,)) = network.intercepts_
    # The scales are folded into the weights.
    layers = dict(weights=(first / spread[:, None]).T, bias=hidden - (mean / spread) @ first,
                  out=second[:, 0] * scale, outBias=last * scale + centre)
    return layers, told


def run_network(layers, inputs):
    return np.tanh(inputs @ layers['weights'].T + layers['bias']) @ layers['out'] + layers['outBias']


# A face that tells nothing against itself, and one whose scores with strangers of its kind are that much higher in the tail.
FLAWLESS, USELESS = 0.05, 0.2
# Faces of one camera and one crowd are alike in more than the data can show: added for faces of few pixels.
FEW_PIXELS, FEWEST, CROWD = 44, 28, 0.1


def excess_of(layers, inputs):
    size = 60 * np.exp(inputs[:, 0])
    return run_network(layers, inputs) + CROWD * np.clip((FEW_PIXELS - size) / (FEW_PIXELS - FEWEST), 0, 1)


def reliability_of(excess):
    return np.clip((USELESS - excess) / (USELESS - FLAWLESS), 0, 1)


def impostors(faces, a, b, alike, most=2500):
    """Scores of strangers between two lists of faces; `alike`: of one kind, or of one group, sex and age."""
    a, b = rng.permutation(a)[:most], rng.permutation(b)[:most]
    scores = faces['E'][a] @ faces['E'][b].T
    equal = lambda key: faces[f'{key} number'][a][:, None] == faces[f'{key} number'][b][None]
    strangers = ~equal('person')
    if alike == 'kind':
        strangers &= equal('kinds') & (faces['kinds'][a] != '')[:, None]
    elif alike:
        kin = equal('group') & equal('gender') & (np.abs(faces['age'][a][:, None] - faces['age'][b][None]) <= 6) & (faces['age'][a][:, None] >= 0)
        kind = equal('kinds') & (faces['kinds'][a] != '')[:, None]
        strangers &= kin | kind
    # Photos of one person twice: a few pairs of a set without names.
    strangers &= ~((scores > 0.72) & faces['clean'][a][:, None] & faces['clean'][b][None] & (faces['age'][a] >= 0)[:, None])
    return scores[strangers]


def quantile(scores, fmr):
    return float(np.quantile(scores, 1 - fmr)) if len(scores) * fmr >= 12 else None


# No pair needs more than this at 1e-3. Two useless faces need more than 1 at 1e-5: no such pair is ever strict.
MOST, NEVER = 0.86, 1.01


def worst_kind(faces, a, b, fmr, least=15):
    """The cosine that strangers of no one kind of damage exceed more often; from the rates that few faces can show, where they are few."""
    needed = []
    for kind in sorted({*faces['kinds'][a]} - {''}):
        some, others = a[faces['kinds'][a] == kind], b[faces['kinds'][b] == kind]
        if min(len(some), len(others)) < least: continue
        scores = impostors(faces, some, others, False)
        known = quantile(scores, fmr)
        if known is None:
            often, seldom = np.quantile(scores, [0.9, 0.98])
            known = often + (seldom - often) * np.log10(0.1 / fmr) / np.log10(5)
        needed.append(known)
    return min(max(needed, default=np.nan), MOST)


def base_points(faces):
    """Of all pairs of lfw-dev's photos as they are; the names' rates are kept within groups of people too, so a share of them here."""
    chosen = np.where((faces['half'] == 0) & faces['clean'] & (faces['age'] < 0))[0]
    scores = impostors(faces, chosen, chosen, False, 10000)
    known = [f for f in np.geomspace(0.3, 3e-5, 24)]
    MEASURED['pairs'] = len(scores)
    curve = np.polyfit(np.log10(known), [quantile(scores, f) for f in known], 3)
    return {f: float(np.polyval(curve, np.log10(share_of(f) * f))) for f in POINTS}


def share_of(fmr):
    return min(0.6, SETTINGS['share'] * fmr ** SETTINGS['steeper'])


MEASURED = {}
DATA_USED = (
    "half of lfw-dev's people as they are, all pairs of photos of different people; by reliability, also made worse (size, blur, "
    'JPEG, dark, turned, masks, glasses), with half of utkface-dev; model-factory/train/reliability.py'
)


def pair_table(faces, r, points):
    fit = faces['half'] == 0
    n = len(KNOTS)
    at = {f: np.zeros((n, n)) for f in (1e-1, 1e-2, 1e-3)}
    near = [np.where(fit & (np.abs(r - knot) <= (0.08 if 0 < knot < 1 else 0.04)))[0] for knot in KNOTS]
    for i in range(n):
        for j in range(i + 1):
            bad = KNOTS[i] < 0.7 and KNOTS[j] < 0.7
            scores = np.concatenate([impostors(faces, near[i], near[j], bad) for _ in range(3)])
            worst = np.concatenate([impostors(faces, near[i], near[j], 'kind') for _ in range(3)])
            for f in at:
                # Crowds are more alike than the data's strangers: a lower rate where both are bad.
                at[f][i, j] = at[f][j, i] = quantile(scores, f * min(SETTINGS['crowd'] if bad else 1, share_of(f))) or np.nan
                # Nor do two faces of one kind of damage match more often, however good the rest of them is.
                if KNOTS[i] < 0.9 and quantile(worst, f): at[f][i, j] = at[f][j, i] = np.fmax(at[f][i, j], quantile(worst, f))
                if KNOTS[i] == 0: at[f][i, j] = at[f][j, i] = np.fmax(at[f][i, j], worst_kind(faces, near[i], near[j], f))
    for f, table in at.items():
        print('FMR', f, '\n', table.round(3), 'base', round(points[f], 3))
    shift, scale = np.zeros((n, n)), np.ones((n, n))
    for i in range(n):
        for j in range(i + 1):
            known = [f for f in at if np.isfinite(at[f][i, j])]
            base, here = np.array([points[f] for f in known]), np.array([at[f][i, j] for f in known])
            s = float(np.clip(np.polyfit(base, here, 1, w=[1, 2, 3][:len(known)])[0], 0.95, 1.3))
            shift[i, j] = shift[j, i] = np.average(here - s * base, weights=[1, 4, 9][:len(known)])
            scale[i, j] = scale[j, i] = s
    # A pair of reliable faces is the base, also for nearly reliable ones and for what is hardly a face. Of two that are not reliable,
    # less reliable ones never need less; one beside a reliable face needs what was measured: strangers' scores across kinds are lower.
    top = points[1e-5]
    for k in (n - 1, n - 2, 0):
        shift[k, n - 1] = shift[n - 1, k] = 0
        scale[k, n - 1] = scale[n - 1, k] = 1
    for i in range(n - 2, -1, -1):
        for j in range(n - 2, -1, -1):
            after = [k for k in ((i + 1, j), (i, j + 1)) if max(k) < n - 1] + [(i, j)]
            need3 = max(shift[k] + scale[k] * points[1e-3] for k in after)
            need5 = max(shift[k] + scale[k] * top for k in after) if i + j > 0 else NEVER
            scale[i, j] = (need5 - need3) / (top - points[1e-3])
            shift[i, j] = need3 - scale[i, j] * points[1e-3]
    return shift.round(4), scale.round(4)


def main():
    faces = join(read_lfw(), read_utkface('utkface-dev'))
    faces['groups'] = groups_of(faces)
    faces['kinds'] = np.array(['|'.join(sorted(kinds_of(how))) for how in faces['how']])
    # Numbers are compared faster than words.
    for key in ('person', 'kinds', 'group', 'gender'):
        faces[f'{key} number'] = np.unique(faces[key], return_inverse=True)[1].astype(np.int32)
    directions = last_directions() if '--same-embeddings' in sys.argv else directions_of(faces)
    faces['E'] = limited(directions, faces['unit'])
    inputs = features(faces, directions)
    layers, _ = fit_network(faces, inputs, unreliability(faces))
    r = reliability_of(excess_of(layers, inputs))
    points = base_points(faces)
    shift, scale = pair_table(faces, r, points)
    print('points', {f: round(v, 4) for f, v in points.items()})
    print('shift\n', shift, '\nscale\n', scale)
    print('needed at 1e-3\n', (shift + scale * points[1e-3]).round(3), '\nat 1e-5\n', (shift + scale * points[1e-5]).round(3))
    listed = lambda values, digits: np.round(values, digits).tolist()
    fitted = {
        'common': {'limit': LIMIT, 'directions': [[round(float(x), 5) for x in d] for d in directions]},
        'reliability': {
            'weights': listed(layers['weights'], 5), 'bias': listed(layers['bias'], 5), 'out': listed(layers['out'], 6),
            'outBias': round(float(layers['outBias']), 6), 'flawless': FLAWLESS, 'useless': USELESS,
            'fewPixels': FEW_PIXELS, 'fewestPixels': FEWEST, 'crowd': CROWD,
        },
        'measuredOn': DATA_USED, 'impostorPairs': MEASURED['pairs'] // 2,
        'points': [{'fmr': f, 'cosine': round(v, 4)} for f, v in points.items()],
        'byReliability': {'assumed': ASSUMED, 'knots': KNOTS, 'shift': shift.tolist(), 'scale': scale.tolist()},
    }
    if MODEL == 'fused': fitted = {'weight': fusion()[1], **fitted}
    with open(f'model-factory/train/{FILES[MODEL]}', 'w') as file:
        json.dump(fitted, file)
        file.write('\n')
    return faces, directions, layers, r, points, shift, scale


ASSUMED = 0.75


if __name__ == '__main__':
    main()
