/**
 * Whether shaders may exchange values inside subgroups. WGSL leaves open which threads of a workgroup are one subgroup; shaders
 * here rely on neighbors, so that is tried on the device. It refuses to trust what is only usual.
 */

/** Workgroups that are tried. */
const sizes = [64, 256] as const;
/** Subgroups have at least so many threads: https://www.w3.org/TR/webgpu/#gpuadapterinfo. */
const smallest = 4;
const [mapRead, copySource, copyDestination, storage] = [1, 4, 8, 128];

/** The least number of threads of a subgroup of this device, whose powers of two are neighbors; undefined without them. */
export async function subgroupOf(device: GPUDevice): Promise<number | undefined> {
  if (!device.features.has("subgroups")) return undefined;
  const tries = await Promise.all(sizes.map((size) => areNeighbors(device, size).catch(() => false)));
  return tries.every(Boolean) ? leastSubgroup(device) : undefined;
}

export function leastSubgroup({ adapterInfo }: GPUDevice): number {
  return Math.max(smallest, adapterInfo?.subgroupMinSize ?? smallest);
}

/** Every exchange that a tree of lanes makes brings what it should. */
function probe(size: number): string {
  return `enable subgroups;
@group(0) @binding(0) var<storage, read_write> found: array<u32, ${size}>;
@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) local: u32, @builtin(subgroup_size) subgroup_size: u32) {
  var right = true;
  for (var k = 1u; k < min(subgroup_size, ${size}u); k <<= 1u) {
    right = subgroupShuffleXor(local, k) == (local ^ k) && right;
  }
  found[local] = select(0u, 1u, right);
}
`;
}

async function areNeighbors(device: GPUDevice, size: number): Promise<boolean> {
  const module = device.createShaderModule({ code: probe(size) });
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const found = device.createBuffer({ size: 4 * size, usage: storage | copySource });
  const mapped = device.createBuffer({ size: 4 * size, usage: mapRead | copyDestination });
  try {
    const entries = [{ binding: 0, resource: { buffer: found } }];
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(found, 0, mapped, 0, 4 * size);
    device.queue.submit([encoder.finish()]);
    await mapped.mapAsync(mapRead);
    return new Uint32Array(mapped.getMappedRange()).every((right) => right === 1);
  } finally {
    found.destroy();
    mapped.destroy();
  }
}
