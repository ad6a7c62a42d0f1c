/** Cases of error functions and the gamma family; expected values from mpmath 1.3 at 40 digits. */

import { digamma, erf, erfc, erfinv, lgamma, polygamma } from "@adjoint/core";
import { type Cases, float, points } from "./case.js";

const { POSITIVE_INFINITY: infinity } = Number;

const gammaPoints = [-2.5, -0.3, 0.1, 0.5, 1, 3, 10, 100.5];

export const special = {
  erf: [
    {
      operands: [points([-2.5, -1, -0.25, 0, 0.1, 0.5, 1, 2, 3.75, 6])],
      build: (x) => erf(x),
      value: [
        -0.999593047982555, -0.8427007929497149, -0.27632639016823696, 0, 0.1124629160182849,
        0.5204998778130465, 0.8427007929497149, 0.9953222650189527, 0.9999998862727434, 1,
      ],
    },
    {
      title: "far out",
      operands: [points([1e4, -1e30])],
      order: 0,
      build: (x) => erf(x),
      value: [1, -1],
      gradients: [[0, 0]],
    },
  ],
  erfc: [
    {
      operands: [points([-6, -2.5, -1, -0.25, 0, 0.1, 0.5, 1, 2, 3.75, 6])],
      build: (x) => erfc(x),
      value: [
        2, 1.999593047982555, 1.8427007929497148, 1.276326390168237, 1, 0.887537083981715, 0.4795001221869535,
        0.15729920705028513, 0.004677734981047266, 1.1372725656979665e-7, 2.1519736712498913e-17,
      ],
      tolerance: { value: 1e-14 },
    },
    {
      title: "far out",
      operands: [points([1e4, -1e30, 40])],
      order: 0,
      build: (x) => erfc(x),
      value: [0, 2, 0],
      gradients: [[0, 0, 0]],
    },
  ],
  erfinv: [
    {
      operands: [points([-0.99999, -0.9, -0.5, -1e-3, 1e-9, 0.25, 0.75, 0.99])],
      build: (x) => erfinv(x),
      value: [
        -3.123413274341571, -1.1630871536766743, -0.4769362762044699, -0.0008862271574665521,
        8.86226925452758e-10, 0.2253120550121781, 0.8134198475976185, 1.8213863677184494,
      ],
      order: 0,
      tolerance: { value: 1e-11 },
    },
    { operands: [float([5], -0.95, 0.95)], build: (x) => erfinv(x) },
    {
      title: "at the ends",
      operands: [points([1, -1, 0])],
      order: 0,
      build: (x) => erfinv(x),
      value: [infinity, -infinity, 0],
      gradients: [[infinity, infinity, Math.sqrt(Math.PI) / 2]],
    },
  ],
  lgamma: [
    {
      operands: [points([-2.5, -0.3, 0.1, 0.5, 1.4616321449683622, 3, 10, 100.5])],
      build: (x) => lgamma(x),
      value: [
        -0.056243716497674054,
        1.4648400508576025,
        2.252712651734206,
        0.5723649429247001,
        -0.12148629053584961,
        Math.LN2,
        12.801827480081469,
        361.4355404677776,
      ],
      tolerance: { difference: 1e-5 },
    },
  ],
  digamma: [
    {
      operands: [points(gammaPoints)],
      build: (x) => digamma(x),
      value: [
        1.103156640645243, 2.113309779635399, -10.423754940411076, -1.9635100260214235, -0.5772156649015329,
        0.9227843350984671, 2.251752589066721, 4.605174352581845,
      ],
      tolerance: { value: 1e-13, difference: 1e-5 },
    },
  ],
  polygamma: [
    {
      operands: [points(gammaPoints)],
      build: (x) => polygamma(x, 1),
      value: [
        9.539246644989124, 13.945160267805722, 101.43329915079275, 4.934802200544679, 1.6449340668482264,
        0.39493406684822646, 0.10516633568168575, 0.009999916669583104,
      ],
      tolerance: { value: 1e-13, difference: 1e-5 },
    },
    {
      operands: [points(gammaPoints)],
      build: (x) => polygamma(x, 2),
      value: [
        -0.1082040516417274, 67.63908119988317, -2001.8614573783436, -16.82879664423432, -2.4041138063191885,
        -0.15411380631918858, -0.011049834970802067, -9.999750014581719e-5,
      ],
      tolerance: { value: 1e-12, difference: 1e-4 },
    },
    {
      operands: [points(gammaPoints)],
      build: (x) => polygamma(x, 3),
      value: [
        194.74787621918762, 766.6198904191685, 60004.51287679026, 97.40909103400244, 6.493939402266829,
        0.11893940226682916, 0.0023199013042898686, 1.9999000087487087e-6,
      ],
      order: 1,
      tolerance: { value: 1e-12, difference: 1e-4 },
    },
  ],
} satisfies Cases;
