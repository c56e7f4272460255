/**
 * A use of each package by somebody who has installed it and nothing else, by folder. `load` gives a package, by import or by require;
 * `assert` is Node's.
 */
export const uses: Readonly<Record<string, string>> = {
  backend: `
    const { broadcastShapes, kernelKey, ShapeError, threefry2x32 } = await load("@gradloom/backend");
    assert.deepEqual(broadcastShapes("add", [2, 1], [3]), [2, 3]);
    assert.throws(() => broadcastShapes("add", [2], [3]), ShapeError);
    assert.equal(threefry2x32(0, 0, 0, 0)[0], 0x6b200159);
    assert.equal(typeof kernelKey, "function");
    const { conformance } = await load("@gradloom/backend/conformance");
    assert.equal(typeof conformance, "function");`,
  "backend-reference": `
    const { createReferenceBackend } = await load("@gradloom/backend-reference");
    const backend = createReferenceBackend();
    const place = { buffer: backend.allocate(8), byteOffset: 0 };
    backend.upload(place, Float32Array.of(1, 2));
    assert.deepEqual([...new Float32Array(await backend.download(place, 8))], [1, 2]);`,
  "backend-cpu": `
    const { createCpuBackend } = await load("@gradloom/backend-cpu");
    const backend = createCpuBackend({ threads: 2 });
    const place = { buffer: backend.allocate(8), byteOffset: 0 };
    backend.upload(place, Float32Array.of(1, 2));
    assert.deepEqual([...new Float32Array(await backend.download(place, 8))], [1, 2]);
    backend.dispose();`,
  "backend-webgpu": `
    const { createWebGpuBackend } = await load("@gradloom/backend-webgpu");
    await createWebGpuBackend().then(
      (backend) => backend.dispose(),
      (error) => assert.match(error.message, /^\\[.+\\] /),
    );`,
  codegen: `
    const { compileKernel, wgsl } = await load("@gradloom/codegen");
    const view = { shape: [8], strides: [1], offset: 0, valid: undefined };
    const inputs = [{ dtype: "float32", view }];
    const outputs = [{ dtype: "float32", strides: [1] }];
    const sort = { kind: "sort", shape: [8], count: 8, descending: false, results: ["values"], scalars: [], inputs, outputs };
    const limits = { workgroup: 64, groups: 65535, sharedBytes: 16384, bindingBytes: 65536, subgroup: 0, float16: false };
    const { passes } = await compileKernel(sort, wgsl, limits);
    assert.match(passes[0].code, /fn main/);`,
  tensor: `
    const { compile, matmul, tensor, uniform, useDevice } = await load("@gradloom/tensor");
    const device = await useDevice("cpu");
    const product = compile((a, b) => matmul(a, b).add(1));
    assert.deepEqual(await product(tensor([[1, 2]]), tensor([[3], [4]])).array(), [[12]]);
    assert.equal((await uniform([5]).data()).length, 5);
    device.backend.dispose();`,
  autograd: `
    const { gradients, hessian } = await load("@gradloom/autograd");
    const { tensor } = await load("@gradloom/tensor");
    const x = tensor([1, 2]);
    assert.deepEqual(await gradients(x.square().sum(), [x])[0].array(), [2, 4]);
    assert.equal(typeof hessian, "function");`,
  layers: `
    const { crossEntropy, Linear, Sequential } = await load("@gradloom/layers");
    const { relu, tensor } = await load("@gradloom/tensor");
    const model = new Sequential(new Linear(3, 4), relu, new Linear(4, 2));
    const loss = crossEntropy(model.call(tensor([[1, 2, 3]])), tensor([1], { dtype: "int32" }));
    assert.ok(Number.isFinite(await loss.item()));
    assert.deepEqual(Object.keys(model.stateDict()), ["0.weight", "0.bias", "2.weight", "2.bias"]);`,
  metrics: `
    const { Accuracy } = await load("@gradloom/metrics");
    const { tensor } = await load("@gradloom/tensor");
    const accuracy = new Accuracy();
    accuracy.update(tensor([[0.1, 0.9], [0.8, 0.2]]), tensor([1, 1], { dtype: "int32" }));
    assert.equal(await accuracy.result(), 0.5);`,
  optimizers: `
    const { Adam } = await load("@gradloom/optimizers");
    const { tensor, Variable } = await load("@gradloom/tensor");
    const x = new Variable(tensor([3]));
    const adam = new Adam([x], { learningRate: 0.1 });
    for (let i = 0; i < 200; i++) adam.minimize(x.value.square().sum());
    assert.ok(Math.abs(await x.value.item()) < 0.1);`,
  regularization: `
    const { Dropout } = await load("@gradloom/regularization");
    const { ones } = await load("@gradloom/tensor");
    const dropped = await new Dropout(0.5).call(ones([1000])).data();
    assert.ok(dropped.every((x) => x === 0 || x === 2) && dropped.includes(0) && dropped.includes(2));`,
  models: `
    const { countParameters, createModel } = await load("@gradloom/models");
    const { zeros } = await load("@gradloom/tensor");
    const model = createModel("resnet20", { inputShape: [32, 32, 3] });
    assert.equal(countParameters(model), 272474);
    assert.deepEqual(model.eval().call(zeros([1, 32, 32, 3])).shape, [1, 10]);`,
  datasets: `
    const { DataLoader, mnist, syntheticDigits } = await load("@gradloom/datasets");
    const loader = new DataLoader(syntheticDigits({ count: 20 }), { batchSize: 8, shuffle: true });
    const sizes = [];
    for await (const [images] of loader) sizes.push(images.shape[0]);
    assert.deepEqual(sizes, [8, 8, 4]);
    await assert.rejects(mnist.load({ dir: ".", cacheDir: ".", download: false }), /name their folder with dir/);`,
  serialization: `
    const { loadSafetensors, saveSafetensors } = await load("@gradloom/serialization");
    const { tensor } = await load("@gradloom/tensor");
    await saveSafetensors("a.safetensors", { x: tensor([1, 2]) }, { by: "me" });
    const { tensors, metadata } = await loadSafetensors("a.safetensors");
    assert.deepEqual([await tensors.x.array(), metadata.by], [[1, 2], "me"]);`,
  training: `
    const { evaluate, fit, htmlReport } = await load("@gradloom/training");
    const { Linear, mseLoss } = await load("@gradloom/layers");
    const { SGD } = await load("@gradloom/optimizers");
    const { tensor } = await load("@gradloom/tensor");
    const model = new Linear(1, 1);
    const data = [{ inputs: tensor([[0], [1]]), targets: tensor([[1], [3]]) }];
    const optimizer = new SGD(model.parameters(), { learningRate: 0.5 });
    const history = await fit(model, data, { loss: mseLoss, optimizer, epochs: 100 });
    assert.ok((await evaluate(model, data, { loss: mseLoss })).loss < 1e-3);
    await assert.rejects(htmlReport(history), /npm install vega vega-lite/);`,
  gradloom: `
    const { Adam, crossEntropy, DataLoader, datasets, fit, loadSafetensors, mlp, predict, saveSafetensors, seed, training } =
      await load("gradloom");
    seed(1);
    const model = mlp(784, 10);
    const accuracy = (logits, labels) => logits.argmax(1).equal(labels).cast("float32").mean();
    const loader = new DataLoader(datasets.syntheticDigits({ count: 1000 }), { batchSize: 50, shuffle: true });
    const test = new DataLoader(datasets.syntheticDigits({ count: 200, seed: 9 }), { batchSize: 100 });
    await fit(model, loader, { loss: crossEntropy, optimizer: new Adam(model.parameters()), epochs: 5, metrics: { accuracy } });
    assert.ok((await training.evaluate(model, test, { metrics: { accuracy } })).accuracy > 0.7);
    await saveSafetensors("model.safetensors", model.stateDict());
    const other = mlp(784, 10);
    other.loadStateDict((await loadSafetensors("model.safetensors")).tensors);
    assert.deepEqual(await (await predict(other, test)).array(), await (await predict(model, test)).array());
    const { execFileSync } = await load("node:child_process");
    const command = (...args) => execFileSync("npx", ["--no-install", "gradloom", ...args], { encoding: "utf8" });
    const [line] = command("bench", "--model", "mlp", "--steps", "2", "--json").split("\\n");
    assert.equal(JSON.parse(line).device, "cpu");
    assert.match(command("--help"), /^Usage: gradloom /);`,
};
