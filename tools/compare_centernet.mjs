// Run the original CenterNet graph, to compare the converted one with it.
//
//   npm install @tensorflow/tfjs@4
//   node compare_centernet.mjs DIR INPUT.f32 OUT
//
// DIR holds centernet.json and centernet.bin of @vladmandic/human, INPUT.f32 is
// 1 x 512 x 512 x 3 float32, RGB 0..255. Writes OUT.keypoints.f32 (1, 128, 128, 80) and
// OUT.wh.f32 (1, 128, 128, 4). Plain JavaScript arithmetic, hence about a minute.

import { readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";

const [folder, input, out] = process.argv.slice(2);
const graph = JSON.parse(readFileSync(`${folder}/centernet.json`, "utf8"));
const bytes = readFileSync(`${folder}/centernet.bin`);
const model = await tf.loadGraphModel(
  tf.io.fromMemory({
    modelTopology: graph.modelTopology,
    weightSpecs: graph.weightsManifest.flatMap((group) => group.weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    signature: graph.signature,
    format: graph.format,
  }),
);
await tf.setBackend("cpu");
const raw = readFileSync(input);
const pixels = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
const heads = ["tower_0/keypoints", "tower_0/wh"];
const found = model.execute(tf.tensor4d(pixels, [1, 512, 512, 3]), heads);
for (const [i, head] of heads.entries()) {
  writeFileSync(`${out}.${head.split("/")[1]}.f32`, Buffer.from(found[i].dataSync().buffer));
  console.log(head, found[i].shape);
}
