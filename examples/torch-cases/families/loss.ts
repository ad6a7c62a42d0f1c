// Losses of torch.nn.functional, with their reductions.

import {
  absoluteError,
  add,
  binaryCrossEntropy,
  cosineEmbedding,
  div,
  equal,
  expandDims,
  gaussianLoss,
  hingeEmbedding,
  huber,
  klDivergence,
  marginRanking,
  maximum,
  mean,
  moveaxis,
  mul,
  type Node,
  negativeLogLikelihood,
  oneHot,
  poissonLoss,
  pow,
  reshape,
  sigmoidCrossEntropy,
  smoothL1,
  softMargin,
  softmaxCrossEntropy,
  squaredError,
  sub,
  sum,
  take,
  triplet,
  where,
} from "@adjoint/core";
import type { Arguments } from "../arguments.js";
import { type Mapping, type Mappings, op, reduced } from "../mapping.js";
import { UnsupportedError } from "../unsupported.js";

/** One variance per example also goes without the last axis. */
function alignVariance(mean: Node, variance: Node): Node {
  return variance.shape.length === mean.shape.length - 1 ? expandDims(variance, -1) : variance;
}

/** A loss between two tensors that broadcast. */
function between(names: string, loss: (x: Node, target: Node, a: Arguments) => Node): Mapping {
  return op(`input target ${names} size_average reduce reduction`, (a) =>
    reduced(loss(a.tensor("input"), a.tensor("target"), a), a),
  );
}

/** Multiplies by a weight where there is one. */
function weighted(loss: Node, weight: Node | undefined): Node {
  return weight === undefined ? loss : mul(loss, weight);
}

/** Classes last, where PyTorch has them second (or first, without a batch). */
function classesLast(x: Node): Node {
  return x.shape.length > 2 ? moveaxis(x, 1, -1) : x;
}

/** The weighted mean, as PyTorch takes it: over the weights of the labels that count. */
function labeled(loss: Node, labels: Node, weight: Node | undefined, ignored: number, a: Arguments): Node {
  if (a.text("reduction", "mean") !== "mean") return reduced(loss, a);
  const counted =
    weight === undefined
      ? where(equal(labels, ignored), zero(loss), one(loss))
      : weightOf(labels, weight, ignored);
  return div(sum(loss), sum(counted));
}

function zero(like: Node): Node {
  return sub(like, like);
}

function one(like: Node): Node {
  return add(zero(like), 1);
}

function weightOf(labels: Node, weight: Node, ignored: number): Node {
  const isIgnored = equal(labels, ignored);
  return where(isIgnored, 0, take(weight, where(isIgnored, 0, labels), 0));
}

const crossEntropy = op(
  "input target weight size_average ignore_index reduce reduction label_smoothing",
  (a) => {
    const [logits, target] = [classesLast(a.tensor("input")), a.tensor("target")];
    const weights = a.optional("weight");
    const ignored = a.number("ignore_index", -100);
    const smoothing = a.number("label_smoothing", 0);
    const options = { smoothing, ...(weights === undefined ? {} : { weights }) };
    if (target.dtype === "float64") {
      const losses = softmaxCrossEntropy(logits, classesLast(target), options);
      if (a.text("reduction", "mean") !== "mean") return reduced(losses, a);
      return mul(sum(losses), 1 / losses.shape.reduce((product, extent) => product * extent, 1));
    }
    return labeled(softmaxCrossEntropy(logits, target, { ...options, ignored }), target, weights, ignored, a);
  },
);

const negativeLikelihood = op("input target weight size_average ignore_index reduce reduction", (a) => {
  const [scores, target] = [classesLast(a.tensor("input")), a.tensor("target")];
  const weights = a.optional("weight");
  const ignored = a.number("ignore_index", -100);
  const loss = negativeLogLikelihood(scores, target, {
    ignored,
    ...(weights === undefined ? {} : { weights }),
  });
  return labeled(loss, target, weights, ignored, a);
});

const divergence = op("input target size_average reduce reduction log_target", (a) => {
  const [x, target] = [a.tensor("input"), a.tensor("target")];
  const losses = klDivergence(x, target, { logTargets: a.flag("log_target", false) });
  if (a.text("reduction", "mean") !== "batchmean") return reduced(losses, a);
  return mul(sum(losses), 1 / (x.shape[0] ?? 1));
});

/** Every other class should score less than the right one by a margin. */
function multiMargin(x: Node, target: Node, a: Arguments): Node {
  const classes = x.shape.at(-1) ?? 1;
  const labels = reshape(target, x.shape.slice(0, -1));
  const right = oneHot(labels, classes, { dtype: x.dtype });
  const score = sum(mul(x, right), { axes: -1, keepDims: true });
  const misses = pow(maximum(add(sub(x, score), a.number("margin", 1)), 0), a.number("p", 1));
  const weight = a.optional("weight");
  const factor = weight === undefined ? 1 : sum(mul(right, weight), { axes: -1, keepDims: true });
  return mean(mul(mul(misses, sub(1, right)), factor), { axes: -1 });
}

export const losses: Mappings = {
  "nn.functional.binary_cross_entropy": between("weight", (x, target, a) =>
    weighted(binaryCrossEntropy(x, target), a.optional("weight")),
  ),
  "nn.functional.binary_cross_entropy_with_logits": op(
    "input target weight size_average reduce reduction pos_weight",
    (a) => {
      const positiveWeight = a.optional("pos_weight");
      const options = positiveWeight === undefined ? {} : { positiveWeight };
      const loss = sigmoidCrossEntropy(a.tensor("input"), a.tensor("target"), options);
      return reduced(weighted(loss, a.optional("weight")), a);
    },
  ),
  "nn.functional.cosine_embedding_loss": op(
    "input1 input2 target margin size_average reduce reduction",
    (a) =>
      reduced(
        cosineEmbedding(a.tensor("input1"), a.tensor("input2"), a.tensor("target"), a.number("margin", 0)),
        a,
      ),
  ),
  "nn.functional.cross_entropy": crossEntropy,
  "nn.functional.gaussian_nll_loss": op("input target var full eps reduction", (a) => {
    const [mean, target, variance] = [a.tensor("input"), a.tensor("target"), a.tensor("var")];
    const options = { full: a.flag("full", false), epsilon: a.number("eps", 1e-6) };
    return reduced(gaussianLoss(mean, target, alignVariance(mean, variance), options), a);
  }),
  "nn.functional.hinge_embedding_loss": between("margin", (x, target, a) => {
    const isSign = a.known("target").elements.every((element) => Math.abs(element) === 1);
    if (!isSign) throw new UnsupportedError("targets other than -1 and 1");
    return hingeEmbedding(x, target, a.number("margin", 1));
  }),
  "nn.functional.huber_loss": op("input target reduction delta weight", (a) =>
    reduced(
      weighted(huber(a.tensor("input"), a.tensor("target"), a.number("delta", 1)), a.optional("weight")),
      a,
    ),
  ),
  "nn.functional.kl_div": divergence,
  "nn.functional.l1_loss": between("weight", (x, target, a) =>
    weighted(absoluteError(x, target), a.optional("weight")),
  ),
  "nn.functional.margin_ranking_loss": op("input1 input2 target margin size_average reduce reduction", (a) =>
    reduced(
      marginRanking(a.tensor("input1"), a.tensor("input2"), a.tensor("target"), a.number("margin", 0)),
      a,
    ),
  ),
  "nn.functional.multi_margin_loss": op("input target p margin weight size_average reduce reduction", (a) =>
    reduced(multiMargin(a.tensor("input"), a.tensor("target"), a), a),
  ),
  "nn.functional.multilabel_soft_margin_loss": op(
    "input target weight size_average reduce reduction",
    (a) => {
      const losses = weighted(
        sigmoidCrossEntropy(a.tensor("input"), a.tensor("target")),
        a.optional("weight"),
      );
      return reduced(mean(losses, { axes: -1 }), a);
    },
  ),
  "nn.functional.mse_loss": between("weight", (x, target, a) =>
    weighted(squaredError(x, target), a.optional("weight")),
  ),
  "nn.functional.nll_loss": negativeLikelihood,
  "nn.functional.poisson_nll_loss": op(
    "input target log_input full size_average eps reduce reduction",
    (a) => {
      const options = {
        logInput: a.flag("log_input", true),
        full: a.flag("full", false),
        epsilon: a.number("eps", 1e-8),
      };
      return reduced(poissonLoss(a.tensor("input"), a.tensor("target"), options), a);
    },
  ),
  "nn.functional.smooth_l1_loss": op("input target size_average reduce reduction beta", (a) =>
    reduced(smoothL1(a.tensor("input"), a.tensor("target"), a.number("beta", 1)), a),
  ),
  "nn.functional.soft_margin_loss": between("", (x, target) => softMargin(x, target)),
  "nn.functional.triplet_margin_loss": op(
    "anchor positive negative margin p eps swap size_average reduce reduction",
    (a) => {
      const options = {
        margin: a.number("margin", 1),
        p: a.number("p", 2),
        epsilon: a.number("eps", 1e-6),
        swap: a.flag("swap", false),
      };
      return reduced(triplet(a.tensor("anchor"), a.tensor("positive"), a.tensor("negative"), options), a);
    },
  ),
};
