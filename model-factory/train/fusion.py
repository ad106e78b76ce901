"""
Fits how MobileFaceNet and fr_feature become one embedding, from what embed-crops.py has made (.cache/train/reliability-SET.NETWORK.npy):

- fr_feature's 512 numbers lie in few dimensions: the directions of their largest share (uncentred principal components of unit-length
  outputs) are kept, as rows of a matrix that model-factory/convert multiplies its last layer by: fused.weights, in half precision;
- what its cosine counts beside MobileFaceNet's.

The matrix is fitted on half of lfw-dev's people and half of utkface-dev's photos. For the weight and the number of rows, prints TAR over all pairs of each half
of lfw-dev's people, with the matrix of that half's opposite too; .cache/train/fusion.json has the weight for reliability.py.
"""
import json, re
import numpy as np

ROWS, WEIGHT = 144, 0.4
FMRS = (1e-3, 1e-4)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def load(name):
    lines = [json.loads(line) for line in open(f'.cache/train/reliability-{name}.jsonl')]
    clean = np.array([not line['how'] for line in lines])
    images = np.array([line['image'] for line in lines])[clean]
    order = np.argsort(images)
    read = lambda network: np.load(f'.cache/train/reliability-{name}.{network}.npy')[clean][order]
    return images[order], unit(read('mobilefacenet')), unit(read('fr-feature'))


def matrix(vectors, rows):
    return np.linalg.svd(vectors, full_matrices=False)[2][:rows]


def fused(first, second, rows, weight):
    return np.concatenate([np.sqrt(1 - weight) * first, np.sqrt(weight) * unit(second @ rows.T)], 1)


def rates(vectors, people):
    """TAR at each FMR, over all pairs."""
    one, other = np.triu_indices(len(vectors), 1)
    scores = (vectors @ vectors.T)[one, other]
    same = people[one] == people[other]
    genuine, impostors = scores[same], np.sort(scores[~same])
    return [np.mean(genuine > impostors[int((1 - fmr) * len(impostors))]) for fmr in FMRS]


def main():
    images, first, second = load('lfw-dev')
    names = np.array([re.sub(r'_\d+\.[a-z]+$', '', image) for image in images])
    _, people = np.unique(names, return_inverse=True)
    half = people % 2
    numbered, _, others = load('utkface-dev')
    others = others[[int(re.sub(r'\D', '', image)) % 2 == 0 for image in numbered]]
    shown = lambda values: ' '.join(f'{100 * value:.2f}' for value in values)
    for which in (0, 1):
        here = half == which
        rows_of = lambda rows: matrix(np.concatenate([second[~here], others]), rows)
        print(f'half {which}: MobileFaceNet {shown(rates(first[here], people[here]))}, fr_feature {shown(rates(second[here], people[here]))}')
        for rows in (64, 96, 128, 144, 160):
            print(f'  {rows} rows:', '; '.join(
                f'{weight} {shown(rates(fused(first[here], second[here], rows_of(rows), weight), people[here]))}'
                for weight in (0.3, 0.4, 0.5)))
    rows = matrix(np.concatenate([second[half == 0], others]), ROWS)
    rows.astype('<f2').tofile('model-factory/train/fused.weights')
    json.dump({'weight': WEIGHT}, open('.cache/train/fusion.json', 'w'))
    print(f'{ROWS} rows keep {np.mean(np.linalg.norm(second @ rows.T, axis=1) ** 2):.4f} of the squared length')


if __name__ == '__main__':
    main()
