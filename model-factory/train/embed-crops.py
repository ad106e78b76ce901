"""
Embeds the aligned crops of reliability-faces.ts (.cache/train/reliability-SET.crops) with the embedding networks, each as it is published:
`python model-factory/train/embed-crops.py SET...` writes .cache/train/reliability-SET.NETWORK.npy, a row a face, not scaled.
"""
import sys, tarfile
import numpy as np
import onnxruntime as ort

SIDE = 112
PACKAGE = '.cache/models/faceplugin-face-recognition-js-0.0.1.tgz'


def published(package, file):
    """A file of a package that `npm run models` has fetched."""
    with tarfile.open(package) as archive:
        return archive.extractfile(f'package/{file}').read()


def networks():
    """Name, model, mean and std of each."""
    return [
        ('mobilefacenet', open('models/mobilefacenet.onnx', 'rb').read(), 127.5, 128),
        ('fr-feature', published(PACKAGE, 'model/fr_feature.onnx'), 127, 128),
    ]


def session_of(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=['CPUExecutionProvider'])


def embed(session, crops, mean, std):
    """The published graph takes one crop at a time."""
    name = session.get_inputs()[0].name
    rows = []
    for crop in crops:
        pixels = (crop.astype(np.float32).transpose(2, 0, 1)[None] - mean) / std
        rows.append(session.run(None, {name: pixels})[0].reshape(-1))
    return np.stack(rows)


def main():
    for set_name in sys.argv[1:]:
        crops = np.fromfile(f'.cache/train/reliability-{set_name}.crops', np.uint8).reshape(-1, SIDE, SIDE, 3)
        for name, model, mean, std in networks():
            rows = embed(session_of(model), crops, mean, std)
            np.save(f'.cache/train/reliability-{set_name}.{name}.npy', rows)
            print(set_name, name, rows.shape)


if __name__ == '__main__':
    main()
