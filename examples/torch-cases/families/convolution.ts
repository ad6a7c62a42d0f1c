// Convolutions, pooling, resampling, padding and windows of torch.nn.functional.

import {
  adaptiveAveragePool,
  adaptiveMaxPool,
  averagePool,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  gridSample,
  maxPool,
  type Node,
  pad,
  type PadMode,
  pixelShuffle,
  pixelUnshuffle,
  resize,
} from "@adjoint/core";
