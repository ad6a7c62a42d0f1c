// Normalizations, dropout that drops nothing, and attention of torch.nn.functional.

import {
  batchNorm,
  batchNormTraining,
  copy,
  greaterEqual,
  groupNorm,
  instanceNorm,
  iota,
  layerNorm,
  localResponseNorm,
  matmul,
  mul,
  type Node,
  rmsNorm,
  scaledDotProductAttention,
  softmax,
  transpose,
  where,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

interface Affine {
  readonly weight?: Node;
  readonly bias?: Node;
  readonly epsilon: number;
}

function affine(a: Arguments): Affine {
  const [weight, bias] = [a.optional("weight"), a.optional("bias")];
  return {
    epsilon: a.number("eps", 1e-5),
    ...(weight === undefined ? {} : { weight }),
    ...(bias === undefined ? {} : { bias }),
  };
}

/** The axes at the end that a shape names. */
function lastAxes(shape: readonly number[]): number[] {
  return shape.map((_, k) => k - shape.length);
}

/** Dropout is compared where it is the identity: what it drops depends on PyTorch's generator. */
const dropout: Mapping = op("input p training inplace", (a) => {
  if (a.number("p", 0.5) !== 0 && a.flag("training", true))
    throw new UnsupportedError("PyTorch's random numbers");
  a.ignore("p", "training");
  return copy(a.tensor("input"));
});

function attentionMask(a: Arguments): { readonly mask?: Node } {
  const mask = a.optional("attn_mask");
  return mask === undefined ? {} : { mask };
}

/** PyTorch 1's attention, which returns its weights as well. */
const attentionWithWeights: Mapping = op("q k v attn_mask dropout_p need_attn_weights is_causal", (a) => {
  if (a.number("dropout_p", 0) !== 0) throw new UnsupportedError("PyTorch's random numbers");
  if (a.has("attn_mask")) throw new UnsupportedError("a mask with weights returned");
  a.ignore("need_attn_weights");
  const [q, k, v] = [a.tensor("q"), a.tensor("k"), a.tensor("v")];
  const causal = a.flag("is_causal", false);
  const scores = mul(matmul(q, transpose(k)), 1 / Math.sqrt(q.shape.at(-1) ?? 1));
  const [rows = 0, columns = 0] = scores.shape.slice(-2);
  const past = greaterEqual(iota([rows, columns], 0), iota([rows, columns], 1));
  const weights = softmax(causal ? where(past, scores, Number.NEGATIVE_INFINITY) : scores);
  return [scaledDotProductAttention(q, k, v, { causal }), weights];
});

export const normalizations: Mappings = {
  "nn.functional._scaled_dot_product_attention": attentionWithWeights,
  "nn.functional.batch_norm": op("input running_mean running_var weight bias training momentum eps", (a) => {
    const [x, options] = [a.tensor("input"), affine(a)];
    a.ignore("momentum");
    const [mean, variance] = [a.optional("running_mean"), a.optional("running_var")];
    if (a.flag("training", false)) return batchNormTraining(x, options).output;
    if (mean === undefined || variance === undefined)
      throw new UnsupportedError("inference without statistics");
    return batchNorm(x, { mean, variance }, options);
  }),
  "nn.functional.alpha_dropout": dropout,
  "nn.functional.dropout": dropout,
  "nn.functional.dropout2d": dropout,
  "nn.functional.dropout3d": dropout,
  "nn.functional.feature_alpha_dropout": dropout,
  "nn.functional.group_norm": op("input num_groups weight bias eps", (a) =>
    groupNorm(a.tensor("input"), a.number("num_groups"), affine(a)),
  ),
  "nn.functional.instance_norm": op(
    "input running_mean running_var weight bias use_input_stats momentum eps",
    (a) => {
      if (!a.flag("use_input_stats", true)) throw new UnsupportedError("use_input_stats false");
      a.ignore("running_mean", "running_var", "momentum");
      return instanceNorm(a.tensor("input"), affine(a));
    },
  ),
  "nn.functional.layer_norm": op("input normalized_shape weight bias eps", (a) =>
    layerNorm(a.tensor("input"), { axes: lastAxes(a.numbers("normalized_shape") ?? []), ...affine(a) }),
  ),
  "nn.functional.local_response_norm": op("input size alpha beta k", (a) =>
    localResponseNorm(a.tensor("input"), a.number("size"), {
      alpha: a.number("alpha", 1e-4),
      beta: a.number("beta", 0.75),
      k: a.number("k", 1),
    }),
  ),
  "nn.functional.rms_norm": op("input normalized_shape weight eps", (a) => {
    const weight = a.optional("weight");
    return rmsNorm(a.tensor("input"), {
      axes: lastAxes(a.numbers("normalized_shape") ?? []),
      epsilon: a.number("eps", 2 ** -52),
      ...(weight === undefined ? {} : { weight }),
    });
  }),
  "nn.functional.scaled_dot_product_attention": op(
    "query key value attn_mask dropout_p is_causal scale enable_gqa",
    (a) => {
      if (a.number("dropout_p", 0) !== 0) throw new UnsupportedError("PyTorch's random numbers");
      if (a.flag("enable_gqa", false)) throw new UnsupportedError("grouped queries");
      const scale = a.has("scale") ? { scale: a.number("scale") } : {};
      return scaledDotProductAttention(a.tensor("query"), a.tensor("key"), a.tensor("value"), {
        causal: a.flag("is_causal", false),
        ...attentionMask(a),
        ...scale,
      });
    },
  ),
};
